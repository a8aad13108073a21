"""What the query API answers: one Struct an answer, named as the question it answers.

Times are RFC 3339 UTC strings with milliseconds (spans: nanosecond integers beside them), durations say their
unit in their names, counts are numbers. Lists are `Page`s. These Structs make `contracts/openapi.json`.
"""

from typing import Any, Generic, Literal, TypeVar

import msgspec

Item = TypeVar("Item")

SpanKind = Literal["workflow", "agent", "llm", "tool", "task", "retrieval", "embedding", "span"]
"""The seven kinds of LLM Observability; `span` is any other span of a kept trace (HTTP, database…)."""

LinkSource = Literal["explicit", "baggage", "header", "trace", "evaluation", "claim", "time"]
"""How a session and a trace were joined, the surest first; `trace` is a page request's own trace id."""

ReplayFormat = Literal["rrweb", "datadog"]


class Page(msgspec.Struct, Generic[Item], kw_only=True):
    """A page of a list; `next_cursor` is null on the last one."""

    items: list[Item]
    next_cursor: str | None = None


class User(msgspec.Struct, kw_only=True):
    """The person, as the page (`usr`) or the agent (`user.id`) named them; all null for a visitor."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


class Tokens(msgspec.Struct, kw_only=True):
    """Tokens of leaf model spans. `cache_*` are subsets of `input`, `reasoning` of `output`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0
    total: int = 0


class Session(msgspec.Struct, kw_only=True):
    """One browser session with the totals of both its sides."""

    session_id: str
    application_id: str
    service: str
    env: str
    version: str
    user: User
    browser: str
    os: str
    device: str
    country: str
    first_seen: str
    last_seen: str
    duration_ms: int
    is_active: bool
    """Whether something of it arrived in the last 15 minutes (the idle limit of a session)."""
    views: int
    actions: int
    errors: int
    resources: int
    long_tasks: int
    answers: int
    frustrations: dict[str, int]
    """Count of events by kind: rage_click, dead_click, error_click."""
    first_view_url: str
    last_view_url: str
    has_replay: bool
    replay_ms: int
    """Length of what was recorded, gaps left out."""
    traces: int
    """LLM traces of the session (traces with a span of one of the seven kinds)."""
    tokens: Tokens
    cost_usd: float | None
    """Null when no model span of the session has a known price."""


class Event(msgspec.Struct, kw_only=True):
    """One RUM event of a session, in the words of its timeline; a view in its highest version."""

    event_id: str
    type: str
    ts: str
    """The sender's own time, never altered."""
    seen_at: str
    """`ts` on the server's clock, clamped to when it was received; lists and retention use it."""
    view_id: str
    view_url: str
    view_name: str
    name: str
    """For people: path of a view, name of an action, message of an error, URL of a resource."""
    duration_ms: float | None = None
    status_code: int | None = None
    method: str | None = None
    resource_type: str | None = None
    action_type: str | None = None
    frustrations: list[str] = []
    error_type: str | None = None
    error_stack: str | None = None
    trace_id: str | None = None
    tab_id: str | None = None
    document_version: int | None = None
    attributes: dict[str, Any] = {}
    """The event as it was sent, less what stands above: the raw line, decoded."""


class Clock(msgspec.Struct, kw_only=True):
    """How far the page's clock is off: server time = page time + `offset_ms`, within ± `error_ms`."""

    offset_ms: float
    error_ms: float | None
    """Null when one side only gave a bound (no request ties a resource to a server span)."""


class ReplaySegment(msgspec.Struct, kw_only=True):
    """One stored segment of a view's recording; times are the page's clock, epoch ms."""

    index: int
    start: int
    end: int
    records: int
    has_full_snapshot: bool
    """Whether the whole page stands somewhere in it: what follows it can be played from it on."""


class ReplayGap(msgspec.Struct, kw_only=True):
    """A missing run of segments: `from_index` to `to_index`, both missing."""

    from_index: int
    to_index: int
    reason: Literal["not_received"]


class ReplayView(msgspec.Struct, kw_only=True):
    """The recording of one view; a view is playable alone."""

    view_id: str
    view_url: str
    tab_id: str
    format: ReplayFormat
    start: int
    end: int
    segments: list[ReplaySegment]
    gaps: list[ReplayGap]


class Replay(msgspec.Struct, kw_only=True):
    """What there is to play of a session, in order of time."""

    session_id: str
    views: list[ReplayView]
    clock: Clock


class ReplayEvents(msgspec.Struct, kw_only=True):
    """rrweb events of a run of segments; `events` are passed through as recorded."""

    view_id: str
    from_index: int
    to_index: int
    events: list[dict[str, Any]]


class TraceSession(msgspec.Struct, kw_only=True):
    """A session that a trace belongs to."""

    session_id: str
    source: LinkSource
    exists: bool
    """Whether RUM of this session has arrived; without it the id is a conversation as far as we know."""
    has_replay: bool
    replay_at: int | None
    """Page-clock epoch ms at which the user asked: where the RUM Session link opens the replay."""
    view_id: str | None
    user: User


class TraceSummary(msgspec.Struct, kw_only=True):
    """One row of the trace list."""

    trace_id: str
    name: str
    """Of the first span of the seven kinds, the outermost; without one of the root, or of the first span
    while the root has not arrived. `kind` is of the same span."""
    kind: SpanKind
    start: str
    duration_ms: float
    is_complete: bool
    """Whether the root span has arrived."""
    status: Literal["ok", "error"]
    spans: int
    errors: int
    ml_app: str
    service: str
    models: list[str]
    input: str
    """First input of the trace, cut to 300 characters."""
    output: str
    """Last output of the trace, cut to 300 characters."""
    ttft_ms: float | None
    tokens: Tokens
    cost_usd: float | None
    user: User
    conversation_id: str | None
    session_ids: list[str]
    """Browser sessions known to exist that this trace belongs to."""


class MessagePart(msgspec.Struct, kw_only=True, omit_defaults=True):
    """One part of a message, after the GenAI semantic conventions' message schema."""

    type: str
    """text, reasoning, tool_call, tool_call_response, blob, file, uri or a sender's own."""
    content: str | None = None
    id: str | None = None
    name: str | None = None
    arguments: Any = None
    response: Any = None
    mime_type: str | None = None
    uri: str | None = None


class Message(msgspec.Struct, kw_only=True):
    """One message that went into or came out of a model."""

    role: str
    parts: list[MessagePart]
    name: str | None = None
    finish_reason: str | None = None


class Document(msgspec.Struct, kw_only=True):
    """One retrieved document."""

    id: str | None = None
    name: str | None = None
    text: str | None = None
    score: float | None = None


class SpanEvent(msgspec.Struct, kw_only=True):
    """An event on a span, such as an exception."""

    name: str
    time_ns: int
    attributes: dict[str, Any]


class SpanError(msgspec.Struct, kw_only=True):
    """Why a span failed."""

    type: str
    message: str
    stack: str | None = None


class Span(msgspec.Struct, kw_only=True):
    """One span of a trace, whole."""

    span_id: str
    parent_id: str | None
    trace_id: str
    name: str
    kind: SpanKind
    service: str
    ml_app: str
    start: str
    start_ns: int
    duration_ns: int
    status: Literal["ok", "error"]
    error: SpanError | None
    model: str
    provider: str
    tokens: Tokens | None
    """Null where the sender gave none."""
    cost_usd: float | None
    is_counted: bool
    """Whether its tokens and cost count in the trace's total: leaf model spans only, twins once."""
    ttft_ms: float | None
    session_id: str | None
    """What this span says of its session, if anything."""
    conversation_id: str | None
    user_id: str | None
    input_messages: list[Message]
    output_messages: list[Message]
    input: str | None
    """Input as text or JSON, where it is not messages."""
    output: str | None
    documents: list[Document]
    tool_definitions: list[dict[str, Any]]
    parameters: dict[str, Any]
    """Request parameters: temperature, max_tokens…"""
    metadata: dict[str, Any]
    metrics: dict[str, float]
    tags: dict[str, str]
    events: list[SpanEvent]
    attributes: dict[str, Any]
    """What has no field of its own."""


class Evaluation(msgspec.Struct, kw_only=True):
    """One judgement of a span, trace, session or turn."""

    evaluation_id: str
    label: str
    metric_type: Literal["categorical", "score", "boolean", "json", "text"]
    value: Any
    assessment: Literal["pass", "fail"] | None
    reasoning: str | None
    source: str
    """human, judge, code or behaviour."""
    submitter: str | None
    ts: str
    span_id: str | None
    """Of behaviour on a trace or turn: the model call whose answer it was."""
    trace_id: str | None
    session_id: str | None
    turn_id: str | None
    """As it was named: the answer's event id, or a trace id."""
    tags: dict[str, str]
    metadata: dict[str, Any]


class Trace(msgspec.Struct, kw_only=True):
    """One trace with all that is known of it."""

    trace_id: str
    name: str
    start: str
    start_ns: int
    duration_ms: float
    is_complete: bool
    status: Literal["ok", "error"]
    ml_app: str
    service: str
    models: list[str]
    tokens: Tokens
    cost_usd: float | None
    user: User
    conversation_id: str | None
    sessions: list[TraceSession]
    clock: Clock | None
    """The clock of the page that asked, when one is known."""
    spans: list[Span]
    evaluations: list[Evaluation]


class Health(msgspec.Struct, kw_only=True):
    """`GET /health`; `dropped` counts losses since start, by reason."""

    status: Literal["ok", "degraded"]
    version: str
    store: str
    dropped: dict[str, int]


class Me(msgspec.Struct, kw_only=True):
    """`GET /api/v1/me`: who is signed in, and the projects they may see."""

    projects: list[str]
    project: str
    public_url: str
    """Where the links and snippets of this server point."""
    version: str
