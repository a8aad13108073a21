"""`GET /api/v1/traces/{trace_id}`: one trace with its spans, sessions and evaluations."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.errors import NotFound
from diptych_server.query.clock import SessionClocks, session_clocks
from diptych_server.query.instants import day_of, ms_of
from diptych_server.query.judgements import JoinedTurn, evaluations_of_turns
from diptych_server.query.links import NO_LINKS, Link, trace_links
from diptych_server.query.log_messages import logged_messages
from diptych_server.query.page import Page, read_page
from diptych_server.query.recordings import Segment, session_segments
from diptych_server.query.replay import replay_views
from diptych_server.query.span import COLUMNS, TraceContext, span_of
from diptych_server.query.trace_summary import summary_of, trace_rows
from diptych_server.query.turn_halves import answers_by_time
from diptych_server.query.usage import counted_calls
from diptych_server.store.database import Database
from diptych_server.wire.answers import Clock, ReplayView, Trace, TraceSession

MAX_SPANS = 20_000
"""Spans of one answer, the earliest; four times the largest trace that is stored whole by promise."""

MAX_SESSIONS = 20
"""Sessions of a trace whose pages are looked at; the surest first."""


class TracePage(NamedTuple):
    """What one session's page knows of the trace."""

    session: TraceSession
    clock: Clock | None
    """Where it was asked."""


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
    rows, links_by_trace = await asyncio.gather(
        trace_rows(database, project_id, [trace_id]), trace_links(database, project_id, [trace_id])
    )
    if not rows:
        raise NotFound(f"no span of trace {trace_id[:128]!r} has arrived in this project")
    [row] = rows
    links = links_by_trace.get(trace_id, NO_LINKS)
    span_rows, logged, pages = await asyncio.gather(
        _span_rows(database, project_id, row),
        logged_messages(database, project_id, [trace_id]),
        _read_pages(database, project_id, links.existing_ids[:MAX_SESSIONS]),
    )
    summary = summary_of(row, links)
    answer_ids = _answer_ids(pages, trace_id)
    if pages and not answer_ids:
        answer_ids = await answers_by_time(database, project_id, trace_id, links)
    evaluations, trace_pages = await asyncio.gather(
        evaluations_of_turns(
            database,
            project_id,
            {trace_id: JoinedTurn(trace_id, answer_ids, span_rows, summary.output)},
        ),
        asyncio.gather(
            *(
                _trace_page(
                    database, project_id, trace_id, link, pages.get(link.session_id), row["start_ns"] / 1e6
                )
                for link in links.sessions
            )
        ),
    )
    context = TraceContext(counted_calls(row["calls"]), frozenset(links.existing_ids), logged)
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
        sessions=[page.session for page in trace_pages],
        clock=next((page.clock for page in trace_pages if page.clock), None),
        spans=[span_of(span, context) for span in span_rows],
        evaluations=evaluations[trace_id],
    )


async def _span_rows(database: Database, project_id: str, row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Every span of a trace, of which a row of its roll-up tells when it was."""
    return await database.query(
        f"""
        SELECT * FROM (
          SELECT {COLUMNS}, output_preview FROM spans
          WHERE project_id = {{project:String}} AND trace_id = {{trace:String}}
            AND toDate(seen_at) BETWEEN {{first_day:Date}} AND {{last_day:Date}}
          ORDER BY precedence DESC, start_ns
          LIMIT 1 BY span_id
        )
        ORDER BY start_ns, span_id
        LIMIT {MAX_SPANS}
        """,  # noqa: S608 - constants; every value is bound
        {
            "project": project_id,
            "trace": row["trace_id"],
            "first_day": day_of(ms_of(row["first_seen"])),
            "last_day": day_of(ms_of(row["last_seen"])),
        },
    )


async def _read_pages(
    database: Database, project_id: str, session_ids: Sequence[str]
) -> dict[str, tuple[Page, list[Segment]]]:
    """Page and recording of each session."""

    async def read(session_id: str) -> tuple[Page, list[Segment]]:
        return await asyncio.gather(
            read_page(database, project_id, session_id), session_segments(database, project_id, session_id)
        )

    found = await asyncio.gather(*(read(session_id) for session_id in session_ids))
    return dict(zip(session_ids, found, strict=True))


def _answer_ids(pages: Mapping[str, tuple[Page, list[Segment]]], trace_id: str) -> list[str]:
    return [
        request.event_id
        for page, _ in pages.values()
        for request in page.requests
        if request.type == "answer" and request.trace_id == trace_id
    ]


async def _trace_page(
    database: Database,
    project_id: str,
    trace_id: str,
    link: Link,
    side: tuple[Page, list[Segment]] | None,
    start_ms: float,
) -> TracePage:
    """One session of the trace: where its replay should open, and its clock there."""
    if side is None:
        return TracePage(_trace_session(link, None, has_replay=False), None)
    page, segments = side
    asked = _asked(page, trace_id)
    clocks = await session_clocks(database, project_id, page, segments)
    if asked is None and segments:
        asked = _asked_by_clock(replay_views(segments, {}), clocks, start_ms)
    clock = clocks.at(asked.tab_id, asked.at_ms) if asked else None
    return TracePage(_trace_session(link, asked, has_replay=bool(segments)), clock)


def _trace_session(link: Link, asked: Asked | None, *, has_replay: bool) -> TraceSession:
    return TraceSession(
        session_id=link.session_id,
        source=link.source,
        exists=link.exists,
        has_replay=has_replay,
        replay_at=asked.at_ms if asked else None,
        view_id=asked.view_id if asked else None,
        user=link.user,
    )


def _asked(page: Page, trace_id: str) -> Asked | None:
    """The request of the page that started the trace, else the answer that it became."""
    of_trace = [request for request in page.requests if request.trace_id == trace_id]
    first = min(of_trace, key=lambda request: request.type == "answer", default=None)
    return Asked(first.start_ms, first.view_id, first.tab_id) if first else None


def _asked_by_clock(views: Sequence[ReplayView], clocks: SessionClocks, start_ms: float) -> Asked:
    """The view that was on the screen when the trace began, as far as the clocks tell."""

    def page_ms(view: ReplayView) -> float:
        clock = clocks.at(view.tab_id, view.start)
        return start_ms - (clock.offset_ms if clock else 0.0)

    def distance(view: ReplayView) -> tuple[float, str]:
        at_ms = page_ms(view)
        return max(view.start - at_ms, at_ms - view.end, 0.0), view.view_id

    view = min(views, key=distance)
    return Asked(round(page_ms(view)), view.view_id, view.tab_id)
