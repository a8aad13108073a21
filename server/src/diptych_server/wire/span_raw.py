"""`spans.raw`: what a span carries that has no column of its own, as one JSON object.

Written by the intake, read by the query side. An attribute that filled a column is not repeated; of several
names for one column, the one that won is gone and the others stay in `attributes`.
"""

from typing import Any

import msgspec


class RawEvent(msgspec.Struct, omit_defaults=True):
    """An event on a span, such as an exception (whose stack is `attributes["exception.stacktrace"]`)."""

    name: str
    time_ns: int
    attributes: dict[str, Any] = {}


class RawLink(msgspec.Struct, omit_defaults=True):
    """A link to another span; ids in lower hex."""

    trace_id: str
    span_id: str
    attributes: dict[str, Any] = {}


class RawDocument(msgspec.Struct, omit_defaults=True):
    """One retrieved document, whatever the sender called its fields."""

    id: str | None = None
    name: str | None = None
    text: str | None = None
    score: float | None = None
    metadata: Any = None


class SpanRaw(msgspec.Struct, omit_defaults=True, kw_only=True):
    """Empty parts are left out."""

    input_messages: bool = False
    """`spans.input` is a JSON array of messages of the GenAI message schema; else it is text."""
    output_messages: bool = False
    """The same of `spans.output`."""
    input_mime: str = ""
    """`application/json` where `spans.input` is JSON that is not messages."""
    output_mime: str = ""
    attributes: dict[str, Any] = {}
    events: list[RawEvent] = []
    links: list[RawLink] = []
    parameters: dict[str, Any] = {}
    """Request parameters without their prefix: temperature, max_tokens…"""
    metadata: dict[str, Any] = {}
    metrics: dict[str, Any] = {}
    """Numbers without a column: usage by modality, what the sender's metrics were."""
    documents: list[RawDocument] = []
    tool_definitions: list[Any] = []
    prompt: dict[str, Any] = {}
    """The prompt (id, version, template, variables) that the model span was made from."""
    resource: dict[str, Any] = {}
    """Attributes of the sender's process."""
    scope_version: str = ""
