"""The OpenAPI document of the query API, made from its handlers."""

from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, License, SecurityScheme, Server

from diptych_server.app.gate import COOKIE
from diptych_server.app.problems import PROBLEM_TYPE
from diptych_server.app.version import VERSION
from diptych_server.wire.acceptance import Problem

OPEN_PATHS = ("/health", "/api/v1/sign-in")
"""Operations that need neither a key nor a cookie."""

SCHEMAS = "#/components/schemas/{name}"


def openapi_config() -> OpenAPIConfig:
    """Say what stands in the document besides the handlers."""
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
        # Not routed: `front` sends Litestar only /api and /health; /api/v1/openapi.json is the public place.
        path="/schema",
        render_plugins=[JsonRenderPlugin()],
        use_handler_docstrings=True,
        operation_id_creator=_operation_id,
    )


def describe(api: Litestar) -> dict[str, Any]:
    """Give the document, with our problems in place of the framework's own idea of an error."""
    document = api.openapi_schema.to_schema()
    _, schemas = msgspec.json.schema_components([Problem], ref_template=SCHEMAS)
    document["components"]["schemas"] |= schemas
    problem = {
        "description": "What was expected, what came, where",
        "content": {PROBLEM_TYPE: {"schema": {"$ref": SCHEMAS.format(name=Problem.__name__)}}},
    }
    for path, operations in document["paths"].items():
        for operation in operations.values():
            operation["responses"].pop("400", None)
            operation["responses"]["default"] = problem
            if path in OPEN_PATHS:
                operation["security"] = []
    return document


def _operation_id(handler: HTTPRouteHandler, _method: object, _path: object) -> str:
    return handler.handler_name.removeprefix("post_")
