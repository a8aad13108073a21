"""`GET /api/v1/evaluations`."""

from collections.abc import Mapping
from typing import Any

from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period, ms_of
from diptych_server.query.judgements import COLUMNS, evaluation_of
from diptych_server.store.database import Database
from diptych_server.wire.answers import Evaluation, Page

LIST_NAME = "evaluations"

ROWS_AN_EVALUATION = 2
"""Rows that are looked at for one of a page: it may have been sent several times."""


async def list_evaluations(
    database: Database,
    project_id: str,
    period: Period,
    *,
    label: str | None = None,
    source: str | None = None,
    assessment: str | None = None,
    trace_id: str | None = None,
    session_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Evaluation]:
    """A page of evaluations that were seen in the period, newest first; each named field must be equal.

    Raises:
        BadRequest: the cursor is not of this list.
    """
    after = Cursor.decode(cursor, LIST_NAME) if cursor else None
    wanted = {
        "label": label,
        "source": source,
        "assessment": assessment,
        "trace_id": trace_id,
        "session_id": session_id,
    }
    equal = "".join(f" AND {name} = {{{name}:String}}" for name, value in wanted.items() if value is not None)
    found = f"""
        FROM evaluations
        WHERE project_id = {{project:String}}{equal}
          AND seen_at >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC')
          AND seen_at < fromUnixTimestamp64Milli({{to:Int64}}, 'UTC')"""
    parameters = {name: value for name, value in wanted.items() if value is not None} | {
        "project": project_id,
        "from": period.from_ms,
        "to": period.to_ms,
        "limit": limit + 1,
        "after_ms": after.key if after else 0,
        "after_id": after.ids[0] if after else "",
    }
    rows = await _newest(database, found, parameters, after, limit + 1)
    if rows is None:
        rows = await _ordered(database, found, parameters, after)
    next_cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = Cursor(LIST_NAME, ms_of(last["ts"]), (last["evaluation_id"],)).encode()
    return Page(items=[evaluation_of(row) for row in rows[:limit]], next_cursor=next_cursor)


async def _newest(
    database: Database, found: str, parameters: Mapping[str, Any], after: Cursor | None, limit: int
) -> list[dict[str, Any]] | None:
    """The first that are found, from the first rows in the list's order; None where these do not tell.

    One whose last delivery stands before the last of these rows is among them, as in `query.page_keys`.
    """
    past = "AND ts <= fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC')" if after else ""
    first = await database.query(
        f"SELECT evaluation_id, ts {found} {past} ORDER BY ts DESC LIMIT {{rows:UInt32}}",
        {**parameters, "rows": limit * ROWS_AN_EVALUATION},
    )
    if not first:
        return []
    is_all = len(first) < limit * ROWS_AN_EVALUATION
    rows = await database.query(
        f"""
        SELECT {COLUMNS} {found} AND evaluation_id IN {{among:Array(String)}}
        ORDER BY precedence DESC, ts DESC LIMIT 1 BY evaluation_id
        """,
        {**parameters, "among": list(dict.fromkeys(row["evaluation_id"] for row in first))},
    )
    told = [
        row
        for row in rows
        if (is_all or row["ts"] > first[-1]["ts"])
        and (after is None or (ms_of(row["ts"]), row["evaluation_id"]) < (after.key, after.ids[0]))
    ]
    if len(told) < limit and not is_all:
        return None
    return sorted(told, key=lambda row: (row["ts"], row["evaluation_id"]), reverse=True)[:limit]


async def _ordered(
    database: Database, found: str, parameters: Mapping[str, Any], after: Cursor | None
) -> list[dict[str, Any]]:
    """The first that are found, from all; of these only what their order needs is read."""
    past = (
        "WHERE (ts, evaluation_id) < (fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'), {after_id:String})"
        if after
        else ""
    )
    return await database.query(
        f"""
        SELECT * FROM (
          SELECT {COLUMNS} {found} AND evaluation_id IN (
            SELECT evaluation_id FROM (
              SELECT evaluation_id, ts {found} ORDER BY precedence DESC, ts DESC LIMIT 1 BY evaluation_id
            )
            {past}
            ORDER BY ts DESC, evaluation_id DESC
            LIMIT {{limit:UInt32}}
          )
          ORDER BY precedence DESC, ts DESC
          LIMIT 1 BY evaluation_id
        )
        ORDER BY ts DESC, evaluation_id DESC
        """,  # noqa: S608 - names of the list's own fields; every value is bound
        parameters,
    )
