"""Web frameworks: each request's trace, session and user are made current, with no code of the application's.

Where OpenTelemetry's own instrumentation of ASGI, WSGI or aiohttp is at work, it reads the headers through
the application's propagators, behind which ours stands: then nothing is done here, so that its server spans
stay what they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from diptych._incoming import from_aiohttp, from_asgi
from diptych.wsgi import DiptychMiddleware

from ._patching import replace, when_imported

if TYPE_CHECKING:
    from diptych._client import Client

_SEEN = "diptych"
"""Marks a request's scope or environ: an application inside another does not activate it again."""


def start_asgi(client: Client, module: str, name: str) -> Callable[[], None]:
    """Replaces `__call__` of the ASGI application `module.name` once it is imported.

    Servers look at it: uvicorn calls it without arguments to see whether it is a factory, and takes one that
    is no coroutine function for ASGI 2.
    """

    def make(original: Any) -> Any:
        async def call(app: Any, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
            is_request = scope["type"] in ("http", "websocket") and _SEEN not in scope
            if not is_request or "opentelemetry.instrumentation.asgi" in sys.modules:
                await original(app, scope, receive, send)
                return
            scope[_SEEN] = True
            with client.activate(from_asgi(scope)):
                await original(app, scope, receive, send)

        return call

    return when_imported(module, lambda found: [replace(getattr(found, name), "__call__", make)])


def start_wsgi(client: Client, module: str, name: str) -> Callable[[], None]:
    """Replaces `__call__` of the WSGI application `module.name` once it is imported."""

    def make(original: Any) -> Any:
        def call(app: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if _SEEN in environ or "opentelemetry.instrumentation.wsgi" in sys.modules:
                answer: Iterable[bytes] = original(app, environ, start_response)
                return answer
            environ[_SEEN] = True
            return DiptychMiddleware(original.__get__(app))(environ, start_response)

        return call

    return when_imported(module, lambda found: [replace(getattr(found, name), "__call__", make)])


def start_aiohttp(client: Client) -> Callable[[], None]:
    """Wraps what an application of aiohttp's server does with a request, once it is imported."""

    def make(original: Any) -> Any:
        async def handle(app: Any, request: Any) -> Any:
            if "opentelemetry.instrumentation.aiohttp_server" in sys.modules:
                return await original(app, request)
            with client.activate(from_aiohttp(request)):
                return await original(app, request)

        return handle

    return when_imported("aiohttp.web_app", lambda found: [replace(found.Application, "_handle", make)])
