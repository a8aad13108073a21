"""The halves of turns, read for a page of them: which answers and traces there are, and what is joined."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from diptych_server.query.clock import clocks_of_sessions
from diptych_server.query.links import NO_LINKS, TraceLinks, session_trace_ids, trace_links
from diptych_server.query.page import Page, read_pages
from diptych_server.query.recordings import segments_of_sessions
from diptych_server.query.turn_matching import Awaited, Began, Half, joined_by_time, joined_by_trace
from diptych_server.query.turn_naming import (
    NO_NAMING,
    Naming,
    answer_halves,
    read_naming,
    started_ms,
)
from diptych_server.store.database import Database
from diptych_server.store.traits import APM_TRACES
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
    seen_ms: Mapping[str, int]
    """Of the answers: when each was asked, epoch ms, on the server's clock as far as its batches told it."""

    @classmethod
    def of(
        cls, joined: Sequence[Joined], links: Mapping[str, TraceLinks], seen_ms: Mapping[str, int]
    ) -> "TurnJoin":
        """Of these turns."""
        return cls(
            {each.answer_id: each for each in joined if each.answer_id},
            {each.trace_id: each for each in joined if each.trace_id},
            links,
            seen_ms,
        )


class Sides(NamedTuple):
    """Both halves of whole sessions."""

    by_session: Mapping[str, list[Half]]
    """The answers; a session without any has no entry."""
    trace_ids: Mapping[str, set[str]]
    naming: Naming


async def join_turns(
    database: Database,
    project_id: str,
    answer_ids: Collection[str],
    trace_ids: Collection[str],
    so_far: Naming = NO_NAMING,
) -> TurnJoin:
    """The turns of the answers, and of the traces of LLM kinds; `so_far` is what is known of them."""
    naming = await read_naming(
        database, project_id, answer_ids=answer_ids, trace_ids=trace_ids, so_far=so_far
    )
    return await _join(database, project_id, naming)


async def join_session(database: Database, project_id: str, session_id: str) -> tuple[TurnJoin, set[str]]:
    """The turns of one session's answers and traces, and the ids of those traces."""
    halves, trace_ids = await asyncio.gather(
        answer_halves(database, project_id, session_ids=[session_id]),
        session_trace_ids(database, project_id, [session_id]),
    )
    naming = await read_naming(
        database, project_id, halves=halves, trace_ids=trace_ids.get(session_id, set())
    )
    sides = Sides({session_id: halves} if halves else {}, trace_ids, naming)
    join = await _join(database, project_id, naming, {session_id: sides})
    return join, trace_ids.get(session_id, set())


async def _join(
    database: Database, project_id: str, naming: Naming, read: Mapping[str, Sides] | None = None
) -> TurnJoin:
    """All that is named, and what time joins of the rest; `read`: sessions whose sides are known by now."""
    known, started, answer_of, links, *_ = naming
    lone_answers = known.keys() - set(answer_of.values())
    lone_traces = started.keys() - answer_of.keys()
    sessions = {known[answer_id].session_id for answer_id in lone_answers} | {
        session_id for trace_id in lone_traces if (session_id := session_of(links, trace_id))
    }
    by_time, others = await joined_by_time_of(database, project_id, sessions, read, naming)
    joined = _all_joined(known, answer_of, by_time, started.keys(), links)
    extra = {each.trace_id for each in joined if each.trace_id} - links.keys()
    more = await trace_links(database, project_id, extra) if extra else {}
    seen_ms = {answer_id: half.seen_ms for answer_id, half in {**others, **known}.items()}
    return TurnJoin.of(joined, {**links, **more}, seen_ms)


async def answers_by_time(database: Database, project_id: str, trace_id: str, links: TraceLinks) -> list[str]:
    """The answer of a trace that no answer names, where session and time match one to it."""
    naming = await read_naming(
        database, project_id, trace_ids=[trace_id], so_far=NO_NAMING._replace(links={trace_id: links})
    )
    join = await _join(database, project_id, naming)
    joined = join.by_trace.get(trace_id)
    return [joined.answer_id] if joined and joined.answer_id else []


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
        session_id = session_of(links, trace_id)
        answer_id = answer_elsewhere.get(trace_id)
        joined.append(Joined(answer_id, trace_id, session_id, "time" if answer_id else None))
    return joined


def session_of(links: Mapping[str, TraceLinks], trace_id: str) -> str | None:
    """The surest session of a trace."""
    return next(iter(links.get(trace_id, NO_LINKS).existing_ids), None)


async def joined_by_time_of(
    database: Database,
    project_id: str,
    session_ids: Collection[str],
    read: Mapping[str, Sides] | None = None,
    so_far: Naming = NO_NAMING,
) -> tuple[dict[str, str], dict[str, Half]]:
    """Trace id by answer id, and the answers: of whole sessions, since no match may depend on the page.

    `read` holds the sides of sessions that need not be read again, `so_far` what is known of traces.
    """
    known = [sides for session_id, sides in (read or {}).items() if session_id in session_ids]
    others = await _read_sides(database, project_id, set(session_ids) - (read or {}).keys(), so_far)
    by_time: dict[str, str] = {}
    halves: dict[str, Half] = {}
    for sides in (*known, others):
        by_time |= await _matched(database, project_id, sides)
        halves |= {half.answer_id: half for of_one in sides.by_session.values() for half in of_one}
    return by_time, halves


async def _read_sides(
    database: Database, project_id: str, session_ids: Collection[str], so_far: Naming
) -> Sides:
    """Of those sessions in which time may join an answer to a trace."""
    if not session_ids:
        return Sides({}, {}, NO_NAMING)
    halves = await answer_halves(database, project_id, session_ids=session_ids)
    if not halves:
        return Sides({}, {}, NO_NAMING)
    trace_ids, has_apm = await asyncio.gather(
        session_trace_ids(database, project_id, {half.session_id for half in halves}),
        database.traits.has(project_id, APM_TRACES),
    )
    by_session: dict[str, list[Half]] = defaultdict(list)
    for half in halves:
        by_session[half.session_id].append(half)
    # Where answers may name a trace by an id that is not its own, only its spans tell.
    if not has_apm:
        by_session = await _open_sessions(database, project_id, by_session, trace_ids, so_far)
        if not by_session:
            return Sides({}, {}, NO_NAMING)
    naming = await read_naming(
        database,
        project_id,
        halves=[half for of_session in by_session.values() for half in of_session],
        trace_ids=set().union(*(trace_ids.get(each, ()) for each in by_session)),
        so_far=so_far,
    )
    return Sides(by_session, trace_ids, naming)


async def _open_sessions(
    database: Database,
    project_id: str,
    by_session: Mapping[str, list[Half]],
    trace_ids: Mapping[str, Collection[str]],
    so_far: Naming,
) -> dict[str, list[Half]]:
    """The sessions that may have a trace which no answer names, and an answer without a trace.

    Mostly there is none: so it is found out before more is read of them.
    """
    names = {half.trace_id for half in so_far.known.values()}
    unnamed = {
        session_id: set(trace_ids.get(session_id, ())) - {half.trace_id for half in of_session} - names
        for session_id, of_session in by_session.items()
    }
    if not any(unnamed.values()):
        return {}
    told = {half.trace_id for each, halves in by_session.items() if unnamed[each] for half in halves} - {""}
    began, others = await asyncio.gather(
        started_ms(database, project_id, set().union(told, *unnamed.values()) - so_far.read),
        answer_halves(database, project_id, trace_ids=told - so_far.read),
    )
    started = so_far.started.keys() | began.keys()
    lone = {each: halves for each, halves in by_session.items() if unnamed[each] & started}
    named = {half.trace_id for halves in lone.values() for half in halves} & started
    known = {half.answer_id: half for halves in lone.values() for half in halves} | {
        half.answer_id: half for half in (*so_far.known.values(), *others)
    }
    taken = set(joined_by_trace(known.values(), {name: name for name in named}).values())
    return {
        each: halves for each, halves in lone.items() if any(half.answer_id not in taken for half in halves)
    }


async def _matched(database: Database, project_id: str, sides: Sides) -> dict[str, str]:
    """Trace id by answer id: what session and time join of what no id does."""
    by_session, trace_ids, (_, started, answer_of, links, *_) = sides
    taken = set(answer_of.values())

    lone = {
        session_id: [half.answer_id for half in of_session if half.answer_id not in taken]
        for session_id, of_session in by_session.items()
    }
    began = {
        session_id: [
            Began(trace_id, started[trace_id])
            for trace_id in trace_ids.get(session_id, ())
            if trace_id in started and trace_id not in answer_of and session_of(links, trace_id) == session_id
        ]
        for session_id in by_session
    }
    open_sessions = sorted(each for each in by_session if lone[each] and began[each])
    if not open_sessions:
        return {}
    pages, segments, awaited = await asyncio.gather(
        read_pages(database, project_id, open_sessions),
        segments_of_sessions(database, project_id, open_sessions),
        _awaited(
            database, project_id, open_sessions, [answer for each in open_sessions for answer in lone[each]]
        ),
    )
    clocks = await clocks_of_sessions(
        database,
        project_id,
        {each: (pages.get(each, Page({}, [])), segments.get(each, [])) for each in open_sessions},
    )
    found = (joined_by_time(awaited[each], began[each], clocks[each]) for each in open_sessions)
    return {answer_id: trace_id for each in found for answer_id, trace_id in each.items()}


async def _awaited(
    database: Database, project_id: str, session_ids: Sequence[str], answer_ids: Sequence[str]
) -> dict[str, list[Awaited]]:
    """The answers, by session."""
    rows = await database.query(
        """
        SELECT session_id, event_id AS answer_id, tab_id, toUnixTimestamp64Milli(ts) AS asked_ms, done_ms
        FROM rum_events
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)} AND type = 'answer'
          AND event_id IN {answers:Array(String)}
        ORDER BY precedence DESC, ts
        LIMIT 1 BY event_id
        """,
        {"project": project_id, "sessions": list(session_ids), "answers": list(answer_ids)},
    )
    found: dict[str, list[Awaited]] = defaultdict(list)
    for row in rows:
        found[row.pop("session_id")].append(Awaited(**row))
    return found
