"""One model call, two spans: the instrumentation's, and one that the client library emits by itself.

`anthropic` 2.x starts a span of its own (scope `com.anthropic.sdk.python`) in every call. It has usage and
time to first chunk but no texts, and it is a sibling of the instrumentation's span, which has the texts (seen
with opentelemetry-instrumentation-anthropic 0.62.4), or a child where that is the current span. A backend
that adds spans up would count the call twice. So only the instrumentation's span is sent, and what the
library knows better is written on it.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from ._correlation import Node

LIBRARY_SCOPES = frozenset({"com.anthropic.sdk.python"})
"""Scopes of client libraries that emit spans of their own."""

_CORRECTED = "gen_ai.usage.output_tokens"
"""The instrumentation adds the first event's count to the last one's, which includes it: 46 for 45."""

_NAMES = {"gen_ai.usage.cache_write.input_tokens": "gen_ai.usage.cache_creation.input_tokens"}
"""The library's names for what the GenAI conventions name otherwise."""

_RESPONSE_ID = "gen_ai.response.id"

_calls: ContextVar[tuple[Node, ...]] = ContextVar("diptych-model-calls", default=())
"""Open spans of the instrumentation that were started in this context, newest last."""


def started(node: Node, span: Span) -> None:
    """Pairs a library's span with the instrumentation's span of the same call."""
    if not node.is_model_call:
        return
    if not is_library_span(span):
        _calls.set((*(call for call in _calls.get() if call.span is not None), node))
        return
    call = _call_of(node)
    if call is not None:
        call.twin = node
        node.twin = call


def is_library_span(span: Span | ReadableSpan) -> bool:
    """Whether a client library emitted the span by itself."""
    scope = span.instrumentation_scope
    return scope is not None and scope.name in LIBRARY_SCOPES


def ended(node: Node, span: ReadableSpan) -> bool:
    """Whether another span tells of the call that a library's span was for; that one gets its facts."""
    if not is_library_span(span):
        if node.is_model_call:
            _exchange(node, (span.attributes or {}).get(_RESPONSE_ID))
        return False
    if node.twin is None:
        return False
    node.facts = dict(span.attributes or {})
    return True


def add_facts(attributes: dict[str, Any], call: Node) -> None:
    """Writes on the attributes of a call what the library knew of it."""
    facts = None if call.twin is None else call.twin.facts
    if not facts:
        return
    for key, value in facts.items():
        attributes.setdefault(_NAMES.get(key, key), value)
    if call.kind is None and _CORRECTED in facts:
        attributes[_CORRECTED] = facts[_CORRECTED]
        if "gen_ai.usage.total_tokens" in attributes:
            total = attributes.get("gen_ai.usage.input_tokens", 0) + attributes[_CORRECTED]
            attributes["gen_ai.usage.total_tokens"] = total


def _call_of(node: Node) -> Node | None:
    """The call that a library's span belongs to: a sibling started just before, or the span around it."""
    for call in reversed(_calls.get()):
        if _is_waiting(call) and call.parent is node.parent:
            return call
    parent = node.parent
    return parent if parent is not None and parent.is_model_call and _is_waiting(parent) else None


def _exchange(node: Node, response_id: object) -> None:
    """Sets right what was paired crosswise: streams may be opened in another order than asked for."""
    if response_id is None or _response_id_of_twin(node) == response_id:
        return
    for other in _calls.get():
        if other is not node and _response_id_of_twin(other) == response_id:
            node.twin, other.twin = other.twin, node.twin
            return


def _response_id_of_twin(call: Node) -> object:
    return None if call.twin is None or call.twin.facts is None else call.twin.facts.get(_RESPONSE_ID)


def _is_waiting(call: Node) -> bool:
    return call.span is not None and call.twin is None
