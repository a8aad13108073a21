"""`GET /api/v1/sessions/{session_id}`: one session with the totals of both its sides."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from diptych_server.errors import NotFound
from diptych_server.query.calls import calls_of_traces
from diptych_server.query.instants import ALL_HOURS, Hours, epoch_ms, ms_of, rfc3339
from diptych_server.query.links import session_trace_ids, user_of
from diptych_server.query.recordings import recorded_ms
from diptych_server.query.usage import Usage, add_up
from diptych_server.store.database import Database
from diptych_server.wire.answers import Session

IDLE_LIMIT_MS = 15 * 60 * 1000
"""A session ends after 15 minutes without an event (the browser SDK's rule)."""

FRUSTRATIONS = {"rage_click": "rage_clicks", "dead_click": "dead_clicks", "error_click": "error_clicks"}
"""Kind of frustration to its column."""


class LlmSide(NamedTuple):
    """What the agents did in a session."""

    traces: int
    usage: Usage


async def get_session(database: Database, project_id: str, session_id: str) -> Session:
    """The session.

    Raises:
        NotFound: no RUM of it has arrived in this project.
    """
    found = await sessions_in_full(database, project_id, [session_id])
    if session_id not in found:
        raise session_not_found(session_id)
    return found[session_id]


def session_not_found(session_id: str) -> NotFound:
    """The 404 of a session of which nothing has arrived."""
    return NotFound(f"no RUM event of session {session_id[:128]!r} has arrived in this project")


async def sessions_in_full(
    database: Database, project_id: str, session_ids: Collection[str], hours: Hours = ALL_HOURS
) -> dict[str, Session]:
    """Those of the sessions that exist, each with its totals over every hour it has, which `hours` hold."""
    if not session_ids:
        return {}
    own, recorded, llm = await asyncio.gather(
        _own_side(database, project_id, session_ids, hours),
        recorded_ms(database, project_id, session_ids),
        llm_side(database, project_id, session_ids),
    )
    now_ms = epoch_ms()
    no_llm = LlmSide(0, add_up([]))
    return {
        row["session_id"]: _session(
            row, recorded.get(row["session_id"]), llm.get(row["session_id"], no_llm), now_ms
        )
        for row in own
    }


async def _own_side(
    database: Database, project_id: str, session_ids: Collection[str], hours: Hours
) -> list[dict[str, Any]]:
    return await database.query(
        """
        SELECT session_id,
          min(sessions.first_seen) AS first_seen, max(sessions.last_seen) AS last_seen,
          max(sessions.application_id) AS application_id, max(sessions.service) AS service,
          max(sessions.env) AS env, max(sessions.version) AS version, max(sessions.browser) AS browser,
          max(sessions.os) AS os, max(sessions.device) AS device, max(sessions.country) AS country,
          max(sessions.user) AS user,
          max(first_view).url AS first_view_url, max(last_view).url AS last_view_url,
          uniqExactMerge(sessions.views) AS views, uniqExactMerge(sessions.actions) AS actions,
          uniqExactMerge(sessions.errors) AS errors, uniqExactMerge(sessions.resources) AS resources,
          uniqExactMerge(sessions.long_tasks) AS long_tasks, uniqExactMerge(sessions.answers) AS answers,
          uniqExactMerge(sessions.rage_clicks) AS rage_clicks,
          uniqExactMerge(sessions.dead_clicks) AS dead_clicks,
          uniqExactMerge(sessions.error_clicks) AS error_clicks
        FROM sessions
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
          AND hour BETWEEN {first_hour:DateTime('UTC')} AND {last_hour:DateTime('UTC')}
        GROUP BY session_id
        """,
        {
            "project": project_id,
            "sessions": list(session_ids),
            "first_hour": hours.first,
            "last_hour": hours.last,
        },
    )


async def llm_side(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, LlmSide]:
    """Traces, tokens and cost of each session that has LLM traces; a trace of two sessions counts in both."""
    trace_ids = await session_trace_ids(database, project_id, session_ids)
    calls = await calls_of_traces(database, project_id, set().union(*trace_ids.values()))
    found: dict[str, LlmSide] = {}
    for session_id, ids in trace_ids.items():
        traces = [calls[each].by_span for each in ids if each in calls and calls[each].is_llm]
        found[session_id] = LlmSide(len(traces), add_up(traces))
    return found


def _session(row: Mapping[str, Any], recorded: int | None, llm: LlmSide, now_ms: int) -> Session:
    last_seen_ms = ms_of(row["last_seen"])
    return Session(
        session_id=row["session_id"],
        application_id=row["application_id"],
        service=row["service"],
        env=row["env"],
        version=row["version"],
        user=user_of(row["user"]),
        browser=row["browser"],
        os=row["os"],
        device=row["device"],
        country=row["country"],
        first_seen=rfc3339(row["first_seen"]),
        last_seen=rfc3339(row["last_seen"]),
        duration_ms=last_seen_ms - ms_of(row["first_seen"]),
        is_active=now_ms - last_seen_ms < IDLE_LIMIT_MS,
        views=row["views"],
        actions=row["actions"],
        errors=row["errors"],
        resources=row["resources"],
        long_tasks=row["long_tasks"],
        answers=row["answers"],
        frustrations={kind: row[column] for kind, column in FRUSTRATIONS.items() if row[column]},
        first_view_url=row["first_view_url"],
        last_view_url=row["last_view_url"],
        has_replay=recorded is not None,
        replay_ms=recorded or 0,
        traces=llm.traces,
        tokens=llm.usage.tokens,
        cost_usd=llm.usage.cost_usd,
    )
