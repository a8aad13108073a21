"""For tests of applications that use the SDK: what would have been sent, kept in memory.

def test_agent():
    with diptych.testing.record() as recorded:
        answer("What does the lamp cost?")
    assert recorded.span("agent").session_id == "s1"

Ids are counted and times are moments of a clock that ticks once a second whenever a span starts or ends: two
runs of the same program record the same spans, and a test can compare them whole.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.trace import SpanProcessor
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator

from . import _attributes as keys
from . import _switch
from ._ids import CountedIds, ids
from ._problems import be_strict
from .llmobs import LLMObs

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import ReadableSpan, Span

    from ._outgoing import Outgoing

__all__ = ["CountedIds", "RecordedSpan", "Recording", "record"]

FIRST_MOMENT_NS = 1_767_225_600_000_000_000
"""2026-01-01T00:00:00Z: when the first span of a recording starts."""

TICK_NS = 1_000_000_000


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
    """As they stand on the wire; `timestamp_ms` is the real time where you gave none."""

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


class _Moments(SpanProcessor):
    """Numbers the moments at which spans start and end, in place of a clock."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor
        self._ticks = itertools.count()
        self._of: dict[int, list[int]] = {}

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """A span starts."""
        self._of[span.get_span_context().span_id] = [self._now()]
        self._processor.on_start(span, parent_context)

    def on_end(self, span: ReadableSpan) -> None:
        """A span ends."""
        context = span.get_span_context()
        if context is not None:
            now_ns = self._now()
            self._of.setdefault(context.span_id, [now_ns]).append(now_ns)
        self._processor.on_end(span)

    def times(self, span: Outgoing) -> tuple[int, int]:
        """Start and end, nanoseconds since 1970."""
        start_ns, end_ns = self._of[span.span_id]
        return start_ns, end_ns

    def _now(self) -> int:
        return FIRST_MOMENT_NS + next(self._ticks) * TICK_NS


@contextmanager
def record(
    ml_app: str = "test", *, strict: bool = True, deterministic: bool = True, **settings: Any
) -> Iterator[Recording]:
    """Switches LLM Observability on, with nothing sent, and off again.

    Args:
        ml_app: name of the AI application.
        strict: whether wrong arguments raise.
        deterministic: whether ids are counted and times numbered; else they are as in production. Where your
            application sets its own TracerProvider, give that `id_generator=diptych.testing.CountedIds()`.
        settings: other settings of `LLMObs.enable`.

    Raises:
        RuntimeError: LLM Observability is on already.
    """
    if LLMObs.enabled():
        raise RuntimeError("LLM Observability is on already: call LLMObs.disable() before record()")
    recording = Recording()
    moments: list[_Moments] = []

    def watch(processor: SpanProcessor) -> SpanProcessor:
        if not deterministic:
            return processor
        moments.append(_Moments(processor))
        return moments[0]

    def take(batch: Iterable[tuple[Outgoing, dict[str, Any]]]) -> None:
        recording.spans.extend(_recorded(span, said, *moments) for span, said in batch)

    LLMObs.enable(ml_app=ml_app, key="recorded", strict=strict, **settings)
    client = _switch.client
    assert client is not None
    client.record(take, recording.evaluations.extend, watch)
    ids.generator = CountedIds() if deterministic else ids.generator
    try:
        yield recording
    finally:
        LLMObs.disable()
        be_strict(False)
        ids.generator = RandomIdGenerator()


def _recorded(span: Outgoing, attributes: dict[str, Any], moments: _Moments | None = None) -> RecordedSpan:
    start_ns, end_ns = (span.start_ns, span.end_ns) if moments is None else moments.times(span)
    return RecordedSpan(
        name=span.name,
        kind=attributes.get(keys.SPAN_KIND, ""),
        trace_id=format(span.trace_id, "032x"),
        span_id=format(span.span_id, "016x"),
        parent_id=format(span.parent_id, "016x") if span.parent_id else "",
        start_ns=start_ns,
        end_ns=end_ns,
        error=(span.status_text or "error") if span.status_code.name == "ERROR" else "",
        attributes=attributes,
    )
