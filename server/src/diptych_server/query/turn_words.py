"""Turns by a word: the halves that hold it are found first, so that only those few are joined.

A word stands in the trace's question or answer, or in the question that the page sent, and never across two.
To look through the texts takes less than to carry them through the join of all halves, and the engine keeps
in mind where it looked in vain.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.query.search.compare import Bindings
from diptych_server.query.search.compile import holds
from diptych_server.query.search.one_row import of_one_row
from diptych_server.query.turn_naming import answer_halves
from diptych_server.query.turn_rows import FELT, WINDOW
from diptych_server.store.database import Database

MOST = 2_000
"""Of each side; where more hold the word, all are joined."""


class Few(NamedTuple):
    """All halves of the turns that may hold a word."""

    answer_ids: Sequence[str]
    trace_ids: Sequence[str]

    @property
    def parameters(self) -> dict[str, object]:
        """As a statement of `turns_as_rows` binds them."""
        return {"few_answers": self.answer_ids, "few_traces": self.trace_ids}


async def few_with(
    database: Database, bounds: Mapping[str, Any], word: str, by_time: Mapping[str, str]
) -> Few | None:
    """The halves of turns in and around a period that may hold a word, each with its other; None of many.

    Args:
        database: the store.
        bounds: the project and the period as statements bind them.
        word: in lower case, letters and digits alone.
        by_time: trace id by answer id, of those that time joins. No id may lead to a trace but its own.
    """
    traces, answers = await asyncio.gather(
        _holding(database, bounds, "traces", "trace_id", _SERVED_TEXT, word),
        _holding(database, bounds, "answers", "event_id", of_one_row(FELT["sent_question"]), word),
    )
    if max(len(traces), len(answers)) > MOST:
        return None
    named = await answer_halves(database, bounds["project"], ids=answers, trace_ids=traces)
    answer_ids, trace_ids = set(answers), set(traces)
    pairs = [(half.answer_id, half.trace_id) for half in named if half.trace_id]
    for answer_id, trace_id in (*pairs, *by_time.items()):
        if answer_id in answers or trace_id in traces:
            answer_ids.add(answer_id)
            trace_ids.add(trace_id)
    return Few(sorted(answer_ids), sorted(trace_ids))


_SERVED_TEXT = "concat(traces.input.preview, ' ', traces.output.preview)"


async def _holding(
    database: Database, bounds: Mapping[str, Any], table: str, key: str, text: str, word: str
) -> set[str]:
    """Ids of the things of which a row holds the word."""
    bindings = Bindings()
    condition = holds(text, word, bindings)
    rows = await database.query(
        f"SELECT DISTINCT {key} AS id FROM {table} WHERE {WINDOW} AND {condition} LIMIT {{most:UInt32}}",  # noqa: S608 - constants; every value is bound
        {**bounds, **bindings.values, "most": MOST + 1},
        is_scan=True,
    )
    return {row["id"] for row in rows}
