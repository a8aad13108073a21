"""Turns by a word: the halves that hold it are found first, so that only those few are joined.

A word stands in the trace's question or answer, or in the question that the page sent, and never across two.
To look through the texts takes less than to carry them through the join of all halves, and the engine keeps
in mind where it looked in vain.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from diptych_server.query.search.compare import Bindings
from diptych_server.query.search.compile import holds
from diptych_server.query.search.one_row import of_one_row
from diptych_server.query.turn_matching import Half
from diptych_server.query.turn_naming import answer_halves
from diptych_server.query.turn_rows import FELT, WINDOW
from diptych_server.store.came import Came
from diptych_server.store.database import Database

MOST = 2_000
"""Of each side; where more hold the word, all are joined."""


class Few(NamedTuple):
    """All halves of the turns that may hold a word, and perhaps some more."""

    answer_ids: frozenset[str]
    trace_ids: frozenset[str]

    @property
    def parameters(self) -> dict[str, object]:
        """As a statement of `turns_as_rows` binds them."""
        return {"few_answers": sorted(self.answer_ids), "few_traces": sorted(self.trace_ids)}


MANY = Few(frozenset(), frozenset())
"""In place of halves that are not few."""


async def few_with(
    database: Database, bounds: Mapping[str, Any], word: str, by_time: Mapping[str, str]
) -> Few:
    """The halves of turns in and around a period that may hold a word, each with its other.

    Args:
        database: the store.
        bounds: the project and the period as statements bind them.
        word: in lower case, letters and digits alone.
        by_time: trace id by answer id, of those that time joins. No id may lead to a trace but its own.

    Returns:
        The halves, or `MANY`.
    """
    traces, answers = await asyncio.gather(
        _holding(database, bounds, _TRACES, word), _holding(database, bounds, _ANSWERS, word)
    )
    if max(len(traces), len(answers)) > MOST:
        return MANY
    named = await answer_halves(database, bounds["project"], ids=answers, trace_ids=traces)
    return _whole(answers, traces, named, by_time)


async def with_what_came(
    database: Database, bounds: Mapping[str, Any], word: str, by_time: Mapping[str, str], few: Few, came: Came
) -> Few:
    """The same, where only what came since is looked through; what holds the word no more stays."""
    if few is MANY:
        return MANY
    traces, answers = await asyncio.gather(
        _holding(database, bounds, _TRACES, word, came.trace_ids),
        _holding(database, bounds, _ANSWERS, word, came.answer_ids),
    )
    answers |= few.answer_ids
    traces |= few.trace_ids
    if max(len(traces), len(answers)) > MOST:
        return MANY
    # Of what was known before, other halves are known, but for answers that came since.
    named = await answer_halves(
        database,
        bounds["project"],
        ids=answers - few.answer_ids,
        trace_ids=traces - (few.trace_ids - came.named_trace_ids),
    )
    return _whole(answers, traces, named, by_time)


def _whole(answers: set[str], traces: set[str], named: Collection[Half], by_time: Mapping[str, str]) -> Few:
    """Both halves of each turn of which one is given."""
    answer_ids, trace_ids = set(answers), set(traces)
    pairs = [(half.answer_id, half.trace_id) for half in named if half.trace_id]
    for answer_id, trace_id in (*pairs, *by_time.items()):
        if answer_id in answers or trace_id in traces:
            answer_ids.add(answer_id)
            trace_ids.add(trace_id)
    return Few(frozenset(answer_ids), frozenset(trace_ids))


class _Half(NamedTuple):
    """Where words of one half are."""

    table: str
    key: str
    text: str


_TRACES = _Half("traces", "trace_id", "concat(traces.input.preview, ' ', traces.output.preview)")
_ANSWERS = _Half("answers", "event_id", of_one_row(FELT["sent_question"]))


async def _holding(
    database: Database,
    bounds: Mapping[str, Any],
    half: _Half,
    word: str,
    among: Collection[str] | None = None,
) -> set[str]:
    """Ids of the things of which a row holds the word: of all, or among some."""
    if among is not None and not among:
        return set()
    bindings = Bindings()
    condition = holds(half.text, word, bindings)
    rows = await database.query(
        f"""
        SELECT DISTINCT {half.key} AS id FROM {half.table}
        WHERE {WINDOW} AND {condition} {"" if among is None else f"AND {half.key} IN {{among:Array(String)}}"}
        LIMIT {{most:UInt32}}
        """,  # noqa: S608 - constants; every value is bound
        {**bounds, **bindings.values, "most": MOST + 1, "among": sorted(among or ())},
        is_scan=among is None,
    )
    return {row["id"] for row in rows}
