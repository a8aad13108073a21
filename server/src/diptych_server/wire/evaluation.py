"""Body of `/v1/evaluations`: judgements of spans, traces, sessions, turns, or of what a tag or key names."""

from typing import Annotated, Any, Literal

import msgspec

from diptych_server.wire.rum import MAX_DATE_MS, Id

MetricType = Literal["categorical", "score", "boolean", "json", "text"]

EVALUATION_SOURCES = ("human", "judge", "code", "behaviour")
"""Who judged: a person, a model, a program, or what the user did next."""

Source = Literal["human", "judge", "code", "behaviour"]

Label = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]

SpanId = Annotated[str, msgspec.Meta(min_length=1, max_length=32)]


class SpanKey(msgspec.Struct, kw_only=True):
    """A span, by the ids of its sender."""

    span_id: SpanId
    trace_id: Id | None = None
    """Without it the span is found by its own id."""


class TagKey(msgspec.Struct, kw_only=True):
    """All spans with this tag."""

    key: Id
    value: str


class JoinOn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is judged; one is needed. A session beside a span or trace says that they belong together."""

    span: SpanKey | None = None
    trace: Id | None = None
    session: Id | None = None
    turn: Id | None = None
    """An answer's event id, or the trace id of a turn without an answer."""
    tag: TagKey | None = None
    feedback_key: Id | None = None
    """Any key that the application put on its spans as the tag `feedback_key`."""


class Submitter(msgspec.Struct, kw_only=True):
    """Who submitted it."""

    id: str
    type: str | None = None


class EvaluationItem(msgspec.Struct, kw_only=True):
    """One judgement."""

    label: Label
    """Name of the measure: `faithfulness`, `thumbs`."""
    metric_type: MetricType
    value: Any
    """A string (categorical, text), number (score), boolean, or any JSON (json)."""
    join_on: JoinOn
    evaluation_id: Id | None = None
    """Names it for ever. Without one, label, what is judged and who judged name it, and a later verdict of
    the same judge takes the place of an earlier one."""
    assessment: Literal["pass", "fail"] | None = None
    reasoning: str | None = None
    source: Source | None = None
    """`code` where a server sends none; `human` from a page, always."""
    submitter: str | Submitter | None = None
    timestamp_ms: Annotated[int, msgspec.Meta(ge=0, le=MAX_DATE_MS)] | None = None
    tags: dict[str, str | int | float | bool] | list[str] | None = None
    """An object, or a list of `key:value`."""
    metadata: dict[str, Any] | None = None


class EvaluationsRequest(msgspec.Struct, kw_only=True):
    """The whole body; each item is decoded alone, so that a bad one costs no other anything."""

    evaluations: list[msgspec.Raw]


class LooseEvaluationsRequest(msgspec.Struct, kw_only=True):
    """As `EvaluationsRequest`, of a body in which something is no JSON."""

    evaluations: list[Any]
