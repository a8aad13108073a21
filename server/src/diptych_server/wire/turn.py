"""A turn: one question of a person and the answer to it, from both sides, as `GET /api/v1/turns` tells it.

A turn is an answer (what the page saw) with its trace (what the agent did), or either alone.
"""

from typing import Literal

import msgspec

from diptych_server.wire.answers import Evaluation, Tokens, User

TurnMatch = Literal["trace", "time"]
"""How the two halves were joined: by the trace id that the page sent, or by session and overlap in time."""

EndReason = Literal["done", "stopped", "network", "hidden", "error"]

ReactionKind = Literal[
    "copy", "retry", "rephrase", "stop", "thumbs_up", "thumbs_down", "edit", "rage_click", "leave"
]


class Stall(msgspec.Struct, kw_only=True):
    """A pause of a second or more in a streamed answer."""

    start_ms: float
    """After the question was asked."""
    duration_ms: float


class FeltAnswer(msgspec.Struct, kw_only=True):
    """The page's half: the answer as the person felt it. `*_ms` count from the moment of asking."""

    answer_id: str
    asked_ms: int
    """When it was asked: page clock, epoch ms; where a replay is opened."""
    view_id: str
    view_url: str
    tab_id: str | None
    url: str
    """Where the page asked."""
    first_byte_ms: float | None
    first_word_ms: float | None
    """First painted words; null when none were seen to be painted."""
    done_ms: float | None
    end_reason: EndReason | None
    stalls: list[Stall]


class ServedAnswer(msgspec.Struct, kw_only=True):
    """The agent's half: the trace that made the answer."""

    trace_id: str
    name: str
    start_ns: int
    """Server clock, epoch ns."""
    duration_ms: float
    ttft_ms: float | None
    """From the start of the trace to its first token."""
    is_complete: bool
    status: Literal["ok", "error"]
    ml_app: str
    models: list[str]
    prompt: str | None
    """Name and version of the prompt, where a span tells them."""
    tokens: Tokens
    cost_usd: float | None


class Gap(msgspec.Struct, kw_only=True):
    """Where the time between the server's first token and the first painted word went.

    Each is null where the data does not allow it: `network_ms` needs a request that ties both clocks.
    """

    request_ms: float | None
    """From asking until the agent's trace began."""
    proxy_ms: float | None
    """From the agent's first token until the page's first byte, less what the network needs."""
    rendering_ms: float | None
    """From the page's first byte to the first painted word."""


class Reaction(msgspec.Struct, kw_only=True):
    """What the person did with the answer."""

    kind: ReactionKind
    at_ms: int
    """Page clock, epoch ms."""
    after_ms: float | None
    """After the answer ended."""
    confidence: float | None
    """0 to 1: how surely it speaks of the answer, by the documented rule of its kind."""
    source: Literal["behaviour", "human"]


class Turn(msgspec.Struct, kw_only=True):
    """One question and its answer, with what is known of both sides."""

    turn_id: str
    """The answer's event id, or the trace id of a trace without an answer; both resolve for ever."""
    asked_at: str
    """Server clock."""
    session_id: str | None
    conversation_id: str | None
    has_replay: bool
    user: User
    question: str
    """As the agent received it, else as the page sent it; cut to 300 characters. Empty when not recorded."""
    answer: str
    match: TurnMatch | None
    """Null when one half is missing."""
    felt: FeltAnswer | None
    served: ServedAnswer | None
    gap: Gap | None
    reactions: list[Reaction]
    evaluations: list[Evaluation]
