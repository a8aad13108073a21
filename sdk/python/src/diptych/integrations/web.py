"""Web frameworks: each request's trace, session and user are made current, with no code of the application's.

Where OpenTelemetry's own instrumentation of ASGI or WSGI is at work, it reads the headers through the
application's propagators, behind which ours stands: then nothing is done here, so that its server spans stay
what they are.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, MutableMapping
from typing import TYPE_CHECKING, Any

from diptych._incoming import from_asgi
from diptych.wsgi import DiptychMiddleware

from ._patching import patch, when_imported

if TYPE_CHECKING:
    from diptych._client import Client

_SEEN = "diptych"
"""Marks a request's scope or environ: an application inside another does not activate it again."""


def start_asgi(client: Client, module: str, name: str) -> Callable[[], None]:
    """Patches the ASGI application `module.name` once it is imported."""

    async def call(original: Any, app: Any, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        is_request = scope["type"] in ("http", "websocket") and _SEEN not in scope
        if not is_request or "opentelemetry.instrumentation.asgi" in sys.modules:
            await original(app, scope, receive, send)
            return
        scope[_SEEN] = True
        with client.activate(from_asgi(scope)):
            await original(app, scope, receive, send)

    return when_imported(module, lambda found: [patch(getattr(found, name), "__call__", call)])


def start_wsgi(client: Client, module: str, name: str) -> Callable[[], None]:
    """Patches the WSGI application `module.name` once it is imported."""

    def call(original: Any, app: Any, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if _SEEN in environ or "opentelemetry.instrumentation.wsgi" in sys.modules:
            answer: Iterable[bytes] = original(app, environ, start_response)
            return answer
        environ[_SEEN] = True
        return DiptychMiddleware(original.__get__(app))(environ, start_response)

    return when_imported(module, lambda found: [patch(getattr(found, name), "__call__", call)])
