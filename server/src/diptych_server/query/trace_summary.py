"""Traces as rows of a list: read from the roll-up by their ids, with their sessions and what they cost."""

import asyncio
from collections.abc import Collection, Mapping
from typing import Any

from diptych_server.query.instants import ALL_HOURS, Hours, rfc3339_of_ns
from diptych_server.query.links import NO_LINKS, TraceLinks, trace_links
from diptych_server.query.usage import add_up
from diptych_server.store.database import Database
from diptych_server.wire.answers import TraceSummary, User

ROOT_ARRIVED = 2
"""Rank of a root without a parent, see the view `traces_from_spans`."""

TRACE_COLUMNS = """
  min(traces.first_seen) AS first_seen, max(traces.last_seen) AS last_seen,
  min(traces.start_ns) AS start_ns, max(traces.end_ns) AS end_ns,
  min(traces.first_token_ns) AS first_token_ns, max(traces.root) AS root, max(traces.named) AS named,
  max(traces.input).preview AS input, max(traces.output).preview AS output,
  max(traces.ml_app) AS ml_app, max(traces.user_id) AS user_id,
  max(traces.conversation_id) AS conversation_id,
  arraySort(groupUniqArrayArray(traces.models)) AS models,
  uniqExactMerge(traces.spans) AS spans, uniqExactMerge(traces.errors) AS errors,
  maxMap(usage) AS calls"""
"""What `summary_of` is made of, beside the trace's id: aggregates over a trace's rows."""


async def trace_summaries(
    database: Database, project_id: str, trace_ids: Collection[str], hours: Hours = ALL_HOURS
) -> dict[str, TraceSummary]:
    """Those of the traces that exist, over every hour they have, which `hours` hold."""
    rows, links = await asyncio.gather(
        trace_rows(database, project_id, trace_ids, hours), trace_links(database, project_id, trace_ids)
    )
    return {row["trace_id"]: summary_of(row, links.get(row["trace_id"], NO_LINKS)) for row in rows}


async def trace_rows(
    database: Database, project_id: str, trace_ids: Collection[str], hours: Hours = ALL_HOURS
) -> list[dict[str, Any]]:
    """One row a trace, of every hour it has: its roll-up."""
    rows = await database.things.read(
        project_id,
        ("trace rows", hours),
        trace_ids,
        lambda ids: _trace_rows(database, project_id, ids, hours),
        lambda came: came.trace_ids,
    )
    return list(rows.values())


async def _trace_rows(
    database: Database, project_id: str, trace_ids: Collection[str], hours: Hours
) -> dict[str, dict[str, Any]]:
    rows = await database.query(
        f"""
        SELECT trace_id, {TRACE_COLUMNS}
        FROM traces
        PREWHERE project_id = {{project:String}} AND trace_id IN {{traces:Array(String)}}
          AND hour BETWEEN {{first_hour:DateTime('UTC')}} AND {{last_hour:DateTime('UTC')}}
        GROUP BY trace_id
        """,  # noqa: S608 - a constant; every value is bound
        {
            "project": project_id,
            "traces": list(trace_ids),
            "first_hour": hours.first,
            "last_hour": hours.last,
        },
    )
    return {row["trace_id"]: row for row in rows}


def summary_of(row: Mapping[str, Any], links: TraceLinks) -> TraceSummary:
    """One row of `trace_rows` as the API shows it."""
    root = row["root"]
    usage = add_up([row["calls"]])
    first_token_ns = row["first_token_ns"]
    return TraceSummary(
        trace_id=row["trace_id"],
        name=row["named"]["name"],
        kind=row["named"]["kind"],
        start=rfc3339_of_ns(row["start_ns"]),
        duration_ms=(row["end_ns"] - row["start_ns"]) / 1_000_000,
        is_complete=root["rank"] == ROOT_ARRIVED or root["parent_id"] in links.page_span_ids,
        status="error" if row["errors"] else "ok",
        spans=row["spans"],
        errors=row["errors"],
        ml_app=row["ml_app"],
        service=root["service"],
        models=list(row["models"]),
        input=row["input"],
        output=row["output"],
        ttft_ms=None if first_token_ns is None else (first_token_ns - row["start_ns"]) / 1_000_000,
        tokens=usage.tokens,
        cost_usd=usage.cost_usd,
        user=_user(row, links),
        conversation_id=row["conversation_id"] or links.conversation_id,
        session_ids=links.existing_ids,
    )


def _user(row: Mapping[str, Any], links: TraceLinks) -> User:
    """Who the agent says it was; with name and email where the page says the same of its session."""
    pages = [link.user for link in links.sessions if link.user.id]
    if not row["user_id"]:
        return pages[0] if pages else User()
    return next((user for user in pages if user.id == row["user_id"]), User(id=row["user_id"]))
