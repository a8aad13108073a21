"""The next turns of a list: of all, from pages of both halves; of a search, from its rows.

A turn stands where its question was asked, and is one item whichever half is met first. A page of all merges
a page of answers with a page of traces and leaves out the traces whose answer is elsewhere.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from diptych_server.query.cursor import Cursor
from diptych_server.query.first_things import Order, RollUp, RowKey
from diptych_server.query.instants import Period
from diptych_server.query.links import trace_links
from diptych_server.query.matching import Question
from diptych_server.query.page_keys import KeyStatement, page_keys
from diptych_server.query.search import search_of
from diptych_server.query.search.sources import IN_HOURS
from diptych_server.query.trace_summary import TRACE_COLUMNS
from diptych_server.query.traces import TRACES
from diptych_server.query.turn import Told, read_beside, read_told
from diptych_server.query.turn_halves import Joined, TurnJoin, join_turns, session_of
from diptych_server.query.turn_matching import Half
from diptych_server.query.turn_naming import NO_NAMING
from diptych_server.query.turn_sides import FELT_COLUMNS, felt_of
from diptych_server.store.database import Database

MORE_HALVES = 5
"""Answers and traces, of each, that are looked at beyond the turns of the page.

Where every turn has both, one round does: the trace of an answer stands near it in the list.
"""

HALVES_AT_FIRST, ROWS_A_HALF = 2, 8
"""Mostly an answer is told of at once, and a trace sent whole."""

IN_PERIOD = "first_ms >= {from:Int64} AND first_ms < {to:Int64}"


class Key(NamedTuple):
    """Where a turn, or a half of one, stands in the list."""

    seen_ms: int
    id: str
    is_answer: bool


class NextTurns(NamedTuple):
    """The next turns in the list's order."""

    joined: Sequence[Joined]
    join: TurnJoin
    told: Told
    """What has been read of their halves."""
    last: Key | None
    """Up to here the list was looked at; there may be halves that are no turn's place."""
    has_more: bool
    """Whether anything comes after it."""


async def next_turns(
    database: Database, project_id: str, period: Period, order: Order, after: Cursor | None, wanted: int
) -> NextTurns:
    """The next of all: as many as are wanted, or fewer, and yet more after them."""
    count = wanted + MORE_HALVES
    answers, traces = await asyncio.gather(
        _side_rows(database, project_id, period, order, after, _ANSWERS, count + 1),
        _side_rows(database, project_id, period, order, after, _TRACES, count + 1),
    )
    is_desc = order == "desc"
    # The engine's order of ids is that of their bytes, as it is here.
    answer_keys = [Key(row["sort_key"], row["event_id"], True) for row in answers]
    trace_keys = [Key(row["sort_key"], row["trace_id"], False) for row in traces]
    keys = sorted((*answer_keys[:count], *trace_keys[:count]), reverse=is_desc)
    # Beyond the last of a side that goes on, its next would stand between the other's.
    ends = [keys.index(side[count - 1]) + 1 for side in (answer_keys, trace_keys) if len(side) > count]
    keys = keys[: min(ends, default=len(keys))]
    among = set(keys)
    known = {
        row["event_id"]: Half(
            row["event_id"], row["session_id"], row["named"], row["first_asked_ms"], row["sort_key"]
        )
        for row, key in zip(answers, answer_keys, strict=True)
        if key in among
    }
    agents = {row["trace_id"]: row for row, key in zip(traces, trace_keys, strict=True) if key in among}
    started = {trace_id: row["start_ns"] / 1e6 for trace_id, row in agents.items()}
    # What stands beside the halves is read while it is found out which belong together; hardly any in vain.
    join, (spans, judged) = await asyncio.gather(
        join_turns(
            database,
            project_id,
            known.keys(),
            started.keys(),
            NO_NAMING._replace(known=known, started=started),
        ),
        read_beside(database, project_id, known.keys(), started.keys()),
    )
    felt = {row["event_id"]: felt_of(row) for row in answers if row["event_id"] in known}
    told = Told(felt, agents, spans, judged)
    standing = [(key, joined) for key in keys if (joined := _standing_at(key, join)) is not None]
    if len(standing) > wanted:
        # What the page has too much is left to the next one, and not read.
        standing = standing[:wanted]
        return NextTurns([joined for _, joined in standing], join, told, standing[-1][0], has_more=True)
    return NextTurns([joined for _, joined in standing], join, told, keys[-1] if keys else None, bool(ends))


def _standing_at(key: Key, join: TurnJoin) -> Joined | None:
    """The turn that stands in the list where this half does: at its answer, if it has one."""
    if key.is_answer:
        return join.by_answer.get(key.id)
    joined = join.by_trace.get(key.id)
    return joined if joined is not None and joined.answer_id is None else None


class _Side(NamedTuple):
    """Where the halves of one side stand."""

    roll_up: RollUp
    in_period: str
    more: str


_ANSWERS = _Side(
    RollUp("answers", "event_id", IN_HOURS, lambda came: came.answers),
    f"{IN_PERIOD} AND max(is_answer)",
    ", max(answers.trace_id) AS named,"
    f" toUnixTimestamp64Milli(min(answers.asked)) AS first_asked_ms, {FELT_COLUMNS}",
)
_TRACES = _Side(TRACES, f"{IN_PERIOD} AND max(is_llm)", f", {TRACE_COLUMNS}")


async def _side_rows(
    database: Database,
    project_id: str,
    period: Period,
    order: Order,
    after: Cursor | None,
    side: _Side,
    limit: int,
) -> list[dict[str, Any]]:
    """The first of one side."""
    statement = KeyStatement(
        roll_up=side.roll_up,
        sort_key="first_ms",
        row_key=RowKey("first_seen", ("from", "to")),
        order=order,
        in_period=side.in_period,
        more=side.more,
        things_at_first=HALVES_AT_FIRST,
        rows_a_thing=ROWS_A_HALF,
    )
    return await page_keys(database, project_id, period, statement, search_of(None, "traces"), after, limit)


async def found_turns(
    database: Database, question: Question, order: Order, after: Cursor | None, wanted: int
) -> NextTurns:
    """The next that a search finds; what belongs together its statement tells."""
    found = await _found(database, question, ("answer_id", "trace_id", "matched"), order, after, wanted + 1)
    page = found[:wanted]
    seen_ms = {row["answer_id"]: row["at_ms"] for row in page if row["answer_id"]}
    trace_ids = {row["trace_id"] for row in page if row["trace_id"]}
    links, told = await asyncio.gather(
        trace_links(database, question.project_id, trace_ids),
        read_told(database, question.project_id, seen_ms.keys(), trace_ids),
    )
    joined = [
        Joined(
            row["answer_id"] or None,
            row["trace_id"] or None,
            told.felt[row["answer_id"]].session_id
            if row["answer_id"] in told.felt
            else session_of(links, row["trace_id"]),
            row["matched"] or None,
        )
        for row in page
    ]
    last = Key(page[-1]["at_ms"], page[-1]["id"], page[-1]["answer_id"] != "") if page else None
    return NextTurns(joined, TurnJoin.of(joined, links, seen_ms), told, last, len(found) > wanted)


async def found_felt(
    database: Database, question: Question, order: Order, after: Cursor | None, wanted: int
) -> NextTurns:
    """The same where it asks about the page's half alone: only what is on the page is joined to traces."""
    found = await _found(database, question, (), order, after, wanted + 1, is_felt=True)
    page = found[:wanted]
    answer_ids = [row["id"] for row in page]
    join, told = await asyncio.gather(
        join_turns(database, question.project_id, answer_ids, ()),
        read_told(database, question.project_id, answer_ids, ()),
    )
    last = Key(page[-1]["at_ms"], page[-1]["id"], True) if page else None
    joined = [join.by_answer[answer_id] for answer_id in answer_ids if answer_id in join.by_answer]
    return NextTurns(joined, join, told, last, len(found) > wanted)


async def _found(
    database: Database,
    question: Question,
    columns: Collection[str],
    order: Order,
    after: Cursor | None,
    limit: int,
    *,
    is_felt: bool = False,
) -> list[dict[str, Any]]:
    """The first that a search finds, after those of the pages before: `at_ms`, `id` and the columns."""
    rows = question.rows({name: name for name in columns}, is_felt=is_felt)
    sign, direction = ("<", "DESC") if order == "desc" else (">", "ASC")
    # The planner of the engine goes round in circles where it puts off functions and splits the filter.
    past = f"AND (at_ms, id) {sign} ({{after_ms:Int64}}, {{after_id:String}})" if after else ""
    return await database.query(
        f"""
        {rows.sql} {past}
        ORDER BY at_ms {direction}, id {direction} LIMIT {{limit:UInt32}}
        SETTINGS query_plan_execute_functions_after_sorting = 0
        """,
        rows.parameters
        | {"limit": limit}
        | ({"after_ms": after.key, "after_id": after.ids[0]} if after else {}),
        is_scan=True,
    )
