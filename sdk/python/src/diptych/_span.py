"""What `LLMObs.workflow(…)` and its sisters return."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import Span as OTelSpan


class Span:
    """A span of LLM Observability. Use it with `with`, or call `finish()`.

    It is the current span from the moment it is made until it is finished. This class is what one gets while
    LLM Observability is off: it does nothing, cheaply. While it is on, one gets a subclass.
    """

    __slots__ = ()

    @property
    def kind(self) -> str:
        """One of workflow, agent, llm, tool, task, retrieval, embedding; empty when off."""
        return ""

    @property
    def name(self) -> str:
        """The span's name; empty when off."""
        return ""

    @property
    def trace_id(self) -> str:
        """32 lower-case hex digits; empty when off."""
        return ""

    @property
    def span_id(self) -> str:
        """16 lower-case hex digits; empty when off."""
        return ""

    @property
    def session_id(self) -> str | None:
        """The browser session that the span belongs to, as far as is known now."""
        return None

    @property
    def otel(self) -> OTelSpan | None:
        """The OpenTelemetry span underneath; None when off."""
        return None

    def activate(self) -> None:
        """Makes the span current (again)."""

    def deactivate(self) -> None:
        """Makes the span before current again; this one stays open."""

    def resume(self) -> None:
        """Makes current what was current in a generator when it was suspended: this span, or one below."""

    def suspend(self) -> None:
        """Makes current what was current for the generator's consumer."""

    def fail(self, error: BaseException) -> None:
        """Marks the span as failed with `error`."""

    def finish(self) -> None:
        """Ends the span. Does nothing a second time."""

    def _says(self, keys: Iterable[str]) -> bool:
        """Whether one of these attributes is known of the span."""
        return False

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if exc is not None:
                self.fail(exc)
        finally:
            self.finish()

    async def __aenter__(self) -> Span:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(exc_type, exc, traceback)


OFF = Span()
"""What every call returns while LLM Observability is off."""
