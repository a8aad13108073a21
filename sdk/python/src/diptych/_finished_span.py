"""What a user's span processor is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class LLMObsSpan:
    """A finished span, in the hands of a span processor."""

    def __init__(
        self,
        input: list[dict[str, Any]],  # noqa: A002  # ddtrace's name
        output: list[dict[str, Any]],
        metadata: dict[str, Any],
        tags: Mapping[str, str],
    ) -> None:
        self.input = input
        """Messages `{"role", "content", "tool_calls"?, …}`; a value is one with an empty role."""
        self.output = output
        """As `input`; the documents of a retrieval are messages with their text as content."""
        self.metadata = metadata
        self._tags = tags

    def get_tag(self, key: str) -> str | None:
        """A tag of the span; `span.kind`, `ml_app`, `session_id` and `user_id` are tags, too."""
        return self._tags.get(key)


SpanProcessor = Callable[[LLMObsSpan], "LLMObsSpan | None"]
"""Returns the span, changed or not, or None to drop it."""
