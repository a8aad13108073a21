"""`GET /health`: whether the server can take and answer."""

from litestar import Response, get
from litestar.params import SkipValidation

from diptych_server.app.services import Services
from diptych_server.app.version import VERSION
from diptych_server.errors import DiptychError
from diptych_server.wire.answers import Health

PROBE = "SELECT 1 AS one"


@get("/health", tags=["Server"], summary="Whether the server can take and answer")
async def health(services: SkipValidation[Services]) -> Response[Health]:
    """Say how the server is; 503 while the store refuses."""
    try:
        await services.database.query(PROBE)
        status = "ok"
    except DiptychError:
        status = "degraded"
    answer = Health(
        status="ok" if status == "ok" else "degraded",
        version=VERSION,
        store=services.settings.store.partition(":")[0],
        dropped=services.drops.counts(),
    )
    return Response(answer, status_code=200 if status == "ok" else 503, headers={"cache-control": "no-store"})
