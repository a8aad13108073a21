"""`GET /api/v1/spans`: the spans of a time range, newest first."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from diptych_server.query.calls import calls_of_traces
from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period
from diptych_server.query.links import NO_LINKS, trace_links
from diptych_server.query.log_messages import logged_messages
from diptych_server.query.search import Search, search_of
from diptych_server.query.span import COLUMNS, TraceContext, span_of
from diptych_server.query.usage import counted_calls
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, Span, SpanKind

LIST_NAME = "spans"

LLM_KINDS: tuple[SpanKind, ...] = tuple(kind for kind in get_args(SpanKind) if kind != "span")
"""The seven kinds of LLM Observability."""

ROWS_A_SPAN = 2
"""Rows that are read for a span of the page at first, since a retry is a row until parts merge."""


class SpanKey(NamedTuple):
    """Where a span stands in the list."""

    seen_ms: int
    trace_id: str
    span_id: str


async def list_spans(
    database: Database,
    project_id: str,
    period: Period,
    *,
    query: str | None = None,
    kinds: Sequence[SpanKind] = LLM_KINDS,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Span]:
    """A page of the spans of these kinds that started in the period; with a query those that it finds.

    Raises:
        BadRequest: the cursor is not of this list, or the query is malformed.
    """
    after = Cursor.decode(cursor, LIST_NAME, id_count=2) if cursor else None
    search = search_of(query, "spans", await database.traits.lacked(project_id))
    keys = await _page_keys(database, project_id, period, search, kinds, after, limit + 1)
    page = keys[:limit]
    next_cursor = None
    if len(keys) > limit:
        last = page[-1]
        next_cursor = Cursor(LIST_NAME, last.seen_ms, (last.trace_id, last.span_id)).encode()
    spans = await _in_full(database, project_id, page)
    return Page(items=spans, next_cursor=next_cursor)


async def _page_keys(
    database: Database,
    project_id: str,
    period: Period,
    search: Search,
    kinds: Sequence[SpanKind],
    after: Cursor | None,
    limit: int,
) -> list[SpanKey]:
    """When seen and ids of the page's spans, each span once."""
    conditions = "".join(f" AND {each}" for each in (search.where, search.having) if each)
    parameters: dict[str, object] = {
        "project": project_id,
        "kinds": list(kinds),
        **period.parameters,
        "to": min(period.to_ms, after.key + 1) if after else period.to_ms,
    } | search.parameters
    # Where it need not order by them, the engine reads the ids of the first rows alone. What came twice is
    # two rows until parts merge, and some of the first moment may be of the page before: so more rows are
    # read than spans are wanted, and more where they do not suffice.
    row_count = limit * ROWS_A_SPAN
    while True:
        rows = await database.query(
            f"""
            SELECT toUnixTimestamp64Milli(seen_at) AS seen_ms, trace_id, span_id FROM spans
            WHERE project_id = {{project:String}} AND kind IN {{kinds:Array(String)}}
              AND seen_at >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC')
              AND seen_at < fromUnixTimestamp64Milli({{to:Int64}}, 'UTC'){conditions}
            ORDER BY seen_at DESC LIMIT {{rows:UInt32}}
            """,  # noqa: S608 - expressions of our own; every value is bound
            parameters | {"rows": row_count},
            is_scan=bool(conditions),
        )
        is_all = len(rows) < row_count
        # Of the last row's moment there may be more.
        keys = {SpanKey(**row) for row in rows if is_all or row["seen_ms"] > rows[-1]["seen_ms"]}
        if after:
            keys = {key for key in keys if key < (after.key, *after.ids)}
        if len(keys) >= limit or is_all:
            return sorted(keys, reverse=True)[:limit]
        row_count *= ROWS_A_SPAN


async def _in_full(database: Database, project_id: str, keys: Sequence[SpanKey]) -> list[Span]:
    """The spans of these keys, in their order."""
    if not keys:
        return []
    trace_ids = sorted({key.trace_id for key in keys})
    rows, calls, links, logged = await asyncio.gather(
        _rows(database, project_id, keys),
        calls_of_traces(database, project_id, trace_ids),
        trace_links(database, project_id, trace_ids),
        logged_messages(database, project_id, trace_ids),
    )
    counted = {trace_id: counted_calls(each.by_span) for trace_id, each in calls.items()}
    contexts = {
        trace_id: TraceContext(counted.get(trace_id, {}), links.get(trace_id, NO_LINKS).existing_ids, logged)
        for trace_id in trace_ids
    }
    by_id = {(row["trace_id"], row["span_id"]): row for row in rows}
    ids = [(key.trace_id, key.span_id) for key in keys]
    return [span_of(by_id[each], contexts[each[0]]) for each in ids if each in by_id]


async def _rows(database: Database, project_id: str, keys: Sequence[SpanKey]) -> list[dict[str, Any]]:
    return await database.query(
        f"""
        SELECT {COLUMNS} FROM spans
        WHERE project_id = {{project:String}} AND trace_id IN {{traces:Array(String)}}
          AND span_id IN {{spans:Array(String)}}
          AND seen_at BETWEEN fromUnixTimestamp64Milli({{oldest:Int64}}, 'UTC')
            AND fromUnixTimestamp64Milli({{newest:Int64}}, 'UTC')
        ORDER BY precedence DESC, start_ns
        LIMIT 1 BY trace_id, span_id
        """,  # noqa: S608 - a constant; every value is bound
        {
            "project": project_id,
            "traces": [key.trace_id for key in keys],
            "spans": [key.span_id for key in keys],
            "oldest": min(key.seen_ms for key in keys),
            "newest": max(key.seen_ms for key in keys),
        },
    )
