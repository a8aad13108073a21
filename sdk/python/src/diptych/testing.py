"""For tests of applications that use the SDK: what would have been sent, kept in memory.

def test_agent():
    with diptych.testing.record() as recorded:
        answer("What does the lamp cost?")
    assert recorded.span("agent").session_id == "s1"
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from . import _attributes as keys
from ._problems import be_strict
from .llmobs import LLMObs

if TYPE_CHECKING:
    from ._outgoing import Outgoing

__all__ = ["RecordedSpan", "Recording", "record"]


@dataclass(frozen=True)
class RecordedSpan:
    """One span as it would have been sent."""

    name: str
    kind: str
    """One of the seven kinds; empty for a span that `LLMObs` did not start."""
    trace_id: str
    span_id: str
    parent_id: str
    """Empty for a root."""
    start_ns: int
    end_ns: int
    error: str
    """The error's type and message; empty where there was none."""
    attributes: dict[str, Any]

    @property
    def session_id(self) -> str | None:
        """The browser session."""
        return self.attributes.get(keys.SESSION_ID)

    @property
    def user_id(self) -> str | None:
        """The user."""
        return self.attributes.get("user.id")

    @property
    def tags(self) -> dict[str, str]:
        """The tags, without those that name session and user."""
        return dict(json.loads(self.attributes.get(keys.TAGS, "{}")))

    @property
    def metadata(self) -> dict[str, Any]:
        """The metadata."""
        return dict(json.loads(self.attributes.get(keys.METADATA, "{}")))

    @property
    def input(self) -> Any:
        """The input: messages of an llm span, text, or what JSON it was."""
        return self._side("input")

    @property
    def output(self) -> Any:
        """The output: messages of an llm span, documents of a retrieval, text, or what JSON it was."""
        documents = self.attributes.get("gen_ai.retrieval.documents")
        return self._side("output") if documents is None else json.loads(documents)

    def _side(self, side: str) -> Any:
        messages = self.attributes.get(f"gen_ai.{side}.messages")
        if messages is not None:
            return json.loads(messages)
        value: Any = self.attributes.get(f"{side}.value")
        return json.loads(value) if f"{side}.mime_type" in self.attributes else value


@dataclass
class Recording:
    """What was recorded; complete when the `with` block has ended, and after `LLMObs.flush()`."""

    spans: list[RecordedSpan] = field(default_factory=list)
    """In the order in which they ended."""
    evaluations: list[dict[str, Any]] = field(default_factory=list)
    """As they stand on the wire."""

    def span(self, name: str) -> RecordedSpan:
        """The one span of this name.

        Raises:
            LookupError: there is none, or several.
        """
        found = [span for span in self.spans if span.name == name]
        if len(found) != 1:
            names = ", ".join(sorted(span.name for span in self.spans)) or "no span at all"
            raise LookupError(f"expected one span named {name!r}, got {len(found)} among: {names}")
        return found[0]


@contextmanager
def record(ml_app: str = "test", *, strict: bool = True, **settings: Any) -> Iterator[Recording]:
    """Switches LLM Observability on, with nothing sent, and off again.

    Args:
        ml_app: name of the AI application.
        strict: whether wrong arguments raise.
        settings: other settings of `LLMObs.enable`.

    Raises:
        RuntimeError: LLM Observability is on already.
    """
    if LLMObs.enabled():
        raise RuntimeError("LLM Observability is on already: call LLMObs.disable() before record()")
    recording = Recording()
    LLMObs.enable(ml_app=ml_app, key="recorded", strict=strict, **settings)
    client = LLMObs._client
    assert client is not None
    client.record(lambda batch: recording.spans.extend(_spans(batch)), recording.evaluations.extend)
    try:
        yield recording
    finally:
        LLMObs.disable()
        be_strict(False)


def _spans(batch: Iterable[tuple[Outgoing, dict[str, Any]]]) -> Iterator[RecordedSpan]:
    for span, attributes in batch:
        yield RecordedSpan(
            name=span.name,
            kind=attributes.get(keys.SPAN_KIND, ""),
            trace_id=format(span.trace_id, "032x"),
            span_id=format(span.span_id, "016x"),
            parent_id=format(span.parent_id, "016x") if span.parent_id else "",
            start_ns=span.start_ns,
            end_ns=span.end_ns,
            error=(span.status_text or "error") if span.status_code.name == "ERROR" else "",
            attributes=attributes,
        )
