"""`GET /api/v1/turns`: questions and their answers, each from both sides; and those of a session."""

from collections.abc import Collection

from diptych_server.query.cursor import Cursor
from diptych_server.query.first_things import Order
from diptych_server.query.instants import Period, parse_instant
from diptych_server.query.matching import Question
from diptych_server.query.next_turns import found_felt, found_turns, next_turns
from diptych_server.query.prepared import prepared, prepared_felt
from diptych_server.query.turn import read_turns
from diptych_server.query.turn_halves import Joined, join_session
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page
from diptych_server.wire.turn import Turn

MAX_ROUNDS = 20
"""Pages of halves that are looked at for one page of turns; the cursor goes on where they end."""


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
    question = Question(project_id, period, "turns", query) if query and query.strip() else None
    is_felt = question is not None and question.is_felt()
    if question is not None:
        question = await (prepared_felt if is_felt else prepared)(database, question)
    list_name = f"turns:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    turns: list[Turn] = []
    for _ in range(MAX_ROUNDS):
        wanted = limit - len(turns)
        if question is None:
            page = await next_turns(database, project_id, period, order, after, wanted)
        else:
            found = found_felt if is_felt else found_turns
            page = await found(database, question, order, after, wanted)
        turns += await read_turns(database, project_id, page.joined, page.join, page.told)
        if not page.has_more or page.last is None:
            return Page(items=turns)
        after = Cursor(list_name, page.last.seen_ms, (page.last.id,))
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


def _distinct(joined: Collection[Joined]) -> list[Joined]:
    return list({each.turn_id: each for each in joined}.values())
