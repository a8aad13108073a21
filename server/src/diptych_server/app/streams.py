"""`/api/v1/live`: what arrives, told while it does."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, cast

from litestar import Request, get
from litestar.datastructures import CacheControlHeader
from litestar.params import FromQuery, HeaderParameter, SkipValidation
from litestar.response import Stream

from diptych_server.app.gate import Caller, find_caller
from diptych_server.app.requests import Scope
from diptych_server.app.services import Services
from diptych_server.errors import ProblemError
from diptych_server.query.live import arrivals_stream, require_room
from diptych_server.wire.explore import Signal


@get(
    "/api/v1/live",
    summary="What arrives, as server-sent events",
    media_type="text/event-stream",
    cache_control=CacheControlHeader(no_store=True),
    # A proxy that collects answers would hold the events back (nginx).
    response_headers={"X-Accel-Buffering": "no"},
)
async def live(
    request: Request[Any, Any, Any],
    services: SkipValidation[Services],
    caller: SkipValidation[Caller],
    signal: FromQuery[Signal],
    last_event_id: Annotated[
        str | None, HeaderParameter(name="Last-Event-ID", description="Sent by browsers that come back.")
    ] = None,
) -> Stream:
    """An `arrival` event, with the signal, each time that its list may hold something new: ask the list."""
    arrivals = services.database.arrivals
    require_room(arrivals, caller.project_id)

    async def is_allowed() -> bool:
        try:
            return (await find_caller(services, cast("Scope", request.scope))).project_id == caller.project_id
        except ProblemError:
            return False

    events: AsyncIterator[bytes] = arrivals_stream(
        arrivals, caller.project_id, signal, last_event_id, is_allowed
    )
    return Stream(events)
