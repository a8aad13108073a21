"""What `LLMObs.workflow(…)` and its sisters return: a span that is current until it is finished."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import Span as OTelSpan

    from ._correlation import Node


class Span:
    """A span of LLM Observability. Use it with `with`, or call `finish()`.

    It is the current span from the moment it is made until it is finished.
    """

    __slots__ = ("_before", "_node", "kind", "otel")

    kind: str
    """One of workflow, agent, llm, tool, task, retrieval, embedding."""

    otel: OTelSpan | None
    """The OpenTelemetry span underneath; None when LLM Observability is off."""

    def __init__(self, kind: str, otel: OTelSpan | None, node: Node | None, before: Context | None) -> None:
        self.kind = kind
        self.otel = otel
        self._node = node
        self._before = before

    @property
    def trace_id(self) -> str:
        """32 lower-case hex digits; empty when LLM Observability is off."""
        return "" if self.otel is None else format(self.otel.get_span_context().trace_id, "032x")

    @property
    def span_id(self) -> str:
        """16 lower-case hex digits; empty when LLM Observability is off."""
        return "" if self.otel is None else format(self.otel.get_span_context().span_id, "016x")

    @property
    def name(self) -> str:
        """The span's name; empty when LLM Observability is off."""
        return "" if self.otel is None else self.otel.name

    @property
    def session_id(self) -> str | None:
        """The browser session that the span belongs to, as far as is known now."""
        session = None if self._node is None else self._node.session()
        return None if session is None else session[0]

    def activate(self) -> None:
        """Makes the span current (again); generators do so each time they go on."""
        if self.otel is not None:
            from opentelemetry import context, trace

            self._before = context.get_current()
            context.attach(trace.set_span_in_context(self.otel, self._before))

    def deactivate(self) -> None:
        """Makes the span before current again, where this one still is current."""
        if self._before is not None:
            from opentelemetry import context, trace

            # A context is set, and no token reset: that also works where a copy of the context ends the span.
            if trace.get_current_span() is self.otel:
                context.attach(self._before)
            self._before = None

    def fail(self, error: BaseException) -> None:
        """Marks the span as failed with `error`."""
        if self.otel is not None and self.otel.is_recording():
            from opentelemetry.trace import Status, StatusCode

            kind = type(error)
            self.otel.record_exception(error, escaped=True)
            self.otel.set_status(Status(StatusCode.ERROR, f"{kind.__name__}: {error}"))
            module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
            self.otel.set_attribute("error.type", module + kind.__qualname__)

    def finish(self) -> None:
        """Ends the span. Does nothing a second time."""
        self.deactivate()
        if self.otel is not None and self.otel.is_recording():
            self.otel.end()

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc is not None:
            self.fail(exc)
        self.finish()

    async def __aenter__(self) -> Span:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(exc_type, exc, traceback)


OFF = Span("", None, None, None)
"""What every call returns when LLM Observability is off: does nothing, cheaply."""
