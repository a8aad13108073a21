"""What happened, before anything was sent: people on pages, agents that answered them, judgements of both.

Times are milliseconds since the scenario began, on a true clock; a page whose clock is off writes them with
its `skew_ms`. The payloads' files turn this into what clients send, the models' into what the API answers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

SpanKind = Literal["workflow", "agent", "llm", "tool", "task", "retrieval", "embedding", "span"]
SessionSource = Literal["explicit", "baggage", "header", "trace"]
MetricType = Literal["categorical", "score", "boolean", "json", "text"]


@dataclass(frozen=True)
class User:
    """Who the page says is there."""

    id: str
    name: str = ""
    email: str = ""


@dataclass(frozen=True)
class TraceRef:
    """The trace and span that a page's request was the parent of, as its `traceparent` said."""

    trace_id: str
    span_id: str


@dataclass(frozen=True)
class Action:
    """A click, or an action of the application's own."""

    id: str
    at_ms: int
    kind: str
    target: str
    frustrations: tuple[str, ...] = ()
    loading_ms: int | None = None


@dataclass(frozen=True)
class PageError:
    """An error on the page."""

    id: str
    at_ms: int
    message: str
    kind: str
    stack: str | None


@dataclass(frozen=True)
class Resource:
    """A request of the page."""

    id: str
    at_ms: int
    kind: str
    method: str
    url: str
    status_code: int
    duration_ms: int
    trace: TraceRef | None = None


@dataclass(frozen=True)
class LongTask:
    """The page did not answer for a while."""

    id: str
    at_ms: int
    duration_ms: int


@dataclass(frozen=True)
class Vital:
    """A custom duration."""

    id: str
    at_ms: int
    name: str
    duration_ms: int


@dataclass(frozen=True)
class Answer:
    """An AI answer as the browser felt it."""

    id: str
    at_ms: int
    url: str
    question: str | None
    first_byte_ms: int
    first_paint_ms: int | None
    done_ms: int
    end_reason: str
    trace: TraceRef | None = None


REACTED_AFTER_MS = 1_500
CONFIDENCE = 0.75


@dataclass(frozen=True)
class Reaction:
    """What the person did with an answer."""

    id: str
    at_ms: int
    kind: str
    answer_id: str
    trace_id: str | None


PageEvent = Action | PageError | Resource | LongTask | Vital | Answer | Reaction


@dataclass(frozen=True)
class ViewVersion:
    """A view as the page knew it at some moment; the highest number is the view."""

    number: int
    time_spent_ms: int
    name: str | None
    has_user: bool
    """The first versions of a page's first view are sent before it knows who is there."""


@dataclass(frozen=True)
class Segment:
    """A part of a view's recording; one text a recorded event."""

    index: int
    start_ms: int
    end_ms: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class View:
    """One page seen, with what happened on it."""

    id: str
    url: str
    at_ms: int
    versions: tuple[ViewVersion, ...]
    events: tuple[PageEvent, ...]
    segments: tuple[Segment, ...]


@dataclass(frozen=True)
class Tab:
    """A tab of the browser."""

    id: str
    views: tuple[View, ...]


@dataclass(frozen=True)
class Session:
    """One visit of a person."""

    id: str
    application_id: str
    service: str
    env: str
    version: str
    user: User | None
    skew_ms: int
    """What the page's clock shows, minus the true time."""
    tabs: tuple[Tab, ...]

    def views(self) -> Iterator[tuple[Tab, View]]:
        """Give every view with its tab."""
        for tab in self.tabs:
            for view in tab.views:
                yield tab, view

    def events(self) -> Iterator[tuple[Tab, View, PageEvent]]:
        """Give every event but the views themselves."""
        for tab, view in self.views():
            for event in view.events:
                yield tab, view, event


@dataclass(frozen=True)
class Usage:
    """Tokens of one model call. `cache_*` are subsets of `input`, `reasoning` of `output`."""

    input: int
    output: int
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0


@dataclass(frozen=True)
class SaidSession:
    """A browser session that a span names for sure, and how its sender learnt it."""

    session_id: str
    source: SessionSource


@dataclass(frozen=True)
class Span:
    """One step of an agent."""

    id: str
    parent_id: str | None
    name: str
    kind: SpanKind
    start_us: int
    """Microseconds since the scenario began."""
    duration_us: int
    model: str = ""
    provider: str = ""
    usage: Usage | None = None
    asked: str | None = None
    """Text of the input; a user's message where the span is a model call."""
    answered: str | None = None
    error: tuple[str, str] | None = None
    """Type and message."""
    session: SaidSession | None = None
    claim: str | None = None
    """What the sender calls `session.id`: a browser session, or a conversation."""
    conversation_id: str | None = None
    user_id: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str | int | bool] = field(default_factory=dict)
    scope: str = "holds"
    ttft_ms: int | None = None


@dataclass(frozen=True)
class Trace:
    """One run of an agent, in a tree."""

    id: str
    service: str
    ml_app: str
    spans: tuple[Span, ...]
    claim: str | None = None
    """What the sending process calls `session.id`, for all its spans that say nothing themselves."""
    remote_parent_id: str | None = None
    """The page's span, where the page's request began this trace: no span of ours has this id."""

    def claim_of(self, span: Span) -> str | None:
        """Give what is claimed to be the session of a span: by itself, by a tag, or by its process."""
        return span.claim or span.tags.get("session_id") or self.claim


@dataclass(frozen=True)
class Evaluation:
    """One judgement, joined by what is set; of several with one id the latest is the verdict."""

    id: str
    label: str
    metric_type: MetricType
    value: object
    at_ms: int
    trace_id: str | None = None
    span_id: str | None = None
    session_id: str | None = None
    turn_id: str | None = None
    """Id of an answer, or of the trace that it became."""
    tag: tuple[str, str] | None = None
    """Of the spans that are meant."""
    feedback_key: str | None = None
    """Any key that the application put on the spans that are meant, as the tag `feedback_key`."""
    assessment: Literal["pass", "fail"] | None = None
    reasoning: str | None = None
    source: str | None = None
    submitter: str | None = None
    tags: dict[str, str] = field(default_factory=dict)
    metadata: dict[str, str | int | float | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Scenario:
    """All that happened in one project."""

    sessions: tuple[Session, ...]
    traces: tuple[Trace, ...]
    evaluations: tuple[Evaluation, ...]
