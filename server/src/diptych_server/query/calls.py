"""The model calls of traces, as the roll-up tells them."""

from collections.abc import Collection
from typing import NamedTuple

from diptych_server.query.usage import CallsBySpan
from diptych_server.store.database import Database


class TraceCalls(NamedTuple):
    """Those of one trace."""

    by_span: CallsBySpan
    is_llm: bool
    """Whether the trace has a span of LLM kinds."""


async def calls_of_traces(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, TraceCalls]:
    """The calls of each trace that has arrived."""
    return await database.things.read(
        project_id,
        "calls of traces",
        trace_ids,
        lambda ids: _calls_of_traces(database, project_id, ids),
        lambda came: came.trace_ids,
        lambda calls: len(calls.by_span),
    )


async def _calls_of_traces(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, TraceCalls]:
    rows = await database.query(
        """
        SELECT trace_id, maxMap(usage) AS calls, max(is_llm) AS is_llm FROM traces
        WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
        GROUP BY trace_id
        """,
        {"project": project_id, "traces": sorted(trace_ids)},
    )
    return {row["trace_id"]: TraceCalls(row["calls"], bool(row["is_llm"])) for row in rows}
