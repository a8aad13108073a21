"""Which sessions a trace belongs to, read from every way of knowing.

What a sender only calls `session.id` (source `claim`) is a browser session when RUM of that id exists in the
project, whichever arrived first; else it is a conversation.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple, get_args

from diptych_server.store.database import Database
from diptych_server.wire.answers import LinkSource, User

SOURCES: tuple[LinkSource, ...] = get_args(LinkSource)
"""The surest first."""


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

    @property
    def existing_ids(self) -> list[str]:
        """Ids of the sessions whose RUM has arrived."""
        return [link.session_id for link in self.sessions if link.exists]


NO_LINKS = TraceLinks([], None, frozenset())


async def trace_links(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, TraceLinks]:
    """The sessions of each trace that has any."""
    rows = await database.query(
        """
        SELECT trace_id, session_id, groupUniqArray(source) AS sources,
               groupUniqArrayArray(page_spans) AS page_span_ids
        FROM trace_sessions
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
        GROUP BY trace_id, session_id
        """,
        {"project": project_id, "traces": list(trace_ids)},
    )
    users = await session_users(database, project_id, {row["session_id"] for row in rows})
    by_trace: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_trace[row["trace_id"]].append(row)
    return {trace_id: _links_of(found, users) for trace_id, found in by_trace.items()}


def _links_of(rows: Sequence[Mapping[str, Any]], users: dict[str, User]) -> TraceLinks:
    links: list[Link] = []
    claims: list[str] = []
    page_span_ids: set[str] = set()
    for row in rows:
        session_id = row["session_id"]
        page_span_ids.update(row["page_span_ids"])
        surest: LinkSource = next((source for source in SOURCES if source in row["sources"]), "claim")
        exists = session_id in users
        if surest == "claim" and not exists:
            claims.append(session_id)
        else:
            links.append(Link(session_id, surest, exists, users.get(session_id, User())))
    links.sort(key=lambda link: (SOURCES.index(link.source), not link.exists, link.session_id))
    return TraceLinks(links, min(claims, default=None), frozenset(page_span_ids))


async def session_users(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, User]:
    """The user of each session that exists, that is of which RUM has arrived."""
    if not session_ids:
        return {}
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
