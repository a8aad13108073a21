"""`GET /api/v1/sessions`: the sessions of a time range, in two steps."""

from typing import Literal, NamedTuple

from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Days, Period
from diptych_server.query.search import Search, search_of
from diptych_server.query.session import sessions_in_full
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, Session

SessionSort = Literal["last_seen", "first_seen", "duration"]
Order = Literal["desc", "asc"]

SORT_KEYS: dict[SessionSort, str] = {
    "last_seen": "last_ms",
    "first_seen": "first_ms",
    "duration": "last_ms - first_ms",
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
    search = search_of(query, "sessions")
    list_name = f"sessions:{sort}:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    keys = await _page_keys(database, project_id, period, sort, order, search, after, limit + 1)
    page = keys[:limit]
    if not page:
        return Page(items=[])
    days = Days.between(min(key.first_ms for key in page), max(key.last_ms for key in page))
    sessions = await sessions_in_full(database, project_id, [key.session_id for key in page], days)
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
    """The page's sessions, from three narrow columns."""
    past = (
        ""
        if after is None
        else f"AND (sort_key, session_id) {'<' if order == 'desc' else '>'} "
        "({after_key:Int64}, {after_id:String})"
    )
    direction = order.upper()
    rows = await database.query(
        f"""
        SELECT session_id,
          toUnixTimestamp64Milli(max(last_seen)) AS last_ms,
          toUnixTimestamp64Milli(min(first_seen)) AS first_ms,
          {SORT_KEYS[sort]} AS sort_key
        FROM sessions
        WHERE project_id = {{project:String}} AND day >= {{from_day:Date}}
          {f"AND {search.where}" if search.where else ""}
        GROUP BY session_id
        HAVING last_ms >= {{from:Int64}} AND first_ms < {{to:Int64}} {past}
          {f"AND {search.having}" if search.having else ""}
        ORDER BY sort_key {direction}, session_id {direction}
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 - names from the tables above; every value is bound
        {
            "project": project_id,
            "from_day": period.from_day,
            "to_day": period.to_day,
            "from": period.from_ms,
            "to": period.to_ms,
            "limit": limit,
            "after_key": after.key if after else 0,
            "after_id": after.ids[0] if after else "",
        }
        | search.parameters,
    )
    return [SessionKey(**row) for row in rows]
