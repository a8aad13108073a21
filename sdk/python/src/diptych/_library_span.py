"""What a client library's own span knows of a model call, without a span.

`anthropic` 2.x starts a span in every call. Where an instrumentation's is open around it, all that is ever
used of it is what it says of the call (`_twins`). Where nobody but us listens to the provider, it is taken
down in a dict: a whole OpenTelemetry span would be a good part of what an automatic call costs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from opentelemetry import trace
from opentelemetry.trace import SpanContext, SpanKind

from . import _twins as twins

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.util.types import AttributeValue

    from ._correlation import Node, Nodes


class LibrarySpan(trace.Span):
    """Stands for the call's span in the library's hands: what is started below is a child of that one."""

    def __init__(self, node: Node, context: SpanContext, attributes: Mapping[str, AttributeValue]) -> None:
        self._node = node
        self._context = context
        self._facts: dict[str, Any] = dict(attributes)
        self._is_open = True

    def get_span_context(self) -> SpanContext:
        """That of the call's span."""
        return self._context

    def is_recording(self) -> bool:
        """Whether it is open."""
        return self._is_open

    def set_attribute(self, key: str, value: AttributeValue) -> None:
        """Takes down one thing."""
        self._facts[key] = value

    def set_attributes(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Takes down several."""
        self._facts.update(attributes)

    def end(self, end_time: int | None = None) -> None:
        """Hands over what was taken down."""
        if self._is_open:
            self._is_open = False
            self._node.facts = self._facts

    def add_event(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: events of the library are not sent."""

    def update_name(self, name: str) -> None:
        """Nothing: the call has a name."""

    def set_status(self, *args: Any, **kwargs: Any) -> None:
        """Nothing: the instrumentation sees how the call ends."""

    def record_exception(self, *args: Any, **kwargs: Any) -> None:
        """Nothing, for the same reason."""


class LibraryTracer(trace.Tracer):
    """The tracer of a client library.

    Args:
        tracer: starts the spans that are needed all the same.
        nodes: gives the open spans; None where spans have to be whole.
    """

    def __init__(self, tracer: trace.Tracer, nodes: Callable[[], Nodes | None]) -> None:
        self._tracer = tracer
        self._nodes = nodes

    def start_span(
        self,
        name: str,
        context: Context | None = None,
        kind: SpanKind = SpanKind.INTERNAL,
        attributes: Mapping[str, AttributeValue] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> trace.Span:
        """A `LibrarySpan` inside a call that is traced already, else a span."""
        nodes = self._nodes()
        node = None if nodes is None or attributes is None else twins.inside_call(attributes, context, nodes)
        if node is None or node.outer is None or node.outer.span is None or attributes is None:
            return self._tracer.start_span(name, context, kind, attributes, *args, **kwargs)
        return LibrarySpan(node, node.outer.span.get_span_context(), attributes)

    # Handed on as it comes, whatever the installed version's signature is.
    def start_as_current_span(self, *args: Any, **kwargs: Any) -> AbstractContextManager[trace.Span]:  # type: ignore[override]
        """A span."""
        return self._tracer.start_as_current_span(*args, **kwargs)
