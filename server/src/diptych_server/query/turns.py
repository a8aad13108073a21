"""`GET /api/v1/turns`: questions and their answers, each from both sides.

A turn stands in a list where its question was asked, and is one item whichever half is met first. A page of
the list merges a page of answers with a page of traces and leaves out the traces whose answer is elsewhere.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period, parse_instant
from diptych_server.query.matching import Question
from diptych_server.query.page_keys import KeyStatement, Order, page_keys
from diptych_server.query.prepared import prepared
from diptych_server.query.search import search_of
from diptych_server.query.search.sources import IN_HOURS
from diptych_server.query.traces import ROWS_IN_PERIOD
from diptych_server.query.turn import read_turns
from diptych_server.query.turn_halves import Joined, TurnJoin, join_session, join_turns
from diptych_server.query.turn_matching import Half
from diptych_server.query.turn_naming import NO_NAMING, Naming
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page
from diptych_server.wire.turn import Turn

MAX_ROUNDS = 20
"""Pages of halves that are looked at for one page of turns; the cursor goes on where they end."""

MORE_HALVES = 10
"""Answers and traces, of each, that are looked at beyond the turns of the page.

Where every turn has both, one round does: the trace of an answer stands near it in the list.
"""

IN_PERIOD = "first_ms >= {from:Int64} AND first_ms < {to:Int64}"


class Key(NamedTuple):
    """Where a half stands in the list."""

    seen_ms: int
    id: str
    is_answer: bool
    named: str = ""
    """The trace that it is known to lead to, or the id by which it tells one."""


class Keys(NamedTuple):
    """The next halves in the list's order."""

    keys: Sequence[Key]
    has_more: bool
    """Whether others come after them."""
    so_far: Naming = NO_NAMING
    """What has been read of them."""


async def list_turns(
    database: Database,
    project_id: str,
    period: Period,
    *,
    order: Order = "desc",
    query: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Turn]:
    """A page of the turns whose question was asked in the period, newest first.

    Raises:
        BadRequest: the cursor is not of this list in this order, or the query is malformed.
    """
    question = None
    if query and query.strip():
        question = await prepared(database, Question(project_id, period, "turns", query))
    list_name = f"turns:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    turns: list[Turn] = []
    for _ in range(MAX_ROUNDS):
        wanted = limit - len(turns)
        if question is None:
            page, has_more, so_far = await _keys(database, project_id, period, order, after, wanted)
        else:
            page, has_more, so_far = await _found(database, question, order, after, wanted)
        join = await _join_of_keys(database, project_id, page, so_far)
        standing = [(key, joined) for key in page if (joined := _standing_at(key, join)) is not None]
        if len(standing) > wanted:
            # What the page has too much is left to the next one, and not read.
            page = page[: page.index(standing[wanted - 1][0]) + 1]
            standing = standing[:wanted]
            has_more = True
        found = await read_turns(database, project_id, [joined for _, joined in standing], join)
        by_id = {turn.turn_id: turn for turn in found}
        turns += [by_id[key.id] for key, _ in standing if key.id in by_id]
        if not has_more:
            return Page(items=turns)
        after = Cursor(list_name, page[-1].seen_ms, (page[-1].id,))
        if len(turns) == limit:
            break
    return Page(items=turns, next_cursor=after.encode() if after else None)


async def list_session_turns(
    database: Database, project_id: str, session_id: str, *, order: Order, limit: int, cursor: str | None
) -> Page[Turn]:
    """A page of the turns of one session, of all time."""
    list_name = f"session_turns:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    join, trace_ids = await join_session(database, project_id, session_id)
    turns = await read_turns(
        database, project_id, _distinct([*join.by_answer.values(), *join.by_trace.values()]), join
    )
    of_session = [turn for turn in turns if turn.session_id == session_id]
    # A trace of two sessions is a turn of both.
    of_session += [
        turn
        for turn in turns
        if turn.session_id != session_id and turn.served and turn.served.trace_id in trace_ids
    ]
    is_desc = order == "desc"
    ordered = sorted(of_session, key=_session_key, reverse=is_desc)
    if after is not None:
        last = (after.key, after.ids[0])
        ordered = [
            turn for turn in ordered if (_session_key(turn) < last) == is_desc and _session_key(turn) != last
        ]
    page = ordered[:limit]
    next_cursor = None
    if len(ordered) > limit:
        at_ms, turn_id = _session_key(page[-1])
        next_cursor = Cursor(list_name, at_ms, (turn_id,)).encode()
    return Page(items=page, next_cursor=next_cursor)


def _session_key(turn: Turn) -> tuple[int, str]:
    """Where a turn stands among those of its session."""
    return parse_instant(turn.asked_at, "cursor"), turn.turn_id


async def _join_of_keys(database: Database, project_id: str, keys: Sequence[Key], so_far: Naming) -> TurnJoin:
    return await join_turns(
        database,
        project_id,
        {key.id for key in keys if key.is_answer},
        {key.id for key in keys if not key.is_answer},
        {key.named for key in keys if key.named},
        so_far,
    )


def _standing_at(key: Key, join: TurnJoin) -> Joined | None:
    """The turn that stands in the list where this half does: at its answer, if it has one."""
    if key.is_answer:
        return join.by_answer.get(key.id)
    joined = join.by_trace.get(key.id)
    return joined if joined is not None and joined.answer_id is None else None


class _Side(NamedTuple):
    """Where the halves of one side stand."""

    table: str
    id_column: str
    in_period: str
    more: str


_ANSWERS = _Side(
    "answers",
    "event_id",
    f"{IN_PERIOD} AND max(is_answer)",
    ", max(answers.session_id) AS session_id, max(answers.trace_id) AS named,"
    " toUnixTimestamp64Milli(min(answers.asked)) AS asked_ms",
)
_TRACES = _Side("traces", "trace_id", f"{IN_PERIOD} AND max(is_llm)", ", min(traces.start_ns) AS started_ns")


async def _keys(
    database: Database, project_id: str, period: Period, order: Order, after: Cursor | None, wanted: int
) -> Keys:
    """The first halves in the list's order, for as many turns."""
    count = wanted + MORE_HALVES
    answers, traces = await asyncio.gather(
        _side_keys(database, project_id, period, order, after, _ANSWERS, count + 1),
        _side_keys(database, project_id, period, order, after, _TRACES, count + 1),
    )
    is_desc = order == "desc"
    sides = [
        sorted(
            (Key(row["sort_key"], row["event_id"], True, row["named"]) for row in answers), reverse=is_desc
        ),
        sorted((Key(row["sort_key"], row["trace_id"], False) for row in traces), reverse=is_desc),
    ]
    keys = sorted((key for side in sides for key in side[:count]), reverse=is_desc)
    # Beyond the last of a side that goes on, its next would stand between the other's.
    ends = [keys.index(side[count - 1]) + 1 for side in sides if len(side) > count]
    keys = keys[: min(ends, default=len(keys))]
    among = {key.id for key in keys}
    so_far = NO_NAMING._replace(
        known={
            row["event_id"]: Half(
                row["event_id"], row["session_id"], row["named"], row["asked_ms"], row["sort_key"]
            )
            for row in answers
            if row["event_id"] in among
        },
        started={row["trace_id"]: row["started_ns"] / 1e6 for row in traces if row["trace_id"] in among},
    )
    return Keys(keys, bool(ends), so_far)


async def _side_keys(
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
        table=side.table,
        id_column=side.id_column,
        sort_key="first_ms",
        row_key="first_seen",
        rows_in_period=ROWS_IN_PERIOD,
        order=order,
        hours=IN_HOURS,
        in_period=side.in_period,
        more=side.more,
    )
    return await page_keys(database, project_id, period, statement, search_of(None, "traces"), after, limit)


async def _found(
    database: Database, question: Question, order: Order, after: Cursor | None, wanted: int
) -> Keys:
    """The first turns that a search finds, in the list's order."""
    rows = question.rows({"is_answer": "answer_id != ''", "named": "trace_id"})
    sign, direction = ("<", "DESC") if order == "desc" else (">", "ASC")
    # The planner of the engine goes round in circles where it puts off functions and splits the filter.
    past = f"WHERE (at_ms, id) {sign} ({{after_ms:Int64}}, {{after_id:String}})" if after else ""
    found = await database.query(
        f"""
        SELECT at_ms, id, is_answer, named FROM ({rows.sql}) {past}
        ORDER BY at_ms {direction}, id {direction} LIMIT {{limit:UInt32}}
        SETTINGS query_plan_execute_functions_after_sorting = 0
        """,  # noqa: S608 - names of our own; every value is bound
        rows.parameters
        | {"limit": wanted + 1}
        | ({"after_ms": after.key, "after_id": after.ids[0]} if after else {}),
        is_scan=True,
    )
    keys = [Key(row["at_ms"], row["id"], bool(row["is_answer"]), row["named"]) for row in found]
    return Keys(keys[:wanted], len(keys) > wanted)


def _distinct(joined: Collection[Joined]) -> list[Joined]:
    return list({each.turn_id: each for each in joined}.values())
