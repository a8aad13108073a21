"""Servers of the standard library: each request runs in a context of its own.

One thread may serve many requests one after the other (`http.server`, `wsgiref`, werkzeug's development server).
Without this, ids that a handler annotates or activates would still be there for the next request.
"""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from contextvars import copy_context
from functools import wraps
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._client import Client


def start(client: Client) -> Callable[[], None]:
    """Isolates connections, and the requests of a kept-alive connection."""
    stops = [
        _isolate(socketserver.BaseServer, "finish_request"),
        _isolate(BaseHTTPRequestHandler, "handle_one_request"),
    ]

    def stop() -> None:
        for undo in stops:
            undo()

    return stop


def _isolate(owner: type, name: str) -> Callable[[], None]:
    """Makes `owner.name` run in a copy of the context; returns how to undo it."""
    original = getattr(owner, name)

    @wraps(original)
    def isolated(*args: Any, **kwargs: Any) -> Any:
        return copy_context().run(original, *args, **kwargs)

    setattr(owner, name, isolated)

    def undo() -> None:
        if getattr(owner, name) is isolated:
            setattr(owner, name, original)

    return undo
