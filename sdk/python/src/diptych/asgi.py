"""ASGI: each request's trace, browser session and user, from its headers.

    app.add_middleware(DiptychMiddleware)  # Starlette, FastAPI
    app = DiptychMiddleware(app)           # any other

With FastAPI and Starlette it is not needed: `LLMObs.enable()` does the same for them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ._incoming import from_asgi
from .llmobs import LLMObs

__all__ = ["DiptychMiddleware"]

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class DiptychMiddleware:
    """Makes a request's trace, session and user current while the application answers it."""

    def __init__(self, app: Application) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answers one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        with LLMObs.activate_distributed_headers(from_asgi(scope)):
            await self.app(scope, receive, send)
