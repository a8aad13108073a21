"""Routes of turns."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import PathParameter, QueryParameter

from diptych_server.errors import NotFound
from diptych_server.query.first_things import Order
from diptych_server.query.instants import Period
from diptych_server.query.paths import decoded_id
from diptych_server.query.turn import get_turn
from diptych_server.query.turns import list_session_turns, list_turns
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page
from diptych_server.wire.turn import Turn

Store = NamedDependency[Database]
ProjectId = NamedDependency[str]


@get("/api/v1/turns", summary="Questions and their answers, from both sides")
async def turns(
    database: Store,
    project_id: ProjectId,
    from_: Annotated[
        str | None,
        QueryParameter(
            name="from",
            description="Start, included: RFC 3339 or epoch ms. Default: 24 hours before the end.",
        ),
    ] = None,
    to: Annotated[
        str | None,
        QueryParameter(name="to", description="End, excluded: RFC 3339 or epoch ms. Default: now."),
    ] = None,
    search: Annotated[
        str | None,
        QueryParameter(name="query", description="A search: words, phrases and fields; see docs/search.md."),
    ] = None,
    session_id: Annotated[
        str | None, QueryParameter(name="session_id", description="Only of this session, of all time.")
    ] = None,
    trace_id: Annotated[
        str | None, QueryParameter(name="trace_id", description="Only the turn of this trace.")
    ] = None,
    order: Annotated[Order, QueryParameter(name="order", description="`desc`: newest first.")] = "desc",
    limit: Annotated[int, QueryParameter(ge=1, le=200, description="Items of a page.")] = 50,
    cursor: Annotated[
        str | None,
        QueryParameter(
            name="cursor", description="`next_cursor` of the page before, with the same question."
        ),
    ] = None,
) -> Page[Turn]:
    """By when they were asked, newest first. Halves that were matched by time only say so."""
    if trace_id is not None:
        try:
            return Page(items=[await get_turn(database, project_id, trace_id)])
        except NotFound:
            return Page(items=[])
    if session_id is not None:
        return await list_session_turns(
            database, project_id, session_id, order=order, limit=limit, cursor=cursor
        )
    period = Period.of(from_, to)
    return await list_turns(
        database, project_id, period, order=order, query=search, limit=limit, cursor=cursor
    )


@get("/api/v1/turns/{turn_id:str}", summary="One question and its answer")
async def turn(
    database: Store,
    project_id: ProjectId,
    turn_id: Annotated[
        str, PathParameter(description="The answer's event id or the trace id, percent-encoded.")
    ],
) -> Turn:
    """404 until one of its halves has arrived."""
    return await get_turn(database, project_id, decoded_id(turn_id))


HANDLERS = [turns, turn]
