"""The query API as a Litestar app, and its OpenAPI document."""

from typing import Any

from litestar import Litestar, Request, get
from litestar.datastructures import State
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Server

from diptych_server.app.gate import COOKIE, Caller
from diptych_server.app.health import health
from diptych_server.app.people import me, post_sign_in, post_sign_out
from diptych_server.app.problems import problem_response
from diptych_server.app.services import Services
from diptych_server.app.version import VERSION
from diptych_server.errors import NotBuilt
from diptych_server.query.api import HANDLERS
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database

API = "/api/v1"

PLANNED = ("turns", "facets", "timeseries", "live", "comments", "spans", "evaluations")
"""Known and absent for now: they answer 501 until a query handler of that path exists."""


@get(f"{API}/openapi.json", include_in_schema=False)
async def openapi_json(request: Request[Any, Any, Any]) -> dict[str, Any]:
    """Give the document that `openapi_document` gives."""
    return request.app.openapi_schema.to_schema()


OWN_HANDLERS = (health, me, post_sign_in, post_sign_out, openapi_json)


def build_api(services: Services | None) -> Litestar:
    """Build the API over running services; over None it can describe itself and nothing else."""
    return Litestar(
        [*OWN_HANDLERS, *HANDLERS, *_planned()],
        state=State({"services": services}),
        dependencies={
            "services": Provide(_services, sync_to_thread=False),
            "caller": Provide(_caller, sync_to_thread=False),
            "project_id": Provide(_project_id, sync_to_thread=False),
            "database": Provide(_database, sync_to_thread=False),
            "blobs": Provide(_blobs, sync_to_thread=False),
        },
        exception_handlers={Exception: problem_response},
        openapi_config=_openapi_config(),
        logging_config=None,
        debug=False,
    )


def openapi_document() -> dict[str, Any]:
    """Give the OpenAPI document of the query API; needs no store and no engine."""
    return build_api(None).openapi_schema.to_schema()


def _openapi_config() -> OpenAPIConfig:
    schemes: dict[str, Any] = {
        "readKey": SecurityScheme(type="http", scheme="bearer", description="A read key: `dip_read_…`."),
        "signIn": SecurityScheme(type="apiKey", name=COOKIE, security_scheme_in="cookie"),
    }
    return OpenAPIConfig(
        title="Diptych",
        version=VERSION,
        description="Sessions of people, traces of agents, what joins them. Errors are RFC 9457 problems.",
        license=License(name="Apache-2.0", identifier="Apache-2.0"),
        servers=[Server(url="/")],
        components=Components(security_schemes=schemes),
        security=[{"readKey": []}, {"signIn": []}],
        # Not routed: `front` sends only /api and /health here; `openapi_json` is the public place.
        path="/schema",
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
    )


def _planned() -> list[Any]:
    built = {path for handler in HANDLERS for path in handler.paths}
    return [_not_built(name) for name in PLANNED if f"{API}/{name}" not in built]


def _not_built(name: str) -> Any:
    @get([f"{API}/{name}", f"{API}/{name}/{{rest:path}}"], include_in_schema=False)
    async def answer() -> None:
        raise NotBuilt(f"{API}/{name} is planned and not built yet")

    return answer


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
