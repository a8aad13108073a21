"""`GET /api/v1/sessions/{session_id}/link-check`: what both sides know of an id that nothing is linked to."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec

from diptych_server.query.apm_traces import APM_TRACE
from diptych_server.query.instants import Period, ms_of, rfc3339
from diptych_server.query.links import FEEDBACK_KEY, session_trace_ids
from diptych_server.store.database import Database
from diptych_server.wire.link_check import LinkCheck

AROUND_MS = 10 * 60 * 1000
"""How near to a trace another session counts as a sign that pages were sending then."""

MAX_TRACE_IDS = 200
MAX_COUNTED = 100
MAX_ORIGINS = 5


async def check_links(database: Database, project_id: str, session_id: str) -> LinkCheck:
    """The facts; an id that nothing names gets zeros."""
    page, project, linked = await asyncio.gather(
        _page_side(database, project_id, session_id),
        _project(database, project_id),
        _llm_traces_of(database, project_id, session_id),
    )
    exists = page["events"] > 0
    agent, homeless, named = await asyncio.gather(
        _agent_side(database, project_id, page["trace_ids"]),
        _homeless(database, project_id, page["first_ms"], page["last_ms"]) if exists else _none(),
        _named(database, project_id, session_id) if not exists else _none(),
    )
    unseen = [trace_id for trace_id in page["trace_ids"] if trace_id not in agent]
    return LinkCheck(
        session_exists=exists,
        linked_traces=linked,
        answers=page["answers"],
        requests=page["requests"],
        traced_requests=page["traced"],
        untraced_origins=page["untraced_origins"],
        failed_requests=page["failed"],
        unseen_trace_id=unseen[0] if unseen else None,
        unseen_traces=len(unseen),
        traces_without_llm=sum(not is_llm for is_llm in agent.values()),
        homeless_traces=len(homeless),
        homeless_trace_id=homeless[0]["trace_id"] if homeless else None,
        project_has_traces=project["traces"] > 0,
        project_has_sessions=project["sessions"] > 0,
        named_at=rfc3339(named[0]["at"]) if named else None,
        named_by=sorted(named[0]["sources"]) if named else [],
        sessions_around=await _sessions_around(database, project_id, ms_of(named[0]["at"])) if named else 0,
        session_sample_rate=_sample_rate(project["latest_view"]),
    )


async def _none() -> list[dict[str, Any]]:
    return []


async def _page_side(database: Database, project_id: str, session_id: str) -> dict[str, Any]:
    """What the page asked for; an answer and the request it came by count as two."""
    [row] = await database.query(
        f"""
        SELECT count() AS events,
          toInt64(toUnixTimestamp64Milli(min(seen_at))) AS first_ms,
          toInt64(toUnixTimestamp64Milli(max(seen_at))) AS last_ms,
          uniqExactIf(event_id, type = 'answer') AS answers,
          uniqExactIf(event_id, asks) AS requests,
          uniqExactIf(event_id, asks AND trace_id != '') AS traced,
          uniqExactIf(event_id, asks AND type = 'resource' AND status_code = 0) AS failed,
          groupUniqArrayIf({MAX_TRACE_IDS})(trace_id, trace_id != '') AS trace_ids,
          topKIf({MAX_ORIGINS})(concat(protocol(name), '://', domain(name)),
            asks AND type = 'resource' AND trace_id = '' AND domain(name) != '') AS untraced_origins
        FROM (
          SELECT *, type = 'answer' OR (type = 'resource' AND resource_type IN ('fetch', 'xhr')) AS asks
          FROM rum_events
          WHERE project_id = {{project:String}} AND session_id = {{session:String}}
        )
        """,  # noqa: S608 - constants of our own; every value is bound
        {"project": project_id, "session": session_id},
    )
    return row


async def _project(database: Database, project_id: str) -> dict[str, Any]:
    traces, sessions, latest = await asyncio.gather(
        database.query(
            "SELECT 1 FROM traces WHERE project_id = {project:String} AND is_llm LIMIT 1",
            {"project": project_id},
        ),
        database.query(
            "SELECT 1 FROM sessions WHERE project_id = {project:String} LIMIT 1", {"project": project_id}
        ),
        database.query(
            """
            SELECT raw FROM rum_events
            WHERE project_id = {project:String} AND type = 'view' AND seen_at > now() - toIntervalDay(1)
            ORDER BY seen_at DESC LIMIT 1
            """,
            {"project": project_id},
        ),
    )
    return {
        "traces": len(traces),
        "sessions": len(sessions),
        "latest_view": latest[0]["raw"] if latest else "",
    }


async def _llm_traces_of(database: Database, project_id: str, session_id: str) -> int:
    found = await session_trace_ids(database, project_id, [session_id])
    is_llm = await _agent_side(database, project_id, sorted(found.get(session_id, ())))
    return sum(is_llm.values())


async def _agent_side(database: Database, project_id: str, trace_ids: Sequence[str]) -> dict[str, bool]:
    """Those of the traces that have spans here, and whether one is of the seven kinds."""
    if not trace_ids:
        return {}
    rows = await database.query(
        """
        SELECT trace_id, max(is_llm) AS llm FROM traces
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
        GROUP BY trace_id
        """,
        {"project": project_id, "traces": list(trace_ids)},
    )
    return {row["trace_id"]: bool(row["llm"]) for row in rows}


async def _homeless(database: Database, project_id: str, first_ms: int, last_ms: int) -> list[dict[str, Any]]:
    """LLM traces that began while the session went on, and that name no session."""
    return await database.query(
        f"""
        SELECT trace_id FROM traces
        WHERE project_id = {{project:String}}
          AND hour BETWEEN {{from_hour:DateTime('UTC')}} AND {{to_hour:DateTime('UTC')}}
        GROUP BY trace_id
        HAVING max(is_llm) AND min(start_ns) BETWEEN {{from:Int64}} * 1000000 AND {{to:Int64}} * 1000000
          AND trace_id NOT IN (
            SELECT trace_id FROM trace_sessions
            WHERE project_id = {{project:String}} AND source NOT IN {{no_sessions:Array(String)}}
          )
        LIMIT {MAX_COUNTED}
        """,  # noqa: S608 - constants of our own; every value is bound
        {
            "project": project_id,
            **Period(first_ms, last_ms).parameters,
            "no_sessions": [FEEDBACK_KEY, APM_TRACE],
        },
    )


async def _named(database: Database, project_id: str, session_id: str) -> list[dict[str, Any]]:
    """How and when traces named the id; nothing when none did."""
    return await database.query(
        """
        SELECT max(last_seen) AS at, groupUniqArray(toString(source)) AS sources FROM trace_sessions
        WHERE project_id = {project:String} AND session_id = {session:String}
          AND source NOT IN {no_sessions:Array(String)}
        HAVING count() > 0
        """,
        {"project": project_id, "session": session_id, "no_sessions": [FEEDBACK_KEY, APM_TRACE]},
    )


async def _sessions_around(database: Database, project_id: str, at_ms: int) -> int:
    rows = await database.query(
        f"""
        SELECT session_id FROM sessions
        WHERE project_id = {{project:String}}
          AND hour BETWEEN {{from_hour:DateTime('UTC')}} AND {{to_hour:DateTime('UTC')}}
        GROUP BY session_id
        HAVING max(last_seen) >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC')
          AND min(first_seen) <= fromUnixTimestamp64Milli({{to:Int64}}, 'UTC')
        LIMIT {MAX_COUNTED}
        """,  # noqa: S608 - constants of our own; every value is bound
        {"project": project_id, **Period(at_ms - AROUND_MS, at_ms + AROUND_MS).parameters},
    )
    return len(rows)


def _sample_rate(raw_view: str) -> float | None:
    """`_dd.configuration.session_sample_rate` of a view, where it says one."""
    view: Any = msgspec.json.decode(raw_view) if raw_view else {}
    for key in ("_dd", "configuration", "session_sample_rate"):
        view = view.get(key) if isinstance(view, dict) else None
    return float(view) if isinstance(view, int | float) and not isinstance(view, bool) else None
