"""Servers of the standard library: each request runs in a context of its own.

One thread may serve many requests one after the other (`http.server`, `wsgiref`, werkzeug's development
server). Without this, ids that a handler annotates or activates would be there for the next request, too.
"""

from __future__ import annotations

import socketserver
from collections.abc import Callable
from contextvars import copy_context
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any

from ._patching import patch

if TYPE_CHECKING:
    from diptych._client import Client


def start(client: Client) -> Callable[[], None]:
    """Isolates each connection, and each request of a kept-alive connection."""
    undo_connections = patch(socketserver.BaseServer, "finish_request", _isolated)
    undo_requests = patch(BaseHTTPRequestHandler, "handle_one_request", _isolated)

    def stop() -> None:
        undo_connections()
        undo_requests()

    return stop


def _isolated(original: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    return copy_context().run(original, *args, **kwargs)
