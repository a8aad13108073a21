"""Which browser session and which user a span belongs to.

    explicit   said on the span itself: session_id=, annotate(span, tags={"session_id": …})
    parent     … or on the nearest local ancestor that says it
    request    annotate() with no active span: this context and what is started from it
    remote     the page's or the caller's headers: baggage, dip-session
    trace      any other span of the same request or local trace said it

The first that knows an id wins. It is looked up when a span leaves the process, never copied when the span
starts: that is how an id that is annotated late reaches siblings, tasks and threads whose context was copied
before.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from sys import getsizeof
from typing import TYPE_CHECKING

from ._text import held_bytes

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span
    from opentelemetry.util.types import AttributeValue

    from ._outgoing import Outgoing

_REMEMBERED_SPANS = 20_000
"""How many ended spans are remembered, so that a task that outlives its parent still finds its request."""

_MAX_OPEN_SPANS = 100_000
"""Beyond this the oldest open spans are forgotten: spans that are never ended must not eat the memory."""

MAX_ID_CHARACTERS = 128
"""The longest id that the server takes."""


class Unit:
    """What happens for one request (or, outside a request, in one local trace).

    Mutable and shared on purpose: every span of the unit, in whatever task or thread, refers to the same one.
    """

    __slots__ = ("held", "is_kept", "is_llm", "open_spans", "session_id", "user_id")

    def __init__(self) -> None:
        self.session_id: str | None = None
        self.user_id: str | None = None
        self.is_llm = False
        """Whether a span of LLM Observability has been seen; until then the unit's spans are held."""
        self.held: list[Outgoing] = []
        self.open_spans = 0
        """How many local spans are open; counted only while the unit may hold spans."""
        self.is_kept = True
        """False while sampling has chosen against the unit and no error has been seen in it."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a context knows about the request it serves; replaced, never changed, so contexts cannot mix."""

    unit: Unit | None = None
    """Set where the bounds of the request are known (middleware, activated headers)."""

    session_id: str | None = None
    user_id: str | None = None
    remote_session_id: str | None = None
    remote_source: str = "baggage"
    remote_user_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    """Added to each LLM span that starts in this context (`annotation_context`)."""
    prompt: str | None = None
    """JSON of the prompt that LLM spans started in this context were made from."""
    name: str | None = None
    """Name for the LLM spans that start in this context."""
    agent: Mapping[str, AttributeValue] = field(default_factory=dict)
    """Attributes of the agent spans that start in this context."""

    def saying(self, session_id: str | None, user_id: str | None, tags: Mapping[str, str]) -> Request:
        """The same request with what was annotated in it."""
        return replace(
            self,
            session_id=session_id or self.session_id,
            user_id=user_id or self.user_id,
            tags={**self.tags, **tags},
        )

    def adding(
        self,
        tags: Mapping[str, str],
        prompt: str | None,
        name: str | None,
        agent: Mapping[str, AttributeValue],
    ) -> Request:
        """The same request with what an `annotation_context` adds to its spans."""
        return replace(
            self,
            tags={**self.tags, **tags},
            prompt=prompt or self.prompt,
            name=name or self.name,
            agent={**self.agent, **agent},
        )


class Said:
    """What was said of a span besides the attributes on it; leaves with the span."""

    __slots__ = ("attributes", "metadata", "metrics", "prompt", "tags")

    def __init__(self) -> None:
        self.attributes: dict[str, AttributeValue] | None = None
        """Those that nobody but us reads: OpenTelemetry need not check and copy them. None: on the span."""
        self.tags: dict[str, str] | None = None
        self.metadata: dict[str, str] | None = None
        """Key to JSON text, so that what the host changes later does not change what it annotated."""
        self.metrics: dict[str, float] | None = None
        self.prompt: str | None = None
        """JSON."""

    def size_bytes(self) -> int:
        """About how much memory it takes."""
        size_bytes = held_bytes((self.attributes or {}).values())
        for named in (self.tags, self.metadata):
            if named:
                size_bytes += held_bytes(named) + held_bytes(named.values())
        if self.metrics:
            size_bytes += held_bytes(self.metrics)
        return size_bytes if self.prompt is None else size_bytes + getsizeof(self.prompt)


class Node:
    """One span and its place; outlives the span a little, for what is started below it."""

    __slots__ = (
        "facts",
        "inner",
        "is_counted",
        "is_model_call",
        "kind",
        "ml_app",
        "outer",
        "outer_id",
        "parent",
        "request",
        "said",
        "session_id",
        "span",
        "unit",
        "user_id",
    )

    def __init__(self, span: Span | None, parent: Node | None, request: Request | None, unit: Unit) -> None:
        self.span = span
        """The span while it is open; None once it has ended, and for a parent that began before `enable`."""
        self.parent = parent
        self.request = request
        """That of the context it started in; one inside it may be known to a span around this one only."""
        self.unit = unit
        self.session_id: str | None = None
        self.user_id: str | None = None
        self.kind: str | None = None
        """One of the seven kinds for the spans that `LLMObs` started, else None."""
        self.is_counted = False
        """Whether the span is among its unit's `open_spans`."""
        self.is_model_call = False
        """Whether the span is a request to a model's vendor, who must not be told sessions and users."""
        self.ml_app: str | None = None
        self.said: Said | None = None
        self.outer: Node | None = None
        """The span that is sent in place of this one, where both are of one model call (`_twins`)."""
        self.outer_id = 0
        """Its span id."""
        self.inner: Node | None = None
        """The span in place of which this one is sent."""
        self.facts: dict[str, object] | None = None
        """What a span that is not sent knew of the call."""

    def notes(self) -> Said:
        """Where annotations are noted."""
        if self.said is None:
            self.said = Said()
        return self.said

    def write(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Writes attributes on the open span, or beside it."""
        said = self.said
        if said is not None and said.attributes is not None:
            said.attributes.update(attributes)
        elif self.span is not None:
            self.span.set_attributes(attributes)

    def say(self, session_id: str | None, user_id: str | None) -> None:
        """Notes ids that were said on this very span."""
        unit = self.unit
        if session_id:
            if unit.session_id is None or unit.session_id == self.session_id:
                unit.session_id = session_id
            self.session_id = session_id
        if user_id:
            if unit.user_id is None or unit.user_id == self.user_id:
                unit.user_id = user_id
            self.user_id = user_id

    def session(self) -> tuple[str, str] | None:
        """The session id and how it is known (one of `SESSION_SOURCES`), or None."""
        node: Node | None = self
        while node is not None:
            if node.session_id is not None:
                return node.session_id, "explicit"
            node = node.parent
        node = self
        while node is not None:  # a request may come inside another, MCP's inside HTTP's: see `Node.request`
            request = node.request
            if request is not None:
                if request.session_id is not None:
                    return request.session_id, "explicit"
                if request.remote_session_id is not None:
                    return request.remote_session_id, request.remote_source
            node = node.parent
        if self.unit.session_id is not None:
            return self.unit.session_id, "trace"
        return None

    def user(self) -> str | None:
        """The user id, by the same precedence, or None."""
        node: Node | None = self
        while node is not None:
            if node.user_id is not None:
                return node.user_id
            node = node.parent
        node = self
        while node is not None:
            request = node.request
            if request is not None and (user_id := request.user_id or request.remote_user_id) is not None:
                return user_id
            node = node.parent
        return self.unit.user_id


class Nodes:
    """The open spans of this process, and the ended ones of the last moments, by span id."""

    def __init__(self, remembered: int = _REMEMBERED_SPANS) -> None:
        self._nodes: dict[int, Node] = {}
        self._ended: deque[int] = deque()
        self._remembered = remembered
        self._most_nodes = remembered + _MAX_OPEN_SPANS

    def get(self, span_id: int) -> Node | None:
        """The span's node, or None for a span that is unknown or long gone."""
        return self._nodes.get(span_id)

    def start(self, span_id: int, node: Node) -> None:
        """A span starts."""
        self._nodes[span_id] = node
        if len(self._nodes) > self._most_nodes:  # spans that nobody ended
            with contextlib.suppress(RuntimeError, StopIteration):  # another thread changed it meanwhile
                self._nodes.pop(next(iter(self._nodes)), None)

    def adopt(self, span_id: int, request: Request | None) -> Node:
        """A stand-in for a local parent that began before `enable`."""
        unit = request.unit if request is not None and request.unit is not None else Unit()
        node = Node(None, None, request, unit)
        node = self._nodes.setdefault(span_id, node)
        self._remember(span_id)
        return node

    def end(self, span_id: int) -> Node | None:
        """A span ends; its node, which stays known for a while."""
        node = self._nodes.get(span_id)
        if node is not None:
            node.span = None
            self._remember(span_id)
        return node

    def _remember(self, span_id: int) -> None:
        # No lock: each of these calls is atomic, and one span more or less does not matter.
        self._ended.append(span_id)
        if len(self._ended) > self._remembered:
            self._nodes.pop(self._ended.popleft(), None)


def clean_id(given: object) -> str | None:
    """An id as a string of at most `MAX_ID_CHARACTERS`; None for nothing at all.

    Numbers become strings. An id longer than that is no id that the server would take: it is cut.
    """
    if given is None or given == "" or isinstance(given, bool):
        return None
    text = str(given).strip()
    return text[:MAX_ID_CHARACTERS] or None
