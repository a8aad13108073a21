"""One model call, several spans: where instrumentations meet, only the outermost span of a call is sent.

    an agent framework's span          LangChain, Pydantic AI, OpenAI Agents, …
      the client's instrumentation     OpenLLMetry's of anthropic, openai, …
        the client library's own       `anthropic` 2.x emits one in every call (`com.anthropic.sdk.python`)

A backend that adds spans up would count the call two or three times. So what an inner span knows better
(first chunk, exact tokens, the vendor's status) is written on the outer one, and the inner one is not sent.
An inner span is a child of the outer one, or, where the outer one is not the current span, a sibling that
starts while it is open. What `LLMObs.llm` started is a call of its own: only the library's span is one of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import SpanKind, get_current_span

from ._correlation import Node, Unit

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from ._correlation import Nodes

MODEL_OPERATIONS = frozenset({"chat", "text_completion", "generate_content", "embeddings"})

LIBRARY_SCOPES = ("com.anthropic.sdk.python",)
"""Scopes of client libraries that emit spans of their own; those of its clients for platforms begin so."""

FIRST_CHUNK = "gen_ai.response.time_to_first_chunk"
"""Seconds, by the GenAI conventions."""

CHUNK_EVENTS = frozenset({"gen_ai.content.completion.chunk", "llm.content.completion.chunk"})
"""OpenLLMetry writes one a chunk of a stream, with nothing in it but its time: they are not sent."""

_NS_PER_S = 1_000_000_000

_USAGE = "gen_ai.usage."
_INPUT, _OUTPUT, _TOTAL = f"{_USAGE}input_tokens", f"{_USAGE}output_tokens", f"{_USAGE}total_tokens"

_NAMES = {f"{_USAGE}cache_write.input_tokens": f"{_USAGE}cache_creation.input_tokens"}
"""The library's names for what the GenAI conventions name otherwise."""

_RESPONSE_ID = "gen_ai.response.id"

_calls: ContextVar[tuple[Node, ...]] = ContextVar("diptych-model-calls", default=())
"""Open spans of instrumentations that were started in this context and may be model calls, newest last."""


def started(node: Node, span: Span) -> None:
    """Finds the span of the same call that is open already, if there is one."""
    if not (node.is_model_call or span.kind is SpanKind.CLIENT):
        return
    is_library = is_library_span(span)
    if node.is_model_call:
        _join(node, _outer_of(node, is_library))
    if not is_library:
        _calls.set((*(call for call in _calls.get() if call.span is not None), node))


def is_library_span(span: Span | ReadableSpan) -> bool:
    """Whether a client library emitted the span by itself."""
    scope = span.instrumentation_scope
    return scope is not None and scope.name.startswith(LIBRARY_SCOPES)


def inside_call(attributes: Mapping[str, Any], context: Context | None, nodes: Nodes) -> Node | None:
    """A place for what a library knows of a model call whose span is open; None where there is none."""
    if attributes.get("gen_ai.operation.name") not in MODEL_OPERATIONS:
        return None
    parent = nodes.get(get_current_span(context).get_span_context().span_id)
    node = Node(None, parent, None, Unit() if parent is None else parent.unit)
    _join(node, _outer_of(node, is_library=True))
    return node


def ended(node: Node, span: ReadableSpan) -> bool:
    """Whether another span tells of the call that this one was for; that one gets its facts."""
    is_library = is_library_span(span)
    if not is_library and is_model_call(node, span):
        _exchange(node, span)
        if node.outer is None:
            _join(node, _outer_of(node, is_library))  # an instrumentation that said late what its span is
    if node.outer is None:
        return False
    facts = copy_attributes(span) | first_chunk(span.events, span.start_time or 0)
    if node.inner is not None and node.inner.facts:
        _add(facts, node.inner.facts, is_exact=True)
    node.facts = facts
    return True


def is_model_call(node: Node, span: Span | ReadableSpan) -> bool:
    """Whether the span is a model call; some instrumentations say so only after its start."""
    if not node.is_model_call and node.kind is None:
        node.is_model_call = (span.attributes or {}).get("gen_ai.operation.name") in MODEL_OPERATIONS
    return node.is_model_call


def add_facts(attributes: dict[str, Any], call: Node) -> None:
    """Writes on the attributes of a call what the spans inside it knew of it."""
    facts = None if call.inner is None else call.inner.facts
    if facts:
        _add(attributes, facts, is_exact=call.kind is None)


def first_chunk(events: Any, start_ns: int) -> dict[str, float]:
    """The time to the first chunk of an answer, where the instrumentation wrote only an event for each."""
    for event in events:
        if event.name in CHUNK_EVENTS:
            return {FIRST_CHUNK: (event.timestamp - start_ns) / _NS_PER_S}
    return {}


def copy_attributes(span: ReadableSpan) -> dict[str, Any]:
    """The attributes of a span as a dict of one's own."""
    # A span's attributes are read-only views whose items cost a microsecond each; their copy is one C call.
    attributes: Any = span.attributes
    copied: dict[str, Any] = attributes.copy() if hasattr(attributes, "copy") else dict(attributes or {})
    return copied


def sent_parent_id(parent: Node | None, parent_id: int) -> int:
    """The span id to send as that of a parent, which may be one that is not sent itself."""
    while parent is not None and parent.outer is not None:
        parent_id = parent.outer_id
        parent = parent.outer
    return parent_id


def _join(node: Node, outer: Node | None) -> None:
    if outer is not None and outer.span is not None:
        outer.inner = node
        node.outer = outer
        node.outer_id = outer.span.get_span_context().span_id


def _add(attributes: dict[str, Any], facts: Mapping[str, Any], is_exact: bool) -> None:
    """Adds what is not said yet; and tokens where none were seen, or where the facts are the exact ones.

    An instrumentation of streams adds the first event's count of output tokens to the last one's, which
    includes it (46 for 45); another sees no input tokens at all in a stream.
    """
    for key, value in facts.items():
        attributes.setdefault(_NAMES.get(key, key), value)
    if not is_exact:
        return
    for key in (_INPUT, _OUTPUT):
        if facts.get(key):
            attributes[key] = facts[key]
    if _TOTAL in attributes:
        attributes[_TOTAL] = attributes.get(_INPUT, 0) + attributes.get(_OUTPUT, 0)


def _outer_of(node: Node, is_library: bool) -> Node | None:
    """The call that a span belongs to: a sibling started just before, or the span around it."""
    if is_library:
        for call in reversed(_calls.get()):
            if call.parent is node.parent and _is_waiting(call):
                return call
    parent = node.parent
    if parent is None or not _is_waiting(parent) or (parent.kind is not None and not is_library):
        return None
    return parent


def _exchange(node: Node, span: ReadableSpan) -> None:
    """Sets right what was paired crosswise: streams may be opened in another order than asked for."""
    response_id, context = (span.attributes or {}).get(_RESPONSE_ID), span.get_span_context()
    if response_id is None or context is None or _response_id_inside(node) == response_id:
        return
    for other in _calls.get():
        if other is not node and _response_id_inside(other) == response_id:
            mine, its = node.inner, other.inner
            node.inner, other.inner = its, mine
            if mine is not None and its is not None:
                mine.outer, mine.outer_id = other, its.outer_id
            if its is not None:
                its.outer, its.outer_id = node, context.span_id
            return


def _response_id_inside(call: Node) -> object:
    return None if call.inner is None or call.inner.facts is None else call.inner.facts.get(_RESPONSE_ID)


def _is_waiting(call: Node) -> bool:
    """Whether a call is open, and no span was found to be one of it but those of attempts that failed."""
    if call.span is None or not is_model_call(call, call.span):
        return False
    inner = call.inner
    return inner is None or (inner.facts is not None and not inner.facts.get(_OUTPUT))
