"""Traces of ddtrace have two ids: of LLM Observability, and of APM, which a page's request may have carried.

The first is the trace everywhere here; the second stands as a tag on its spans, and leads to it. Datadog's
page SDK makes ids of 64 bits, so only a trace id whose upper half is empty can be one.
"""

from collections.abc import Collection, Iterable

from diptych_server.store.database import Database

APM_TRACE = "apm_trace"
"""A source of `trace_sessions` whose `session_id` is none: the APM trace of the spans of a trace."""

UPPER_HALF = "0" * 16


async def traces_of_apm(database: Database, project_id: str, trace_ids: Iterable[str]) -> dict[str, set[str]]:
    """The traces behind each of the ids that is of an APM trace; the others are not in the answer."""
    candidates = {trace_id for trace_id in trace_ids if trace_id.startswith(UPPER_HALF)}
    if not candidates:
        return {}
    rows = await database.query(
        """
        SELECT session_id AS apm_trace_id, groupUniqArray(trace_id) AS trace_ids FROM trace_sessions
        WHERE project_id = {project:String} AND session_id IN {candidates:Array(String)}
          AND source = {apm_trace:String}
        GROUP BY session_id
        """,
        {"project": project_id, "candidates": sorted(candidates), "apm_trace": APM_TRACE},
    )
    return {row["apm_trace_id"]: set(row["trace_ids"]) for row in rows}


def resolved(trace_ids: Collection[str], traces: dict[str, set[str]]) -> set[str]:
    """The ids, with the traces behind an APM trace in its place."""
    return {real for trace_id in trace_ids for real in traces.get(trace_id, {trace_id})}
