"""`GET /api/v1/turns`: questions and their answers, each from both sides.

A turn stands in a list where its question was asked, and is one item whichever half is met first. A page of
the list merges a page of answers with a page of traces and leaves out the traces whose answer is elsewhere.
"""

import asyncio
from collections.abc import Collection, Sequence
from typing import NamedTuple

from diptych_server.errors import NotFound
from diptych_server.query.cursor import Cursor
from diptych_server.query.evaluations import JoinedTurn, evaluations_of_turns
from diptych_server.query.facets import SCAN_THREADS
from diptych_server.query.instants import Period, parse_instant, rfc3339_of_ns
from diptych_server.query.links import NO_LINKS, session_users
from diptych_server.query.matching import Question
from diptych_server.query.page_keys import KeyStatement, Order, page_keys
from diptych_server.query.recordings import recorded_ms
from diptych_server.query.search import search_of
from diptych_server.query.trace_summary import trace_rows
from diptych_server.query.traces import ROWS_IN_PERIOD
from diptych_server.query.turn_halves import Joined, TurnJoin, join_session, join_turns
from diptych_server.query.turn_pairs import with_pairs
from diptych_server.query.turn_sides import (
    Felt,
    Served,
    felt_answers,
    gap_of,
    prompt_of,
    reactions_to,
    served_answer,
    spans_beside,
)
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, User
from diptych_server.wire.turn import Turn

MS_NS = 1_000_000
MAX_ROUNDS = 20
"""Pages of halves that are looked at for one page of turns; the cursor goes on where they end."""

HALVES_A_TURN = 2
"""Halves that are looked at for a turn of the page, so that one round does where every turn has both."""

IN_DAYS = "day BETWEEN {from_day:Date} AND {to_day:Date}"
IN_PERIOD = "first_ms >= {from:Int64} AND first_ms < {to:Int64}"


class Key(NamedTuple):
    """Where a half stands in the list."""

    seen_ms: int
    id: str
    is_answer: bool


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
        question = await with_pairs(database, Question(project_id, period, "turns", query))
    list_name = f"turns:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    turns: list[Turn] = []
    for _ in range(MAX_ROUNDS):
        wanted = limit - len(turns)
        if question is None:
            key_count = wanted * HALVES_A_TURN
            keys = await _keys(database, project_id, period, order, after, key_count + 1)
        else:
            key_count = wanted
            keys = await _found(database, question, order, after, key_count + 1)
        page = keys[:key_count]
        join = await _join_of_keys(database, project_id, page)
        standing = [(key, joined) for key in page if (joined := _standing_at(key, join)) is not None]
        if len(standing) > wanted:
            # What the page has too much is left to the next one, and not read.
            page = page[: page.index(standing[wanted - 1][0]) + 1]
            standing = standing[:wanted]
        found = await _turns(database, project_id, [joined for _, joined in standing], join)
        by_id = {turn.turn_id: turn for turn in found}
        turns += [by_id[key.id] for key, _ in standing if key.id in by_id]
        if len(page) == len(keys):
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
    turns = await _turns(
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


async def get_turn(database: Database, project_id: str, turn_id: str) -> Turn:
    """The turn of an answer's event id, or of a trace id, with or without an answer.

    Raises:
        NotFound: neither an answer nor a trace of LLM kinds of that id has arrived.
    """
    join = await join_turns(database, project_id, [turn_id], [turn_id])
    joined = join.by_answer.get(turn_id) or join.by_trace.get(turn_id)
    turns = await _turns(database, project_id, [joined], join) if joined else []
    if not turns:
        raise NotFound(f"no answer and no LLM trace of the id {turn_id[:128]!r} has arrived in this project")
    return turns[0]


async def _join_of_keys(database: Database, project_id: str, keys: Sequence[Key]) -> TurnJoin:
    return await join_turns(
        database,
        project_id,
        {key.id for key in keys if key.is_answer},
        {key.id for key in keys if not key.is_answer},
    )


def _standing_at(key: Key, join: TurnJoin) -> Joined | None:
    """The turn that stands in the list where this half does: at its answer, if it has one."""
    if key.is_answer:
        return join.by_answer.get(key.id)
    joined = join.by_trace.get(key.id)
    return joined if joined is not None and joined.answer_id is None else None


async def _keys(
    database: Database, project_id: str, period: Period, order: Order, after: Cursor | None, limit: int
) -> list[Key]:
    """The first halves in the list's order."""
    no_search = search_of(None, "traces")
    both = await asyncio.gather(
        *(
            page_keys(
                database,
                project_id,
                period,
                KeyStatement(
                    table=table,
                    id_column=id_column,
                    sort_key="first_ms",
                    row_key="first_seen",
                    rows_in_period=ROWS_IN_PERIOD,
                    order=order,
                    days=IN_DAYS,
                    in_period=in_period,
                ),
                no_search,
                after,
                limit,
            )
            for table, id_column, in_period in (
                ("answers", "event_id", f"{IN_PERIOD} AND max(is_answer)"),
                ("traces", "trace_id", f"{IN_PERIOD} AND max(is_llm)"),
            )
        )
    )
    keys = [
        Key(row["sort_key"], row["event_id" if is_answer else "trace_id"], is_answer)
        for rows, is_answer in zip(both, (True, False), strict=True)
        for row in rows
    ]
    return sorted(keys, reverse=order == "desc")[:limit]


async def _found(
    database: Database, question: Question, order: Order, after: Cursor | None, limit: int
) -> list[Key]:
    """The first turns that a search finds, in the list's order."""
    rows = question.rows({"is_answer": "answer_id != ''"})
    sign, direction = ("<", "DESC") if order == "desc" else (">", "ASC")
    # The planner of the engine goes round in circles where it puts off functions and splits the filter.
    past = f"WHERE (at_ms, id) {sign} ({{after_ms:Int64}}, {{after_id:String}})" if after else ""
    found = await database.query(
        f"""
        SELECT at_ms, id, is_answer FROM ({rows.sql}) {past}
        ORDER BY at_ms {direction}, id {direction} LIMIT {{limit:UInt32}}
        SETTINGS query_plan_execute_functions_after_sorting = 0
        """,  # noqa: S608 - names of our own; every value is bound
        rows.parameters
        | {"limit": limit}
        | ({"after_ms": after.key, "after_id": after.ids[0]} if after else {}),
        max_threads=SCAN_THREADS,
    )
    return [Key(row["at_ms"], row["id"], bool(row["is_answer"])) for row in found]


def _distinct(joined: Collection[Joined]) -> list[Joined]:
    return list({each.turn_id: each for each in joined}.values())


async def _turns(database: Database, project_id: str, joined: Sequence[Joined], join: TurnJoin) -> list[Turn]:
    """The turns, each with all that is known of its halves."""
    sessions_by_answer = {each.answer_id: each.session_id or "" for each in joined if each.answer_id}
    trace_ids = [each.trace_id for each in joined if each.trace_id]
    session_ids = {each.session_id for each in joined if each.session_id}
    linked_users = {
        link.session_id: link.user for links in join.links.values() for link in links.sessions if link.exists
    }
    felt, rows, spans, reactions, users, recorded = await asyncio.gather(
        felt_answers(database, project_id, sessions_by_answer),
        trace_rows(database, project_id, trace_ids),
        spans_beside(database, project_id, trace_ids),
        reactions_to(database, project_id, sessions_by_answer.keys()),
        session_users(database, project_id, session_ids - linked_users.keys()),
        recorded_ms(database, project_id, session_ids),
    )
    served = {
        row["trace_id"]: served_answer(
            row, join.links.get(row["trace_id"], NO_LINKS), prompt_of(spans.get(row["trace_id"], ()))
        )
        for row in rows
    }
    users |= linked_users
    evaluations = await evaluations_of_turns(
        database,
        project_id,
        {
            each.turn_id: JoinedTurn(
                each.answer_id,
                each.trace_id,
                spans.get(each.trace_id or "", []),
                served[each.trace_id].summary.output if each.trace_id in served else "",
            )
            for each in joined
        },
    )
    turns = []
    for each in joined:
        page_side = felt.get(each.answer_id) if each.answer_id else None
        agent_side = served.get(each.trace_id) if each.trace_id else None
        if page_side is None and agent_side is None:
            continue
        turn = _turn(each, page_side, agent_side, join)
        turn.user = turn.user if turn.user.id else users.get(each.session_id or "", turn.user)
        turn.has_replay = each.session_id in recorded
        turn.reactions = reactions.get(each.answer_id or "", [])
        turn.evaluations = evaluations.get(each.turn_id, [])
        turns.append(turn)
    return turns


def _turn(joined: Joined, felt: Felt | None, served: Served | None, join: TurnJoin) -> Turn:
    summary = served.summary if served else None
    half = join.halves.get(joined.answer_id or "")
    asked_ns = half.seen_ms * MS_NS if felt and half else served.answer.start_ns if served else 0
    return Turn(
        turn_id=joined.turn_id,
        asked_at=rfc3339_of_ns(asked_ns),
        session_id=joined.session_id,
        conversation_id=summary.conversation_id if summary else None,
        has_replay=False,
        user=summary.user if summary and summary.user.id else felt.user if felt else User(),
        question=(summary.input if summary else "") or (felt.question[:300] if felt else ""),
        answer=summary.output if summary else "",
        match=joined.match if felt and served else None,
        felt=felt.answer if felt else None,
        served=served.answer if served else None,
        gap=gap_of(felt.answer, served.answer, joined.match) if felt and served else None,
        reactions=[],
        evaluations=[],
    )
