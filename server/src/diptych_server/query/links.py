"""Which sessions a trace belongs to, read from every way of knowing.

What a sender only calls `session.id` (source `claim`) is a browser session when RUM of that id exists in the
project, whichever arrived first; else it is a conversation. A judgement that names a session and a feedback
key joins that session to the traces whose spans carry the key.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from diptych_server.query.apm_traces import APM_TRACE, traces_of_apm
from diptych_server.store.database import Database
from diptych_server.store.traits import FEEDBACK_KEYS
from diptych_server.wire.answers import LinkSource, User

SOURCES: tuple[LinkSource, ...] = get_args(LinkSource)
"""The surest first."""

FEEDBACK_KEY = "feedback_key"
"""A source whose `session_id` is none: the tag by which feedback finds the spans of a trace."""


TOLD_TRACES_A_ROW = 10
"""Ids of traces that take the room of a row of what is kept."""


class Link(NamedTuple):
    """A trace and one of its sessions, joined in the surest way that is known."""

    session_id: str
    source: LinkSource
    exists: bool
    user: User


class TraceLinks(NamedTuple):
    """All that is known of one trace's sessions."""

    sessions: list[Link]
    """The surest first."""
    conversation_id: str | None
    """A claim that no browser session answers to."""
    page_span_ids: frozenset[str]
    """The page's own requests: parents of the trace's root when the page started the trace."""
    apm_trace_ids: frozenset[str]
    """Of the APM traces that its spans stand in."""

    @property
    def existing_ids(self) -> list[str]:
        """Ids of the sessions whose RUM has arrived."""
        return [link.session_id for link in self.sessions if link.exists]


NO_LINKS = TraceLinks([], None, frozenset(), frozenset())


async def trace_links(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, TraceLinks]:
    """The sessions of each trace that has any."""
    told = await database.things.read(
        project_id,
        "told links",
        trace_ids,
        lambda ids: _told_links(database, project_id, ids),
        lambda came: came.trace_ids | came.linked_trace_ids,
        len,
    )
    rows = [row for each in told.values() for row in each]
    more = await asyncio.gather(
        _links_by_feedback(database, project_id, rows), _links_by_apm_trace(database, project_id, rows)
    )
    rows += [row for each in more for row in each]
    users = await session_users(database, project_id, {row["session_id"] for row in rows})
    by_trace: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_trace[row["trace_id"]].append(row)
    return {trace_id: _links_of(found, users) for trace_id, found in by_trace.items()}


async def _told_links(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """What spans, pages and judgements tell of each trace's sessions."""
    rows = await database.query(
        """
        SELECT trace_id, session_id, groupUniqArray(toString(source)) AS sources,
               groupUniqArrayArray(page_spans) AS page_span_ids
        FROM trace_sessions
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
        GROUP BY trace_id, session_id
        """,
        {"project": project_id, "traces": list(trace_ids)},
    )
    told: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        told[row["trace_id"]].append(row)
    return told


async def _links_by_feedback(
    database: Database, project_id: str, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of the sessions that feedback names, for those of the rows whose "session" is a feedback key."""
    keyed = [row for row in rows if FEEDBACK_KEY in row["sources"]]
    if not keyed:
        return []
    named = await database.query(
        """
        SELECT DISTINCT feedback_key, session_id FROM evaluations
        WHERE project_id = {project:String} AND trace_id = '' AND session_id != ''
          AND feedback_key IN {keys:Array(String)}
        """,
        {"project": project_id, "keys": [row["session_id"] for row in keyed]},
    )
    return [
        {
            "trace_id": row["trace_id"],
            "session_id": each["session_id"],
            "sources": ["evaluation"],
            "page_span_ids": [],
        }
        for row in keyed
        for each in named
        if each["feedback_key"] == row["session_id"]
    ]


async def _links_by_apm_trace(
    database: Database, project_id: str, rows: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of the pages whose requests carried the APM trace id of one of the traces."""
    traced = [row for row in rows if APM_TRACE in row["sources"]]
    if not traced:
        return []
    asked = await database.query(
        """
        SELECT trace_id, session_id, groupUniqArrayArray(page_spans) AS page_span_ids
        FROM trace_sessions
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)} AND source = 'trace'
        GROUP BY trace_id, session_id
        """,
        {"project": project_id, "traces": [row["session_id"] for row in traced]},
    )
    return [
        {**each, "trace_id": row["trace_id"], "sources": ["trace"]}
        for row in traced
        for each in asked
        if each["trace_id"] == row["session_id"]
    ]


async def session_trace_ids(
    database: Database, project_id: str, session_ids: Collection[str]
) -> dict[str, set[str]]:
    """Ids of the traces of each session, or of whatever else spans call one."""
    told, keyed = await asyncio.gather(
        database.things.read(
            project_id,
            "told traces",
            session_ids,
            lambda ids: _told_traces(database, project_id, ids),
            lambda came: came.linked_session_ids,
            lambda traces: len(traces) // TOLD_TRACES_A_ROW,
        ),
        _feedback_keys(database, project_id, list(session_ids)),
    )
    found: dict[str, set[str]] = defaultdict(set)
    for session_id, traces in told.items():
        found[session_id].update(each.trace_id for each in traces)
    paged = [(session_id, each.trace_id) for session_id, of in told.items() for each in of if each.is_page]
    behind, traces_by_key = await asyncio.gather(
        traces_of_apm(database, project_id, {trace_id for _, trace_id in paged}),
        _traces_by_feedback_key(database, project_id, {row["feedback_key"] for row in keyed}),
    )
    for session_id, trace_id in paged:
        found[session_id] |= behind.get(trace_id, set())
    for row in keyed:
        found[row["session_id"]] |= traces_by_key.get(row["feedback_key"], set())
    return found


class _ToldTrace(NamedTuple):
    """A trace that a session is told to have."""

    trace_id: str
    is_page: bool
    """Whether a page told it, which may know the trace by an id of APM."""


async def _told_traces(
    database: Database, project_id: str, session_ids: Collection[str]
) -> dict[str, list[_ToldTrace]]:
    """What spans, pages and judgements tell of each session's traces."""
    rows = await database.query(
        """
        SELECT session_id, trace_id, max(source = 'trace') AS is_page FROM trace_sessions
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
          AND source NOT IN {no_sessions:Array(String)}
        GROUP BY session_id, trace_id
        """,
        {"project": project_id, "sessions": list(session_ids), "no_sessions": [FEEDBACK_KEY, APM_TRACE]},
    )
    told: dict[str, list[_ToldTrace]] = defaultdict(list)
    for row in rows:
        told[row["session_id"]].append(_ToldTrace(row["trace_id"], bool(row["is_page"])))
    return told


async def _feedback_keys(
    database: Database, project_id: str, session_ids: Sequence[str]
) -> list[dict[str, Any]]:
    """Sessions with the keys that feedback names beside them: `session_id` and `feedback_key`."""
    if not await database.traits.has(project_id, FEEDBACK_KEYS):
        return []
    return await database.query(
        """
        SELECT DISTINCT session_id, feedback_key FROM evaluations
        WHERE project_id = {project:String} AND trace_id = '' AND feedback_key != ''
          AND session_id IN {sessions:Array(String)}
        """,
        {"project": project_id, "sessions": session_ids},
    )


async def _traces_by_feedback_key(
    database: Database, project_id: str, keys: Collection[str]
) -> dict[str, set[str]]:
    if not keys:
        return {}
    rows = await database.query(
        """
        SELECT session_id AS key, groupUniqArray(trace_id) AS trace_ids FROM trace_sessions
        WHERE project_id = {project:String} AND session_id IN {keys:Array(String)}
          AND source = {feedback_key:String}
        GROUP BY session_id
        """,
        {"project": project_id, "keys": list(keys), "feedback_key": FEEDBACK_KEY},
    )
    return {row["key"]: set(row["trace_ids"]) for row in rows}


def _links_of(rows: Sequence[Mapping[str, Any]], users: dict[str, User]) -> TraceLinks:
    links: list[Link] = []
    claims: list[str] = []
    page_span_ids: set[str] = set()
    sources: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        # Feedback may name a session that something else has named as well.
        sources[row["session_id"]].update(row["sources"])
        page_span_ids.update(row["page_span_ids"])
    for session_id, named in sources.items():
        surest = next((source for source in SOURCES if source in named), None)
        exists = session_id in users
        if surest is None:
            continue
        if surest == "claim" and not exists:
            claims.append(session_id)
        else:
            links.append(Link(session_id, surest, exists, users.get(session_id, User())))
    links.sort(key=lambda link: (SOURCES.index(link.source), not link.exists, link.session_id))
    apm_trace_ids = frozenset(row["session_id"] for row in rows if APM_TRACE in row["sources"])
    return TraceLinks(links, min(claims, default=None), frozenset(page_span_ids), apm_trace_ids)


async def session_users(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, User]:
    """The user of each session that exists, that is of which RUM has arrived."""
    return await database.things.read(
        project_id,
        "session users",
        session_ids,
        lambda ids: _users(database, project_id, ids),
        lambda came: came.session_ids,
    )


async def _users(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, User]:
    rows = await database.query(
        """
        SELECT session_id, max(user) AS user FROM sessions
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
        GROUP BY session_id
        """,
        {"project": project_id, "sessions": list(session_ids)},
    )
    return {row["session_id"]: user_of(row["user"]) for row in rows}


def user_of(best: dict[str, str]) -> User:
    """From the roll-up's tuple of the latest user that was named."""
    return User(id=best["id"] or None, name=best["name"] or None, email=best["email"] or None)
