"""`GET /api/v1/traces`: the traces of a time range, in two steps."""

from typing import Literal, NamedTuple

from diptych_server.query.cursor import Cursor
from diptych_server.query.first_things import Order, RollUp, RowKey
from diptych_server.query.instants import Hours, Period
from diptych_server.query.page_keys import KeyStatement, page_keys
from diptych_server.query.search import Search, search_of
from diptych_server.query.search.sources import IN_HOURS
from diptych_server.query.trace_summary import trace_summaries
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, TraceSummary

TraceSort = Literal["start", "duration"]

SORT_KEYS: dict[TraceSort, str] = {"start": "first_ms", "duration": "max(end_ns) - min(start_ns)"}


TRACES = RollUp("traces", "trace_id", IN_HOURS, lambda came: came.traces)

ROW_KEYS: dict[TraceSort, RowKey] = {"start": RowKey("first_seen", ("from", "to"))}


class TraceKey(NamedTuple):
    """Where a trace stands in the list, and when it was."""

    trace_id: str
    first_ms: int
    last_ms: int
    sort_key: int


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
        query: a search; its words must stand in the input or output of one span of the trace.
        include_other: also traces without a span of the seven kinds.
        limit: items of the page.
        cursor: where the page before ended.

    Raises:
        BadRequest: the cursor is not of this list in this order, or the query is malformed.
    """
    list_name = f"traces:{sort}:{order}"
    after = Cursor.decode(cursor, list_name) if cursor else None
    search = search_of(query, "traces", await database.traits.lacked(project_id))
    keys = await _page_keys(
        database, project_id, period, sort, order, search, include_other, after, limit + 1
    )
    page = keys[:limit]
    if not page:
        return Page(items=[])
    hours = Hours.between(min(key.first_ms for key in page), max(key.last_ms for key in page))
    summaries = await trace_summaries(database, project_id, [key.trace_id for key in page], hours)
    next_cursor = None
    if len(keys) > limit:
        next_cursor = Cursor(list_name, page[-1].sort_key, (page[-1].trace_id,)).encode()
    return Page(
        items=[summaries[key.trace_id] for key in page if key.trace_id in summaries],
        next_cursor=next_cursor,
    )


async def _page_keys(
    database: Database,
    project_id: str,
    period: Period,
    sort: TraceSort,
    order: Order,
    search: Search,
    include_other: bool,
    after: Cursor | None,
    limit: int,
) -> list[TraceKey]:
    """The page's traces, from narrow columns: of the newest rows first, else of all."""
    kept = "" if include_other else " AND max(is_llm)"
    statement = KeyStatement(
        roll_up=TRACES,
        sort_key=SORT_KEYS[sort],
        row_key=ROW_KEYS.get(sort),
        order=order,
        in_period=f"first_ms >= {{from:Int64}} AND first_ms < {{to:Int64}}{kept}",
    )
    rows = await page_keys(database, project_id, period, statement, search, after, limit)
    return [TraceKey(**row) for row in rows]
