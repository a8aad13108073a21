"""`GET /api/v1/sessions`: the sessions of a time range, in two steps."""

from typing import Literal, NamedTuple

from diptych_server.query.cursor import Cursor
from diptych_server.query.first_things import Order, RollUp, RowKey
from diptych_server.query.instants import Hours, Period
from diptych_server.query.page_keys import KeyStatement, page_keys
from diptych_server.query.search import Search, search_of
from diptych_server.query.session import sessions_in_full
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, Session

SessionSort = Literal["last_seen", "first_seen", "duration"]

SORT_KEYS: dict[SessionSort, str] = {
    "last_seen": "last_ms",
    "first_seen": "first_ms",
    "duration": "last_ms - first_ms",
}


SESSIONS = RollUp("sessions", "session_id", "hour >= {from_hour:DateTime('UTC')}", lambda came: came.sessions)

ROW_KEYS: dict[SessionSort, RowKey] = {
    "last_seen": RowKey("last_seen", ("from",)),
    "first_seen": RowKey("first_seen", ("to",)),
}


class SessionKey(NamedTuple):
    """Where a session stands in the list, and when it was."""

    session_id: str
    last_ms: int
    first_ms: int
    sort_key: int


async def list_sessions(
    database: Database,
    project_id: str,
    period: Period,
    *,
    sort: SessionSort = "last_seen",
    order: Order = "desc",
    query: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Session]:
    """A page of the sessions that were going on in the period.

    Raises:
        BadRequest: the cursor is not of this list in this order, or the query is malformed.
    """
    search = search_of(query, "sessions", await database.traits.lacked(project_id))
    list_name = f"sessions:{sort}:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    keys = await _page_keys(database, project_id, period, sort, order, search, after, limit + 1)
    page = keys[:limit]
    if not page:
        return Page(items=[])
    hours = Hours.between(min(key.first_ms for key in page), max(key.last_ms for key in page))
    sessions = await sessions_in_full(database, project_id, [key.session_id for key in page], hours)
    next_cursor = None
    if len(keys) > limit:
        next_cursor = Cursor(list_name, page[-1].sort_key, (page[-1].session_id,)).encode()
    return Page(
        items=[sessions[key.session_id] for key in page if key.session_id in sessions],
        next_cursor=next_cursor,
    )


async def _page_keys(
    database: Database,
    project_id: str,
    period: Period,
    sort: SessionSort,
    order: Order,
    search: Search,
    after: Cursor | None,
    limit: int,
) -> list[SessionKey]:
    """The page's sessions, from three narrow columns: of the newest rows first, else of all."""
    statement = KeyStatement(
        roll_up=SESSIONS,
        sort_key=SORT_KEYS[sort],
        row_key=ROW_KEYS.get(sort),
        order=order,
        in_period="last_ms >= {from:Int64} AND first_ms < {to:Int64}",
    )
    rows = await page_keys(database, project_id, period, statement, search, after, limit)
    return [SessionKey(**row) for row in rows]
