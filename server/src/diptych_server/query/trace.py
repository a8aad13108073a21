"""`GET /api/v1/traces/{trace_id}`: one trace with its spans, sessions and evaluations."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.errors import NotFound
from diptych_server.query.clock import SessionClocks, session_clocks
from diptych_server.query.evaluations import evaluations_of_trace
from diptych_server.query.links import NO_LINKS, Link, trace_links
from diptych_server.query.replay import replay_views
from diptych_server.query.span import COLUMNS, span_of
from diptych_server.query.trace_summary import summary_of, trace_rows
from diptych_server.store.database import Database
from diptych_server.wire.answers import Clock, ReplayView, Trace, TraceSession

MAX_SPANS = 20_000
"""Spans of one answer, the earliest; four times the largest trace that is stored whole by promise."""

MAX_SESSIONS = 20
"""Sessions of a trace whose pages are looked at; the surest first."""


class Asked(NamedTuple):
    """Where on a page a trace was asked for."""

    at_ms: int
    """Page clock."""
    view_id: str
    tab_id: str


async def get_trace(database: Database, project_id: str, trace_id: str) -> Trace:
    """The trace.

    Raises:
        NotFound: no span of it has arrived in this project.
    """
    rows, links_by_trace, span_rows = await asyncio.gather(
        trace_rows(database, project_id, [trace_id]),
        trace_links(database, project_id, [trace_id]),
        _span_rows(database, project_id, trace_id),
    )
    if not rows or not span_rows:
        raise NotFound(f"no span of trace {trace_id[:128]!r} has arrived in this project")
    [row] = rows
    links = links_by_trace.get(trace_id, NO_LINKS)
    summary = summary_of(row, links)
    evaluations, pages = await asyncio.gather(
        evaluations_of_trace(database, project_id, trace_id, [span["tags"] for span in span_rows]),
        asyncio.gather(
            *(
                _page(database, project_id, trace_id, link, row["start_ns"] / 1e6)
                for link in links.sessions[:MAX_SESSIONS]
            )
        ),
    )
    counted = frozenset(row["counted"])
    browser_session_ids = frozenset(links.existing_ids)
    return Trace(
        trace_id=trace_id,
        name=summary.name,
        start=summary.start,
        start_ns=row["start_ns"],
        duration_ms=summary.duration_ms,
        is_complete=summary.is_complete,
        status=summary.status,
        ml_app=summary.ml_app,
        service=summary.service,
        models=summary.models,
        tokens=summary.tokens,
        cost_usd=summary.cost_usd,
        user=summary.user,
        conversation_id=summary.conversation_id,
        sessions=[session for session, _ in pages],
        clock=next((clock for _, clock in pages if clock), None),
        spans=[span_of(span, counted, browser_session_ids) for span in span_rows],
        evaluations=evaluations,
    )


async def _span_rows(database: Database, project_id: str, trace_id: str) -> list[dict[str, Any]]:
    return await database.query(
        f"""
        SELECT * FROM (
          SELECT {COLUMNS} FROM spans
          WHERE project_id = {{project:String}} AND trace_id = {{trace:String}}
          ORDER BY precedence DESC, start_ns
          LIMIT 1 BY span_id
        )
        ORDER BY start_ns, span_id
        LIMIT {MAX_SPANS}
        """,  # noqa: S608 - constants; every value is bound
        {"project": project_id, "trace": trace_id},
    )


async def _page(
    database: Database, project_id: str, trace_id: str, link: Link, start_ms: float
) -> tuple[TraceSession, Clock | None]:
    """One session of the trace: where its replay should open, and its clock there."""
    if not link.exists:
        return _trace_session(link, [], None), None
    asked, views, clocks = await asyncio.gather(
        _asked(database, project_id, link.session_id, trace_id),
        replay_views(database, project_id, link.session_id),
        session_clocks(database, project_id, link.session_id),
    )
    if asked is None and views:
        asked = _asked_by_clock(views, clocks, start_ms)
    clock = clocks.at(asked.tab_id, asked.at_ms) if asked else None
    return _trace_session(link, views, asked), clock


def _trace_session(link: Link, views: Sequence[ReplayView], asked: Asked | None) -> TraceSession:
    return TraceSession(
        session_id=link.session_id,
        source=link.source,
        exists=link.exists,
        has_replay=bool(views),
        replay_at=asked.at_ms if asked else None,
        view_id=asked.view_id if asked else None,
        user=link.user,
    )


async def _asked(database: Database, project_id: str, session_id: str, trace_id: str) -> Asked | None:
    """The request of the page that started the trace, else the answer that it became."""
    rows: list[dict[str, Any]] = await database.query(
        """
        SELECT toUnixTimestamp64Milli(ts) AS at_ms, view_id, tab_id FROM (
          SELECT * FROM rum_events
          WHERE project_id = {project:String} AND session_id = {session:String} AND trace_id = {trace:String}
            AND type IN ('resource', 'answer')
          ORDER BY precedence DESC, ts LIMIT 1 BY event_id
        )
        ORDER BY type = 'resource' DESC, ts, event_id
        LIMIT 1
        """,
        {"project": project_id, "session": session_id, "trace": trace_id},
    )
    return Asked(**_only(rows)) if rows else None


def _only(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    [row] = rows
    return row


def _asked_by_clock(views: Sequence[ReplayView], clocks: SessionClocks, start_ms: float) -> Asked:
    """The view that was on the screen when the trace began, as far as the clocks tell."""

    def distance(view: ReplayView) -> tuple[float, str]:
        at_ms = page_ms(view)
        return max(view.start - at_ms, at_ms - view.end, 0.0), view.view_id

    def page_ms(view: ReplayView) -> float:
        clock = clocks.at(view.tab_id, int(start_ms))
        return start_ms - (clock.offset_ms if clock else 0.0)

    view = min(views, key=distance)
    return Asked(round(page_ms(view)), view.view_id, view.tab_id)
