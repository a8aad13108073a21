"""`GET /api/v1/sessions/{session_id}/events`: what happened, oldest first; a view in its highest version."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import ms_of, rfc3339
from diptych_server.query.links import session_users
from diptych_server.query.session import session_not_found
from diptych_server.query.view_updates import UPDATE, with_updates
from diptych_server.store.database import Database
from diptych_server.wire.answers import Event, Page

LIST_NAME = "session_events"

SHOWN_ELSEWHERE = frozenset({"type", "date"})
"""Keys of the raw event that every Event has a field for."""


async def list_session_events(
    database: Database,
    project_id: str,
    session_id: str,
    *,
    types: Sequence[str] = (),
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Event]:
    """A page of a session's events, oldest first; of these types alone where any are named.

    Raises:
        BadRequest: the cursor is not of this list.
        NotFound: no RUM of the session has arrived.
    """
    after = Cursor.decode(cursor, LIST_NAME) if cursor else None
    past = "(ts, id) > (fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'), {after_id:String})"
    rows = await database.query(
        f"""
        SELECT * FROM (
          SELECT if(type IN ('view', 'view_update'), view_id, event_id) AS id, type, ts, seen_at,
            view_id, view_url, view_name, name, duration_ns, status_code, method, resource_type, action_type,
            frustrations, error_type, trace_id, tab_id, document_version, raw
          FROM rum_events
          WHERE project_id = {{project:String}} AND session_id = {{session:String}}
            {"AND type IN {types:Array(String)}" if types else ""}
          ORDER BY type = 'view' DESC, document_version DESC, precedence DESC, ts
          LIMIT 1 BY type IN ('view', 'view_update'), id
        )
        {f"WHERE {past}" if after else ""}
        ORDER BY ts, id
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 - parts of our own; every value is bound
        {
            "project": project_id,
            "session": session_id,
            "types": [*types, UPDATE] if "view" in types else list(types),
            "limit": limit + 1,
            "after_ms": after.key if after else 0,
            "after_id": after.ids[0] if after else "",
        },
    )
    if not rows and session_id not in await session_users(database, project_id, [session_id]):
        raise session_not_found(session_id)
    next_cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = Cursor(LIST_NAME, ms_of(last["ts"]), (last["id"],)).encode()
    rows = await with_updates(database, project_id, session_id, rows[:limit])
    return Page(items=[event_of(row) for row in rows], next_cursor=next_cursor)


def event_of(row: Mapping[str, Any]) -> Event:
    """One row as the API shows it; what has no field of its own stays in `attributes`."""
    raw = msgspec.json.decode(row["raw"], type=dict[str, Any]) if row["raw"] else {}
    error = raw.get("error")
    stack = error.get("stack") if isinstance(error, dict) else None
    return Event(
        event_id=row["id"],
        type=row["type"],
        ts=rfc3339(row["ts"]),
        seen_at=rfc3339(row["seen_at"]),
        view_id=row["view_id"],
        view_url=row["view_url"],
        view_name=row["view_name"],
        name=row["name"],
        duration_ms=row["duration_ns"] / 1_000_000 if row["duration_ns"] else None,
        status_code=row["status_code"] or None,
        method=row["method"] or None,
        resource_type=row["resource_type"] or None,
        action_type=row["action_type"] or None,
        frustrations=list(row["frustrations"]),
        error_type=row["error_type"] or None,
        error_stack=stack if isinstance(stack, str) else None,
        trace_id=row["trace_id"] or None,
        tab_id=row["tab_id"] or None,
        document_version=row["document_version"] if row["type"] == "view" else None,
        attributes={key: value for key, value in raw.items() if key not in SHOWN_ELSEWHERE},
    )
