"""What the server knows about why a session and LLM traces are, or are not, joined."""

import msgspec


class LinkCheck(msgspec.Struct, kw_only=True):
    """Counts and examples, from both sides, about one session id; the reader draws the conclusion."""

    session_exists: bool
    """Whether RUM of it is stored."""
    linked_traces: int
    """LLM traces of the session, however they are joined."""
    answers: int
    """Answers of an agent that the page saw arrive."""
    requests: int
    """The page's fetch and XHR requests and its answers."""
    traced_requests: int
    """Those of them that carried a trace id."""
    untraced_origins: list[str]
    """Where requests without a trace id went, the most used first; five at most."""
    failed_requests: int
    """Requests that no answer came to (status 0): refused by CORS, blocked, or no network."""
    unseen_trace_id: str | None
    """A trace id that the page sent and that no span here has."""
    unseen_traces: int
    """How many such there are, of the latest 200."""
    traces_without_llm: int
    """Traces of the page's ids whose spans are here, but none of them is of an agent, a model or a tool."""
    homeless_traces: int
    """LLM traces that began while the session went on and name no session at all; 100 at most."""
    homeless_trace_id: str | None
    """One of them."""
    project_has_traces: bool
    """Whether any LLM trace is stored."""
    project_has_sessions: bool
    """Whether any browser session is stored."""
    named_at: str | None
    """For an id without RUM: when a trace last named it."""
    named_by: list[str]
    """For an id without RUM: how traces came to name it (`explicit`, `baggage`, `header`…)."""
    sessions_around: int
    """For an id without RUM: sessions that were going on within ten minutes of `named_at`; 100 at most."""
    session_sample_rate: float | None
    """Share of sessions that the project's pages record, 0 to 100, as the latest view said it."""
