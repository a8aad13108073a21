"""Which answer of a page and which trace of an agent are the two halves of one turn.

Surest is the trace id that the page sent. Of several answers that name one trace the first asked has it, of
several traces that one id names the first begun. A page that sends only its session id, or whose agent begins
a trace of its own, leaves halves that share no id: they are matched by session and time. In the order of
asking, each answer takes the first trace of its session that began while the answer was awaited and that no
answer has yet. Nothing depends on the order of arrival.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from diptych_server.query.clock import SessionClocks

UNSURE_MS = 1_000.0
"""How far a trace may seem to begin before its question, where the error of the page's clock is not known."""

UNENDED_MS = 10 * 60 * 1_000.0
"""How long an answer is waited for that never ended (the browser SDK's own limit)."""


class Half(NamedTuple):
    """The page's half of a turn."""

    answer_id: str
    session_id: str
    trace_id: str
    """Empty where the page sent none."""
    asked_ms: int
    """Page clock."""
    seen_ms: int
    """When it was asked, on the server's clock as far as its batches told it; lists are ordered by it."""


class Awaited(NamedTuple):
    """An answer that no trace id joins, on the page's clock."""

    answer_id: str
    tab_id: str
    asked_ms: int
    done_ms: float | None
    """After the question."""


class Began(NamedTuple):
    """A trace that no answer names."""

    trace_id: str
    start_ms: float
    """Server clock."""


def joined_by_trace(halves: Iterable[Half], named: Mapping[str, str]) -> dict[str, str]:
    """Answer id by trace id: of the answers that name a trace, the first asked.

    Args:
        halves: answers.
        named: the trace that is meant, by each id that an answer tells; an id of none is left out.
    """
    found: dict[str, Half] = {}
    for half in halves:
        if trace_id := named.get(half.trace_id):
            known = found.get(trace_id)
            if known is None or (half.asked_ms, half.answer_id) < (known.asked_ms, known.answer_id):
                found[trace_id] = half
    return {trace_id: half.answer_id for trace_id, half in found.items()}


def joined_by_time(
    answers: Sequence[Awaited], traces: Sequence[Began], clocks: SessionClocks
) -> Mapping[str, str]:
    """Trace id by answer id, of one session."""
    waiting = sorted(traces, key=lambda trace: (trace.start_ms, trace.trace_id))
    joined: dict[str, str] = {}
    for answer in sorted(answers, key=lambda each: (each.asked_ms, each.answer_id)):
        clock = clocks.at(answer.tab_id, answer.asked_ms)
        slack_ms = UNSURE_MS if clock is None or clock.error_ms is None else clock.error_ms
        asked_ms = answer.asked_ms + (clock.offset_ms if clock else 0.0)
        until_ms = asked_ms + (UNENDED_MS if answer.done_ms is None else answer.done_ms) + slack_ms
        found = next((each for each in waiting if asked_ms - slack_ms <= each.start_ms <= until_ms), None)
        if found is not None:
            joined[answer.answer_id] = found.trace_id
            waiting.remove(found)
    return joined
