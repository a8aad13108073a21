"""A span of LLM Observability while it is on."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from typing import TYPE_CHECKING

from opentelemetry.context import Context, attach, get_current
from opentelemetry.trace import Status, StatusCode, get_current_span, set_span_in_context

from ._span import Span
from ._text import safe_str

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span as OTelSpan

    from ._correlation import Node, Nodes


class LiveSpan(Span):
    """Wraps a span of OpenTelemetry that `LLMObs` has started."""

    __slots__ = ("_before", "_kind", "_mine", "_nodes", "_otel", "node")

    def __init__(self, kind: str, otel: OTelSpan, node: Node, nodes: Nodes, before: Context | None) -> None:
        self._kind = kind
        self._otel = otel
        self.node = node
        self._nodes = nodes
        self._before = before
        """The context before this span was made current; None while it is not."""
        self._mine: Context | None = None
        if before is not None:
            self._mine = set_span_in_context(otel, before)
            attach(self._mine)

    def _says(self, keys: Iterable[str]) -> bool:
        """Whether one of these attributes is known of the span."""
        said = self.node.said
        beside = None if said is None else said.attributes
        known = self._otel.attributes or {}
        return any(key in known or (beside is not None and key in beside) for key in keys)

    @property
    def kind(self) -> str:
        """See `Span.kind`."""
        return self._kind

    @property
    def name(self) -> str:
        """See `Span.name`."""
        return self._otel.name

    @property
    def trace_id(self) -> str:
        """See `Span.trace_id`."""
        return format(self._otel.get_span_context().trace_id, "032x")

    @property
    def span_id(self) -> str:
        """See `Span.span_id`."""
        return format(self._otel.get_span_context().span_id, "016x")

    @property
    def session_id(self) -> str | None:
        """See `Span.session_id`."""
        session = self.node.session()
        return None if session is None else session[0]

    @property
    def otel(self) -> OTelSpan:
        """See `Span.otel`."""
        return self._otel

    def activate(self) -> None:
        """See `Span.activate`."""
        self._before = get_current()
        self._mine = set_span_in_context(self._otel, self._before)
        attach(self._mine)

    def deactivate(self) -> None:
        """See `Span.deactivate`."""
        before, self._before = self._before, None
        # A context is set, and no token reset: that also works where a copy of the context ends the span.
        if before is not None and (get_current() is self._mine or self._is_around_current()):
            attach(before)

    def _is_around_current(self) -> bool:
        """Whether the current span is this one, or one below it that was left open or is still to end."""
        node = self._nodes.get(get_current_span().get_span_context().span_id)
        while node is not None and node is not self.node:
            node = node.parent
        return node is not None

    def resume(self) -> None:
        """See `Span.resume`."""
        self._before = get_current()
        if self._mine is None:
            self._mine = set_span_in_context(self._otel, self._before)
        attach(self._mine)

    def suspend(self) -> None:
        """See `Span.suspend`."""
        self._mine = get_current()
        if self._before is not None:
            attach(self._before)
            self._before = None

    def fail(self, error: BaseException) -> None:
        """See `Span.fail`."""
        otel = self._otel
        if otel.is_recording():
            kind = type(error)
            module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
            # Not `record_exception`: it asks the error for its text, and a host's __str__ may fail.
            text = safe_str(error)
            event = {
                "exception.type": module + kind.__qualname__,
                "exception.message": text,
                "exception.stacktrace": _stack(error),
                "exception.escaped": "True",
            }
            otel.add_event("exception", event)
            otel.set_status(Status(StatusCode.ERROR, f"{kind.__name__}: {text}"))
            otel.set_attribute("error.type", module + kind.__qualname__)

    def finish(self) -> None:
        """See `Span.finish`."""
        if self._before is not None:
            self.deactivate()
        if self._otel.is_recording():
            self._otel.end()


def _stack(error: BaseException) -> str:
    try:
        return "".join(traceback.format_exception(error))
    except Exception as failed:  # it looks into causes and notes, and a host's may be anything
        return f"<no stack: {type(failed).__name__}>"
