"""`GET /api/v1/sessions/{session_id}/traces`: the LLM traces of a session, or of any id that spans claim."""

from diptych_server.query.cursor import Cursor
from diptych_server.query.links import session_trace_ids
from diptych_server.query.trace_summary import trace_summaries
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page, TraceSummary

LIST_NAME = "session_traces"


async def list_session_traces(
    database: Database, project_id: str, session_id: str, *, limit: int = 50, cursor: str | None = None
) -> Page[TraceSummary]:
    """A page of the session's traces, in the order they began; empty for an id that nothing names.

    Raises:
        BadRequest: the cursor is not of this list.
    """
    after = Cursor.decode(cursor, LIST_NAME) if cursor else None
    trace_ids = await session_trace_ids(database, project_id, [session_id])
    past = "(started_ns, trace_id) > ({after_ns:Int64}, {after_id:String})"
    keys = await database.query(
        f"""
        SELECT trace_id, min(start_ns) AS started_ns
        FROM traces
        WHERE project_id = {{project:String}} AND trace_id IN {{traces:Array(String)}}
        GROUP BY trace_id
        HAVING max(is_llm) {f"AND {past}" if after else ""}
        ORDER BY started_ns, trace_id
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 - parts of our own; every value is bound
        {
            "project": project_id,
            "traces": sorted(trace_ids.get(session_id, ())),
            "limit": limit + 1,
            "after_ns": after.key if after else 0,
            "after_id": after.ids[0] if after else "",
        },
    )
    page = keys[:limit]
    summaries = await trace_summaries(database, project_id, [row["trace_id"] for row in page])
    next_cursor = None
    if len(keys) > limit:
        next_cursor = Cursor(LIST_NAME, page[-1]["started_ns"], (page[-1]["trace_id"],)).encode()
    return Page(
        items=[summaries[row["trace_id"]] for row in page if row["trace_id"] in summaries],
        next_cursor=next_cursor,
    )
