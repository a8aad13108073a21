"""Which things the rows of the latest commits are of.

What was known of a project before need not all be asked again: only of these may something else be true.
"""

from collections import deque
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

import msgspec

from diptych_server.store.rows import EvaluationRow, ReplaySegmentRow, Row, RumEventRow, SpanRow

MOST_REMEMBERED = 20_000
"""Ids of a project: those of its latest commits. Who knows of nothing since must ask anew."""


_SEEN: Final = 3
"""The first fields of what came tell when it was seen, the others only ids."""


class Seen(NamedTuple):
    """When rows of one thing were seen, epoch ms."""

    first_ms: int
    last_ms: int


class Came(NamedTuple):
    """The things that rows are of, by their ids."""

    traces: dict[str, Seen]
    """Of spans."""
    answers: dict[str, Seen]
    """Of answers alone: reactions to one move it nowhere."""
    sessions: dict[str, Seen]
    """Of RUM events."""
    named_trace_ids: set[str]
    """Of traces that answers name."""
    answered_session_ids: set[str]
    """Of the sessions of answers."""
    reacted_ids: set[str]
    """Of answers that reactions are to."""
    evaluation_ids: set[str]
    linked_trace_ids: set[str]
    """Of traces that RUM events and judgements name."""
    linked_session_ids: set[str]
    """Of whatever spans, RUM events and judgements call the session of a trace."""
    judged_trace_ids: set[str]
    """Of traces that judgements name."""
    recorded_ids: set[str]
    """Of the sessions that segments of a recording are of."""

    @property
    def trace_ids(self) -> AbstractSet[str]:
        """Of spans."""
        return self.traces.keys()

    @property
    def answer_ids(self) -> AbstractSet[str]:
        """Of answers."""
        return self.answers.keys()

    @property
    def session_ids(self) -> AbstractSet[str]:
        """Of the sessions of RUM events."""
        return self.sessions.keys()

    @property
    def size(self) -> int:
        """How many ids."""
        return sum(map(len, self))

    @classmethod
    def of(cls, rows: Iterable[Row]) -> "Came":
        """Of rows of one project."""
        came = cls({}, {}, {}, *(set() for _ in cls._fields[_SEEN:]))
        for row in rows:
            if isinstance(row, SpanRow):
                _see(came.traces, row.trace_id, Seen(row.seen_at, row.seen_at))
                came.linked_session_ids.update((row.session_id, row.session_claim))
            elif isinstance(row, RumEventRow):
                _see(came.sessions, row.session_id, Seen(row.seen_at, row.seen_at))
                came.linked_trace_ids.add(row.trace_id)
                came.linked_session_ids.add(row.session_id if row.trace_id else "")
                if row.type == "answer":
                    _see(came.answers, row.event_id, Seen(row.seen_at, row.seen_at))
                    came.named_trace_ids.add(row.trace_id)
                    came.answered_session_ids.add(row.session_id)
                elif row.type == "reaction":
                    came.reacted_ids.add(_answer_of(row))
            elif isinstance(row, EvaluationRow):
                came.evaluation_ids.add(row.evaluation_id)
                came.linked_trace_ids.add(row.trace_id)
                came.judged_trace_ids.add(row.trace_id)
                came.linked_session_ids.add(row.session_id if row.trace_id else "")
            elif isinstance(row, ReplaySegmentRow):
                came.recorded_ids.add(row.session_id)
        for things in came[:_SEEN]:
            things.pop("", None)
        for ids in came[_SEEN:]:
            ids.discard("")
        return came

    @classmethod
    def of_all(cls, commits: Sequence["Came"]) -> "Came":
        """Of several commits together."""
        together = cls.of([])
        for came in commits:
            for things, more in zip(together[:_SEEN], came[:_SEEN], strict=True):
                for each, seen in more.items():
                    _see(things, each, seen)
            for ids, more_ids in zip(together[_SEEN:], came[_SEEN:], strict=True):
                ids.update(more_ids)
        return together


def _see(things: dict[str, Seen], thing_id: str, seen: Seen) -> None:
    """Add rows of one thing to those that are known."""
    known = things.get(thing_id)
    if known is None:
        things[thing_id] = seen
    elif seen.first_ms < known.first_ms or seen.last_ms > known.last_ms:
        things[thing_id] = Seen(min(known.first_ms, seen.first_ms), max(known.last_ms, seen.last_ms))


class Remembered:
    """The latest commits of one project."""

    def __init__(self) -> None:
        self._commits: deque[tuple[int, Came]] = deque()
        self._size = 0
        self._forgotten = 0
        """The newest commit that is no longer known."""

    def note(self, number: int, came: Came) -> None:
        """Say what a commit brought."""
        if not came.size:
            return
        self._commits.append((number, came))
        self._size += came.size
        while self._size > MOST_REMEMBERED:
            self._forgotten, oldest = self._commits.popleft()
            self._size -= oldest.size

    def since(self, number: int) -> Came | None:
        """What came in the commits after this one; None where that is not known."""
        if number < self._forgotten:
            return None
        return Came.of_all([came for commit, came in self._commits if commit > number])


class _Reaction(msgspec.Struct, frozen=True):
    answer_id: str = ""


class _Reacted(msgspec.Struct):
    reaction: _Reaction = _Reaction()


_decode = msgspec.json.Decoder(_Reacted).decode


def _answer_of(row: RumEventRow) -> str:
    """The answer that a reaction is to; empty where it names none."""
    try:
        return _decode(row.raw).reaction.answer_id
    except msgspec.DecodeError:
        return ""
