"""`GET /health`: whether the server can take and answer."""

from litestar import Response, get
from litestar.params import SkipValidation

from diptych_server.app.services import Services
from diptych_server.app.version import VERSION
from diptych_server.errors import DiptychError
from diptych_server.store.database import Database
from diptych_server.wire.answers import Health

PROBE = "SELECT 1 AS one"


@get("/health", tags=["Server"], summary="Whether the server can take and answer")
async def health(services: SkipValidation[Services]) -> Response[Health]:
    """Say how the server is: degraded while the store takes nothing new, 503 when it does not even answer."""
    is_answering = await _answers(services.database)
    answer = Health(
        status="ok" if is_answering and not services.batch.is_refused else "degraded",
        version=VERSION,
        store=services.settings.store.partition(":")[0],
        dropped=services.drops.counts(),
    )
    return Response(answer, status_code=200 if is_answering else 503, headers={"cache-control": "no-store"})


async def _answers(database: Database) -> bool:
    try:
        await database.query(PROBE)
    except DiptychError:
        return False
    return True
