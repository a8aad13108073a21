"""Shapes of ddtrace's evaluations and feedback: `{"data": {"attributes": {"metrics": [METRIC, …]}}}`."""

from typing import Any

import msgspec


class Tag(msgspec.Struct):
    """`join_on.tag`."""

    key: str
    value: str


class Span(msgspec.Struct):
    """`join_on.span`."""

    span_id: str
    trace_id: str


class JoinOn(msgspec.Struct):
    """What an evaluation judges."""

    span: Span | None = None
    tag: Tag | None = None


class Submitter(msgspec.Struct):
    """Who gave feedback."""

    id: str
    type: str | None = None


class Metric(msgspec.Struct, kw_only=True):
    """One evaluation, or one feedback (which names one target beside it); one of the values is set."""

    label: str
    metric_type: str
    event_kind: str = "evaluation"
    join_on: JoinOn | None = None
    eval_scope: str = "span"
    span_id: str | None = None
    trace_id: str | None = None
    session_id: str | None = None
    feedback_join_key: str | None = None
    submitter: Submitter | None = None
    categorical_value: Any = None
    score_value: Any = None
    boolean_value: Any = None
    json_value: Any = None
    text_value: Any = None
    timestamp_ms: int | None = None
    ml_app: str | None = None
    tags: list[str] | None = None
    assessment: str | None = None
    reasoning: str | None = None
    metadata: dict[str, Any] | None = None


class Attributes(msgspec.Struct):
    """`data.attributes`."""

    metrics: list[Any]


class Data(msgspec.Struct):
    """`data`."""

    attributes: Attributes


class EvaluationsBody(msgspec.Struct):
    """The whole body."""

    data: Data
