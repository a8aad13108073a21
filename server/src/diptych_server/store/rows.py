"""One NamedTuple a raw table: its fields are the table's columns, in their order.

The intake makes these rows, `Database.insert` turns many of them into columns. Times are integers (epoch ms,
or ns where the name says so), as the engine's Native format takes them. A test holds them against the tables.
"""

from typing import NamedTuple

LATEST_PRECEDENCE = 2**63 - 1
"""Rows of a public door have `first_wins(received_ms)`: the earliest delivery has the highest precedence."""


def first_wins(received_at_ms: int) -> int:
    """Precedence of a row from a client door: the first delivery of an id stays, whatever comes later."""
    return LATEST_PRECEDENCE - received_at_ms


def last_wins(received_at_ms: int) -> int:
    """Precedence of a row from a server door: the newest delivery of an id stays."""
    return received_at_ms


class RumEventRow(NamedTuple):
    """A row of `rum_events`."""

    project_id: str
    event_id: str
    precedence: int
    type: str
    ts: int
    seen_at: int
    received_at: int
    clock_offset_ms: int | None
    retention_days: int
    application_id: str
    session_id: str
    view_id: str
    tab_id: str = ""
    service: str = ""
    env: str = ""
    version: str = ""
    browser: str = ""
    os: str = ""
    device: str = ""
    country: str = ""
    user_id: str = ""
    user_name: str = ""
    user_email: str = ""
    view_url: str = ""
    view_name: str = ""
    document_version: int = 0
    name: str = ""
    duration_ns: int = 0
    action_type: str = ""
    frustrations: tuple[str, ...] = ()
    error_type: str = ""
    resource_type: str = ""
    method: str = ""
    status_code: int = 0
    trace_id: str = ""
    span_id: str = ""
    first_byte_ms: int | None = None
    first_paint_ms: int | None = None
    done_ms: int | None = None
    end_reason: str = ""
    reaction: str = ""
    raw: str = ""


class ReplaySegmentRow(NamedTuple):
    """A row of `replay_segments`; the bytes are in the blob store under `blob_key`."""

    project_id: str
    session_id: str
    view_id: str
    segment_index: int
    content_hash: str
    precedence: int
    seen_at: int
    received_at: int
    clock_offset_ms: int | None
    retention_days: int
    application_id: str
    tab_id: str
    start: int
    end: int
    records: int
    has_full_snapshot: int
    format: str
    bytes: int
    blob_key: str


class SpanRow(NamedTuple):
    """A row of `spans`."""

    project_id: str
    trace_id: str
    span_id: str
    parent_id: str
    precedence: int
    start_ns: int
    duration_ns: int
    seen_at: int
    received_at: int
    retention_days: int
    name: str
    kind: str = "span"
    scope: str = ""
    service: str = ""
    ml_app: str = ""
    status: str = "ok"
    error_type: str = ""
    error_message: str = ""
    model: str = ""
    provider: str = ""
    has_usage: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0
    cost_usd: float | None = None
    ttft_ms: float | None = None
    session_id: str = ""
    session_source: str = ""
    session_claim: str = ""
    conversation_id: str = ""
    user_id: str = ""
    input: str = ""
    output: str = ""
    input_preview: str = ""
    output_preview: str = ""
    tags: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never written to
    raw: str = "{}"


class SpanMessagesRow(NamedTuple):
    """A row of `span_messages`."""

    project_id: str
    trace_id: str
    span_id: str
    record_id: str
    precedence: int
    time_ns: int
    seen_at: int
    received_at: int
    retention_days: int
    event_name: str
    input: str = ""
    output: str = ""


class EvaluationRow(NamedTuple):
    """A row of `evaluations`."""

    project_id: str
    evaluation_id: str
    precedence: int
    ts: int
    seen_at: int
    received_at: int
    retention_days: int
    label: str
    metric_type: str
    value: str
    score: float | None = None
    assessment: str = ""
    reasoning: str = ""
    source: str = ""
    submitter: str = ""
    trace_id: str = ""
    span_id: str = ""
    session_id: str = ""
    turn_id: str = ""
    join_tag_key: str = ""
    join_tag_value: str = ""
    feedback_key: str = ""
    tags: dict[str, str] = {}  # noqa: RUF012 - a NamedTuple's default, never written to
    metadata: str = "{}"


Row = RumEventRow | ReplaySegmentRow | SpanRow | SpanMessagesRow | EvaluationRow

TABLES: dict[type[Row], str] = {
    RumEventRow: "rum_events",
    ReplaySegmentRow: "replay_segments",
    SpanRow: "spans",
    SpanMessagesRow: "span_messages",
    EvaluationRow: "evaluations",
}
"""The table of each row."""
