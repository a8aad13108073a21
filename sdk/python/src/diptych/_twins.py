"""One model call, two spans: the instrumentation's and the one that the client library emits by itself.

`anthropic` 2.x starts a span of its own (scope `com.anthropic.sdk.python`) inside every call, with usage and
time to first chunk but without texts; the instrumentor's span has the texts. Only the latter is sent, and
what the former knows better is written on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from ._correlation import Node


class Twins:
    """Placeholder until the integration with `anthropic` is in."""

    def started(self, node: Node, span: Span) -> None:
        """A span started."""

    def ended(self, node: Node, span: ReadableSpan) -> bool:
        """Whether the span that ended is the lesser twin of another, and is not to be sent."""
        return False


def add_facts(attributes: dict[str, Any], twin: Node) -> None:
    """Writes what the twin knows better."""
