"""Shapes of ddtrace's spans, as far as the intake reads them.

    ApmSpan    `/v0.4/traces`, msgpack; an LLM Observability span carries its event in `meta_struct._llmobs`,
               msgpack again, without what the outer span says
    LlmEvent   `/api/v2/llmobs`, JSON; the same event, whole

The event's free parts are `Any`: what a program annotated is kept whatever it is.
"""

from typing import Annotated, Any

import msgspec

UnsignedId = Annotated[int, msgspec.Meta(ge=0)]
"""64 bits; the encoding has no larger one."""


class ApmSpan(msgspec.Struct, kw_only=True):
    """One span of a chunk; ids are 64 bits, the upper half of the trace id is `meta["_dd.p.tid"]`."""

    name: str | None = None
    service: str | None = None
    type: str | None = None
    trace_id: UnsignedId
    span_id: UnsignedId
    start: int
    duration: int = 0
    error: int | None = 0
    meta: dict[str, str] | None = None
    meta_struct: dict[str, bytes] | None = None


class SpanKind(msgspec.Struct):
    """`meta.span`."""

    kind: str | None = None


class ErrorInfo(msgspec.Struct):
    """`meta.error`."""

    message: Any = None
    type: Any = None
    stack: Any = None


class Meta(msgspec.Struct, kw_only=True):
    """`meta`; keys with a dot are how older clients wrote theirs."""

    span: SpanKind | None = None
    span_kind: str | None = msgspec.field(default=None, name="span.kind")
    input: Any = None
    output: Any = None
    metadata: Any = None
    model_name: Any = None
    model_provider: Any = None
    error: ErrorInfo | None = None
    tool_definitions: Any = None
    agent_attribution: Any = None
    intent: Any = None
    expected_output: Any = None
    tool: Any = None


class Internal(msgspec.Struct):
    """`_dd`."""

    apm_trace_id: Any = None
    sampling_decision: Any = None


class LlmEvent(msgspec.Struct, kw_only=True):
    """One LLM Observability span."""

    trace_id: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    span_id: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    """Decimal digits of 64 bits."""
    parent_id: str | None = None
    """`undefined` on a root."""
    session_id: Any = None
    """A string, or the number that the program passed."""
    name: str = ""
    start_ns: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
    duration: int = 0
    """Nanoseconds."""
    status: str = "ok"
    ml_app: str | None = None
    service: str | None = None
    tags: list[str] | dict[str, Any] | None = None
    metrics: dict[str, Any] | None = None
    meta: Meta
    internal: Internal | None = msgspec.field(default=None, name="_dd")
    span_links: Any = None
    collection_errors: Any = None
    config: Any = None


class Envelope(msgspec.Struct):
    """One item of the array that `/api/v2/llmobs` takes."""

    spans: list[Any] = []
