"""`GET /api/v1/turns/{turn_id}`: a question and its answer, with all that is known of both halves."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.errors import NotFound
from diptych_server.query.instants import rfc3339_of_ns
from diptych_server.query.judgements import (
    BY_SPANS,
    JoinedTurn,
    is_by_behaviour,
    judgements,
    told_of_turns,
)
from diptych_server.query.links import NO_LINKS, session_users
from diptych_server.query.recordings import recorded_sessions
from diptych_server.query.trace_summary import trace_rows
from diptych_server.query.turn_halves import Joined, TurnJoin, join_turns
from diptych_server.query.turn_sides import (
    Felt,
    Served,
    felt_answers,
    gap_of,
    prompt_of,
    served_answer,
    spans_beside,
    telling_spans,
)
from diptych_server.store.database import Database
from diptych_server.store.traits import PROMPTS
from diptych_server.wire.answers import User
from diptych_server.wire.turn import Turn

MS_NS = 1_000_000


async def get_turn(database: Database, project_id: str, turn_id: str) -> Turn:
    """The turn of an answer's event id, or of a trace id, with or without an answer.

    Raises:
        NotFound: neither an answer nor a trace of LLM kinds of that id has arrived.
    """
    join = await join_turns(database, project_id, [turn_id], [turn_id])
    joined = join.by_answer.get(turn_id) or join.by_trace.get(turn_id)
    turns = await read_turns(database, project_id, [joined], join) if joined else []
    if not turns:
        raise NotFound(f"no answer and no LLM trace of the id {turn_id[:128]!r} has arrived in this project")
    return turns[0]


class Told(NamedTuple):
    """What is told of some answers and traces, each by its id; those that are not stored are left out."""

    felt: Mapping[str, Felt]
    rows: Mapping[str, Mapping[str, Any]]
    """Of the list of traces."""
    spans: Mapping[str, Sequence[Mapping[str, Any]]]
    """Those of `telling_spans`."""
    judged: Sequence[Mapping[str, Any]]
    """Rows of `judgements`: of all these answers and traces."""


NOTHING_TOLD = Told({}, {}, {}, [])


async def read_told(
    database: Database,
    project_id: str,
    answer_ids: Collection[str],
    trace_ids: Collection[str],
) -> Told:
    """What each half tells by itself, which needs no other."""
    felt, rows, (spans, judged) = await asyncio.gather(
        felt_answers(database, project_id, answer_ids),
        trace_rows(database, project_id, trace_ids),
        read_beside(database, project_id, answer_ids, trace_ids),
    )
    return Told(felt, {row["trace_id"]: row for row in rows}, spans, judged)


async def read_beside(
    database: Database, project_id: str, answer_ids: Collection[str], trace_ids: Collection[str]
) -> tuple[Mapping[str, Sequence[Mapping[str, Any]]], Sequence[Mapping[str, Any]]]:
    """What the spans of each trace tell of turns, and how these, the traces and the answers were judged."""
    spans = await telling_spans(database, project_id, trace_ids, BY_SPANS | {PROMPTS})
    halves = [JoinedTurn(trace_id, [], spans.get(trace_id, [])) for trace_id in trace_ids]
    halves.append(JoinedTurn(None, answer_ids, []))
    return spans, await judgements(database, project_id, halves)


async def read_turns(
    database: Database,
    project_id: str,
    joined: Sequence[Joined],
    join: TurnJoin,
    told: Told = NOTHING_TOLD,
) -> list[Turn]:
    """The turns, each with all that is known of its halves; what is `told` already is not read again."""
    answer_ids = {each.answer_id for each in joined if each.answer_id} - told.felt.keys()
    trace_ids = {each.trace_id for each in joined if each.trace_id} - told.rows.keys()
    session_ids = {each.session_id for each in joined if each.session_id}
    linked_users = {
        link.session_id: link.user for links in join.links.values() for link in links.sessions if link.exists
    }
    more, users, recorded = await asyncio.gather(
        read_told(database, project_id, answer_ids, trace_ids),
        session_users(database, project_id, session_ids - linked_users.keys()),
        recorded_sessions(database, project_id, session_ids),
    )
    judged = {row["evaluation_id"]: row for row in (*told.judged, *more.judged)}
    spans = {**told.spans, **more.spans}
    spans |= await spans_beside(
        database, project_id, _judged_by_behaviour(joined, judged.values()) - spans.keys()
    )
    felt = {**told.felt, **more.felt}
    served = {
        trace_id: served_answer(row, join.links.get(trace_id, NO_LINKS), prompt_of(spans.get(trace_id, ())))
        for trace_id, row in {**told.rows, **more.rows}.items()
    }
    evaluations = told_of_turns(
        list(judged.values()),
        {
            each.turn_id: JoinedTurn(
                each.trace_id,
                [each.answer_id] if each.answer_id else [],
                spans.get(each.trace_id or "", []),
                served[each.trace_id].summary.output if each.trace_id in served else "",
            )
            for each in joined
        },
    )
    users |= linked_users
    turns = []
    for each in joined:
        page_side = felt.get(each.answer_id) if each.answer_id else None
        agent_side = served.get(each.trace_id) if each.trace_id else None
        if page_side is None and agent_side is None:
            continue
        turn = _turn(each, page_side, agent_side, join)
        turn.user = turn.user if turn.user.id else users.get(each.session_id or "", turn.user)
        turn.has_replay = each.session_id in recorded
        turn.reactions = page_side.reactions if page_side else []
        turn.evaluations = evaluations.get(each.turn_id, [])
        turns.append(turn)
    return turns


def _judged_by_behaviour(joined: Sequence[Joined], judged: Iterable[Mapping[str, Any]]) -> set[str]:
    """Traces of turns with judgements that stand on the span which wrote the answer."""
    names = {
        row[name]
        for row in judged
        if is_by_behaviour(row["evaluation_id"])
        for name in ("trace_id", "turn_id")
    }
    return {each.trace_id for each in joined if each.trace_id and names & {each.trace_id, each.answer_id}}


def _turn(joined: Joined, felt: Felt | None, served: Served | None, join: TurnJoin) -> Turn:
    summary = served.summary if served else None
    seen_ms = join.seen_ms.get(joined.answer_id or "")
    asked_ns = seen_ms * MS_NS if felt and seen_ms else served.answer.start_ns if served else 0
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
