"""The halves of turns, read for a page of them: which answers and traces there are, and what is joined."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from diptych_server.query.clock import session_clocks
from diptych_server.query.links import NO_LINKS, TraceLinks, session_trace_ids, trace_links
from diptych_server.query.page import read_page
from diptych_server.query.recordings import session_segments
from diptych_server.query.turn_matching import Awaited, Began, Half, joined_by_time
from diptych_server.query.turn_naming import answer_halves, read_naming
from diptych_server.store.database import Database
from diptych_server.wire.turn import TurnMatch


class Joined(NamedTuple):
    """A turn by the ids of its halves; one of the two may be missing."""

    answer_id: str | None
    trace_id: str | None
    session_id: str | None
    match: TurnMatch | None

    @property
    def turn_id(self) -> str:
        """The answer's id, which leads to the turn for ever; without an answer the trace's."""
        return self.answer_id or self.trace_id or ""


class TurnJoin(NamedTuple):
    """What belongs together among some answers and traces."""

    by_answer: Mapping[str, Joined]
    by_trace: Mapping[str, Joined]
    links: Mapping[str, TraceLinks]
    """Of the traces."""
    halves: Mapping[str, Half]
    """Of the answers."""


async def join_turns(
    database: Database, project_id: str, answer_ids: Collection[str], trace_ids: Collection[str]
) -> TurnJoin:
    """The turns of the answers, and of those traces that are of LLM kinds."""
    naming = await read_naming(database, project_id, answer_ids=answer_ids, trace_ids=trace_ids)
    known, started, answer_of = naming
    links = await trace_links(database, project_id, started)
    lone_answers = known.keys() - set(answer_of.values())
    lone_traces = started.keys() - answer_of.keys()
    sessions = {known[answer_id].session_id for answer_id in lone_answers} | {
        session_id for trace_id in lone_traces if (session_id := _session_of(links, trace_id))
    }
    by_time, others = await _joined_by_time(database, project_id, sessions)
    joined = _all_joined(known, answer_of, by_time, started.keys(), links)
    extra = {each.trace_id for each in joined if each.trace_id} - links.keys()
    more = await trace_links(database, project_id, extra) if extra else {}
    return TurnJoin(
        {each.answer_id: each for each in joined if each.answer_id},
        {each.trace_id: each for each in joined if each.trace_id},
        {**links, **more},
        {**others, **known},
    )


def _all_joined(
    known: Mapping[str, Half],
    answer_of: Mapping[str, str],
    by_time: Mapping[str, str],
    traces: Iterable[str],
    links: Mapping[str, TraceLinks],
) -> list[Joined]:
    named = {answer_id: trace_id for trace_id, answer_id in answer_of.items()}
    joined = []
    for half in known.values():
        trace_id = named.get(half.answer_id)
        match: TurnMatch | None = "trace"
        if trace_id is None:
            trace_id = by_time.get(half.answer_id)
            match = "time" if trace_id else None
        joined.append(Joined(half.answer_id, trace_id, half.session_id, match))
    with_answer = {each.trace_id for each in joined}
    answer_elsewhere = {trace_id: answer_id for answer_id, trace_id in by_time.items()}
    for trace_id in traces:
        if trace_id in with_answer:
            continue
        session_id = _session_of(links, trace_id)
        answer_id = answer_elsewhere.get(trace_id)
        joined.append(Joined(answer_id, trace_id, session_id, "time" if answer_id else None))
    return joined


def _session_of(links: Mapping[str, TraceLinks], trace_id: str) -> str | None:
    """The surest session of a trace."""
    return next(iter(links.get(trace_id, NO_LINKS).existing_ids), None)


async def _joined_by_time(
    database: Database, project_id: str, session_ids: Collection[str]
) -> tuple[dict[str, str], dict[str, Half]]:
    """Trace id by answer id, and the answers: of whole sessions, since no match may depend on the page."""
    halves = await answer_halves(database, project_id, session_ids=session_ids) if session_ids else []
    by_session: dict[str, list[Half]] = defaultdict(list)
    for half in halves:
        by_session[half.session_id].append(half)
    if not by_session:
        return {}, {}
    trace_ids = await session_trace_ids(database, project_id, by_session)
    every = set().union(*trace_ids.values())
    links, naming = await asyncio.gather(
        trace_links(database, project_id, every),
        read_naming(database, project_id, answer_ids={half.answer_id for half in halves}, trace_ids=every),
    )
    _, started, answer_of = naming
    taken = set(answer_of.values())

    async def of_session(session_id: str) -> Mapping[str, str]:
        lone = [half.answer_id for half in by_session[session_id] if half.answer_id not in taken]
        traces = [
            Began(trace_id, started[trace_id])
            for trace_id in trace_ids.get(session_id, ())
            if trace_id in started
            and trace_id not in answer_of
            and _session_of(links, trace_id) == session_id
        ]
        if not lone or not traces:
            return {}
        page, segments, awaited = await asyncio.gather(
            read_page(database, project_id, session_id),
            session_segments(database, project_id, session_id),
            _awaited(database, project_id, session_id, lone),
        )
        return joined_by_time(awaited, traces, await session_clocks(database, project_id, page, segments))

    found = await asyncio.gather(*(of_session(session_id) for session_id in sorted(by_session)))
    joined = {answer_id: trace_id for each in found for answer_id, trace_id in each.items()}
    return joined, {half.answer_id: half for half in halves}


async def _awaited(
    database: Database, project_id: str, session_id: str, answer_ids: Collection[str]
) -> list[Awaited]:
    rows = await database.query(
        """
        SELECT event_id AS answer_id, tab_id, toUnixTimestamp64Milli(ts) AS asked_ms, done_ms
        FROM rum_events
        WHERE project_id = {project:String} AND session_id = {session:String} AND type = 'answer'
          AND event_id IN {answers:Array(String)}
        ORDER BY precedence DESC, ts
        LIMIT 1 BY event_id
        """,
        {"project": project_id, "session": session_id, "answers": list(answer_ids)},
    )
    return [Awaited(**row) for row in rows]
