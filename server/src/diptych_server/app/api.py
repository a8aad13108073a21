"""The query API as a Litestar app."""

from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.di import Provide

from diptych_server.app.comments import comments, delete_comment, post_comment
from diptych_server.app.gate import Caller
from diptych_server.app.health import health
from diptych_server.app.judgements import post_evaluation
from diptych_server.app.keys import delete_key, keys, post_key
from diptych_server.app.openapi import describe, openapi_config
from diptych_server.app.people import me, post_sign_in, post_sign_out
from diptych_server.app.problems import problem_response
from diptych_server.app.saved_views import delete_saved_view, patch_saved_view, post_saved_view, saved_views
from diptych_server.app.services import Services
from diptych_server.app.streams import live
from diptych_server.query.api import HANDLERS
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database

API = "/api/v1"


@get(f"{API}/openapi.json", include_in_schema=False)
async def openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Give the document that `openapi_document` gives."""
    return describe(request.app)


OWN_HANDLERS = (
    health,
    me,
    post_sign_in,
    post_sign_out,
    comments,
    post_comment,
    delete_comment,
    post_evaluation,
    live,
    saved_views,
    post_saved_view,
    patch_saved_view,
    delete_saved_view,
    keys,
    post_key,
    delete_key,
    openapi_json,
)


def build_api(services: Services | None) -> Litestar:
    """Build the API over running services; over None it can describe itself and nothing else."""
    return Litestar(
        [*OWN_HANDLERS, *HANDLERS],
        state=State({"services": services}),
        dependencies={
            "services": Provide(_services, sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
            "project_id": Provide(_project_id, sync_to_thread=False),
            "database": Provide(_database, sync_to_thread=False),
            "blobs": Provide(_blobs, sync_to_thread=False),
        },
        exception_handlers={Exception: problem_response},
        openapi_config=openapi_config(),
        logging_config=None,
        debug=False,
    )


def openapi_document() -> dict[str, Any]:
    """Give the OpenAPI document of the query API; needs no store and no engine."""
    return describe(build_api(None))


def _services(state: State) -> Services:
    services: Services = state.services
    return services


def _caller(request: Request[Any, Any, Any]) -> Caller:
    caller: Caller = request.state.caller
    return caller


def _project_id(request: Request[Any, Any, Any]) -> str:
    return _caller(request).project_id


def _database(state: State) -> Database:
    return _services(state).database


def _blobs(state: State) -> Blobs:
    return _services(state).blobs
