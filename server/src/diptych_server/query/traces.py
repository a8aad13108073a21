"""`GET /api/v1/traces`: the traces of a time range, in two steps."""

from typing import Literal

from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period
from diptych_server.query.trace_summary import trace_summaries
from diptych_server.query.words import Words
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, TraceSummary

TraceSort = Literal["start", "duration"]
Order = Literal["desc", "asc"]

SORT_KEYS: dict[TraceSort, str] = {"start": "first_ms", "duration": "max(end_ns) - min(start_ns)"}


async def list_traces(
    database: Database,
    project_id: str,
    period: Period,
    *,
    sort: TraceSort = "start",
    order: Order = "desc",
    query: str | None = None,
    include_other: bool = False,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[TraceSummary]:
    """A page of the traces that began in the period.

    Args:
        database: the store.
        project_id: whose traces.
        period: when they began, on the server's clock.
        sort: what to order by.
        order: `desc` is newest or longest first.
        query: words that one span of the trace must hold in its input or output.
        include_other: also traces without a span of the seven kinds.
        limit: items of the page.
        cursor: where the page before ended.

    Raises:
        BadRequest: the cursor is not of this list in this order, or the query is malformed.
        NotBuilt: the query uses fields or operators.
    """
    list_name = f"traces:{sort}:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    words = Words.of(query)
    keys = await _page_keys(database, project_id, period, sort, order, words, include_other, after, limit + 1)
    summaries = await trace_summaries(database, project_id, [trace_id for _, trace_id in keys[:limit]])
    next_cursor = None
    if len(keys) > limit:
        sort_key, trace_id = keys[limit - 1]
        next_cursor = Cursor(list_name, sort_key, (trace_id,)).encode()
    return Page(
        items=[summaries[trace_id] for _, trace_id in keys[:limit] if trace_id in summaries],
        next_cursor=next_cursor,
    )


async def _page_keys(
    database: Database,
    project_id: str,
    period: Period,
    sort: TraceSort,
    order: Order,
    words: Words | None,
    include_other: bool,
    after: Cursor | None,
    limit: int,
) -> list[tuple[int, str]]:
    """Sort key and id of the page's traces, from narrow columns."""
    direction = order.upper()
    past = "(sort_key, trace_id) {} ({{after_key:Int64}}, {{after_id:String}})".format(
        "<" if order == "desc" else ">"
    )
    holding = (
        f"""AND trace_id IN (
          SELECT trace_id FROM spans
          WHERE project_id = {{project:String}}
            AND toDate(seen_at) BETWEEN {{from_day:Date}} AND {{to_day:Date}}
            AND {words.condition()}
        )"""  # noqa: S608 - parts of our own; every value is bound
        if words
        else ""
    )
    rows = await database.query(
        f"""
        SELECT trace_id, toUnixTimestamp64Milli(min(first_seen)) AS first_ms, {SORT_KEYS[sort]} AS sort_key
        FROM traces
        WHERE project_id = {{project:String}} AND day BETWEEN {{from_day:Date}} AND {{to_day:Date}} {holding}
        GROUP BY trace_id
        HAVING first_ms >= {{from:Int64}} AND first_ms < {{to:Int64}}
          {"" if include_other else "AND max(is_llm)"} {f"AND {past}" if after else ""}
        ORDER BY sort_key {direction}, trace_id {direction}
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
        | (words.parameters() if words else {}),
    )
    return [(row["sort_key"], row["trace_id"]) for row in rows]
