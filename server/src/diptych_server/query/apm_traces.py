"""Traces of ddtrace have two ids: of LLM Observability, and of APM, which a page's request may have carried.

The first is the trace everywhere here; the second stands as a tag on its spans, and leads to it. One APM
trace may hold several of the first kind, and spans that were sent under its own id.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping

from diptych_server.store.database import Database
from diptych_server.store.traits import APM_TRACES

APM_TRACE = "apm_trace"
"""A source of `trace_sessions` whose `session_id` is none: the APM trace of the spans of a trace."""


async def traces_of_apm(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, set[str]]:
    """The traces behind each of the ids that is of an APM trace; the others are not in the answer."""
    if not trace_ids or not await database.traits.has(project_id, APM_TRACES):
        return {}
    rows = await database.query(
        """
        SELECT DISTINCT session_id AS apm_trace_id, trace_id FROM trace_sessions
        WHERE project_id = {project:String} AND session_id IN {candidates:Array(String)}
          AND source = {apm_trace:String}
        """,
        {"project": project_id, "candidates": sorted(trace_ids), "apm_trace": APM_TRACE},
    )
    return _grouped((row["apm_trace_id"], row["trace_id"]) for row in rows)


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for one, other in pairs:
        found[one].add(other)
    return dict(found)


def resolved(trace_ids: Collection[str], traces: Mapping[str, Collection[str]]) -> set[str]:
    """The ids, and the traces behind those of APM traces."""
    return {real for trace_id in trace_ids for real in (trace_id, *traces.get(trace_id, ()))}
