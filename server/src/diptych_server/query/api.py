"""Routes of the query API. `database`, `blobs` and `project_id` are given by the app, from the reader's
key."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, PathParameter, QueryParameter

from diptych_server.query import replay_events
from diptych_server.query.evaluations import list_evaluations
from diptych_server.query.evaluations_api import HANDLERS as EVALUATION_HANDLERS
from diptych_server.query.explore_api import HANDLERS as EXPLORE_HANDLERS
from diptych_server.query.first_things import Order
from diptych_server.query.instants import Period
from diptych_server.query.link_check import check_links
from diptych_server.query.paths import decoded_id
from diptych_server.query.replay import get_replay
from diptych_server.query.session import get_session
from diptych_server.query.session_events import list_session_events
from diptych_server.query.session_traces import list_session_traces
from diptych_server.query.sessions import SessionSort, list_sessions
from diptych_server.query.spans import LLM_KINDS, list_spans
from diptych_server.query.trace import get_trace
from diptych_server.query.traces import TraceSort, list_traces
from diptych_server.query.turns_api import HANDLERS as TURN_HANDLERS
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database
from diptych_server.wire.answers import (
    Evaluation,
    Event,
    Page,
    Replay,
    ReplayEvents,
    Session,
    Span,
    SpanKind,
    Trace,
    TraceSummary,
)
from diptych_server.wire.link_check import LinkCheck

DEFAULT_LIMIT = 50
MAX_LIMIT = 1_000
MAX_SEGMENT_INDEX = 2**32 - 1

Store = NamedDependency[Database]
Recordings = NamedDependency[Blobs]
ProjectId = NamedDependency[str]

Id = Annotated[str, PathParameter(description="As its sender wrote it, percent-encoded.")]
From = Annotated[
    str | None,
    QueryParameter(
        name="from",
        description="Start, included: RFC 3339 or epoch ms. Default: 24 hours before the end.",
    ),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", description="End, excluded: RFC 3339 or epoch ms. Default: now."),
]
Limit = Annotated[int, QueryParameter(ge=1, le=MAX_LIMIT, description="Items of a page.")]
After = Annotated[
    str | None,
    QueryParameter(
        name="cursor",
        description="`next_cursor` of the page before, with the same question.",
    ),
]
Search = Annotated[
    str | None,
    QueryParameter(name="query", description="A search: words, phrases and fields; see docs/search.md."),
]
Direction = Annotated[Order, QueryParameter(name="order", description="`desc`: newest or longest first.")]


@get("/api/v1/sessions", summary="Sessions that were going on in a period")
async def sessions(
    database: Store,
    project_id: ProjectId,
    from_: From = None,
    to: To = None,
    sort: FromQuery[SessionSort] = "last_seen",
    order: Direction = "desc",
    search: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: After = None,
) -> Page[Session]:
    """Newest first by default; `sort` is last_seen, first_seen or duration."""
    period = Period.of(from_, to)
    return await list_sessions(
        database, project_id, period, sort=sort, order=order, query=search, limit=limit, cursor=cursor
    )


@get("/api/v1/sessions/{session_id:str}", summary="One session")
async def session(database: Store, project_id: ProjectId, session_id: Id) -> Session:
    """404 until RUM of it has arrived."""
    return await get_session(database, project_id, decoded_id(session_id))


@get("/api/v1/sessions/{session_id:str}/events", summary="What happened in a session")
async def session_events(
    database: Store,
    project_id: ProjectId,
    session_id: Id,
    types: Annotated[
        list[str] | None,
        QueryParameter(name="type", description="Only these types; may be repeated."),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: After = None,
) -> Page[Event]:
    """Oldest first, a view in its highest version."""
    return await list_session_events(
        database, project_id, decoded_id(session_id), types=types or (), limit=limit, cursor=cursor
    )


@get("/api/v1/sessions/{session_id:str}/traces", summary="LLM traces of a session")
async def session_traces(
    database: Store, project_id: ProjectId, session_id: Id, limit: Limit = DEFAULT_LIMIT, cursor: After = None
) -> Page[TraceSummary]:
    """In the order they began. Answers for any id that spans claim as their session."""
    return await list_session_traces(database, project_id, decoded_id(session_id), limit=limit, cursor=cursor)


@get("/api/v1/sessions/{session_id:str}/link-check", summary="Why nothing may be linked to a session")
async def session_link_check(database: Store, project_id: ProjectId, session_id: Id) -> LinkCheck:
    """What both sides know of a session id, whether or not RUM of it has arrived."""
    return await check_links(database, project_id, decoded_id(session_id))


@get("/api/v1/sessions/{session_id:str}/replay", summary="What there is to play of a session")
async def session_replay(database: Store, project_id: ProjectId, session_id: Id) -> Replay:
    """Recorded views with their segments and gaps, and how far the page's clock is off."""
    return await get_replay(database, project_id, decoded_id(session_id))


@get("/api/v1/sessions/{session_id:str}/replay/events", summary="rrweb events of a recorded view")
async def session_replay_events(
    database: Store,
    blobs: Recordings,
    project_id: ProjectId,
    session_id: Id,
    view_id: Annotated[str, QueryParameter(name="view_id", max_length=128)],
    from_index: Annotated[int, QueryParameter(name="from_index", ge=0, le=MAX_SEGMENT_INDEX)] = 0,
    to_index: Annotated[int | None, QueryParameter(name="to_index", ge=0, le=MAX_SEGMENT_INDEX)] = None,
) -> ReplayEvents:
    """Of the segments from_index to to_index, both included. A lower `to_index` in the answer: ask for the
    rest."""
    return await replay_events.get_replay_events(
        database, blobs, project_id, decoded_id(session_id), view_id, from_index=from_index, to_index=to_index
    )


@get("/api/v1/traces", summary="Traces that began in a period")
async def traces(
    database: Store,
    project_id: ProjectId,
    from_: From = None,
    to: To = None,
    sort: FromQuery[TraceSort] = "start",
    order: Direction = "desc",
    search: Search = None,
    include_other: Annotated[
        bool,
        QueryParameter(
            name="include_other", description="Also traces without a span of the seven LLM kinds."
        ),
    ] = False,
    limit: Limit = DEFAULT_LIMIT,
    cursor: After = None,
) -> Page[TraceSummary]:
    """Newest first by default; words of `query` stand in the input or output of one span."""
    return await list_traces(
        database,
        project_id,
        Period.of(from_, to),
        sort=sort,
        order=order,
        query=search,
        include_other=include_other,
        limit=limit,
        cursor=cursor,
    )


@get("/api/v1/traces/{trace_id:str}", summary="One trace")
async def trace(database: Store, project_id: ProjectId, trace_id: Id) -> Trace:
    """All its spans, sessions and evaluations."""
    return await get_trace(database, project_id, decoded_id(trace_id))


@get("/api/v1/spans", summary="Spans that started in a period")
async def spans(
    database: Store,
    project_id: ProjectId,
    from_: From = None,
    to: To = None,
    search: Search = None,
    kind: Annotated[
        list[SpanKind] | None,
        QueryParameter(name="kind", description="May be repeated. Default: the seven LLM kinds."),
    ] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: After = None,
) -> Page[Span]:
    """Newest first; words of `query` stand in its input or output."""
    return await list_spans(
        database,
        project_id,
        Period.of(from_, to),
        query=search,
        kinds=kind or LLM_KINDS,
        limit=limit,
        cursor=cursor,
    )


@get("/api/v1/evaluations", summary="Evaluations seen in a period")
async def evaluations(
    database: Store,
    project_id: ProjectId,
    from_: From = None,
    to: To = None,
    label: FromQuery[str | None] = None,
    source: FromQuery[str | None] = None,
    assessment: FromQuery[str | None] = None,
    trace_id: FromQuery[str | None] = None,
    session_id: FromQuery[str | None] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: After = None,
) -> Page[Evaluation]:
    """Newest first; each named field must be equal. Those of one trace or session: of all time by default."""
    start = "0" if from_ is None and (trace_id or session_id) else from_
    return await list_evaluations(
        database,
        project_id,
        Period.of(start, to),
        label=label,
        source=source,
        assessment=assessment,
        trace_id=trace_id,
        session_id=session_id,
        limit=limit,
        cursor=cursor,
    )


HANDLERS = [
    sessions,
    session,
    session_events,
    session_traces,
    session_link_check,
    session_replay,
    session_replay_events,
    traces,
    trace,
    spans,
    evaluations,
    *EXPLORE_HANDLERS,
    *EVALUATION_HANDLERS,
    *TURN_HANDLERS,
]
"""Every route of the query API."""
