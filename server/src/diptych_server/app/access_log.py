"""A line a request, for those who turn it on: never a query, a header or a key."""

import logging
import re
from collections.abc import Mapping
from time import monotonic_ns
from typing import Any

from diptych_server.app.requests import App, Receive, Scope, Send

LOG = logging.getLogger(__name__)

NS_PER_MS = 1_000_000

_KEY_IN_PATH = re.compile(r"^/k/[^/]*")
_SECRET = re.compile(r"dip_(client|server|read)_\w+")
_UNPRINTABLE = re.compile(r"[^\x21-\x7e]")

MAX_PATH_CHARACTERS = 200


def shown_path(path: str) -> str:
    """Give a path as a log may show it: without keys, on one line, cut to 200 characters."""
    shown = _SECRET.sub(r"dip_\1_***", _KEY_IN_PATH.sub("/k/***", path))
    return _UNPRINTABLE.sub("?", shown)[:MAX_PATH_CHARACTERS]


class AccessLog:
    """Logs method, path, status and time of each request of an app."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and log it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_ns = monotonic_ns()
        status = 0

        async def watch(message: Mapping[str, Any]) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watch)
        finally:
            duration_ms = (monotonic_ns() - began_ns) / NS_PER_MS
            LOG.info("%s %s %d %.1f ms", scope["method"], shown_path(scope["path"]), status, duration_ms)
