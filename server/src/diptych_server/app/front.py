"""Where each request goes: the doors of senders, the SDK, the API, the UI."""

from typing import cast

from litestar import Litestar

from diptych_server.app.api import API
from diptych_server.app.gate import find_caller
from diptych_server.app.hosts import HostCheck
from diptych_server.app.pages import SDK, Pages
from diptych_server.app.problems import send_problem
from diptych_server.app.requests import App, Receive, Scope, Send
from diptych_server.app.services import Services
from diptych_server.errors import NotFound
from diptych_server.intake.doors import Doors
from diptych_server.query.paths import keep_encoded

SIGN_IN = ("POST", f"{API}/sign-in")
"""The one request to the API that needs no key and no cookie: it gets one."""


CLIENT_DOORS = ("/v1/rum", "/v1/replay", "/v1/evaluations", "/datadog")
"""The doors that browsers use, each with all below it."""


class Front:
    """The whole server as one ASGI app."""

    def __init__(self, services: Services, doors: Doors, api: Litestar, pages: Pages) -> None:
        self._services = services
        self._doors = doors
        self._api = cast("App", api)
        self._pages = pages
        self._hosts = HostCheck(services.settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        if self._doors.serves(path):
            await self._doors(scope, receive, send)
            return
        try:
            if path.startswith(SDK):
                await self._pages.answer_sdk(scope, send)
            else:
                await self._inside(scope, receive, send)
        except Exception as exc:  # the last stop: whatever failed, the client gets a problem and nothing else
            await send_problem(send, exc)

    async def _inside(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer what only the team may reach."""
        self._hosts.require(_host(scope))
        path = scope["path"]
        if path == "/health":
            await self._api(scope, receive, send)
        elif path.startswith("/api/"):
            if (scope["method"], path) != SIGN_IN:
                scope.setdefault("state", {})["caller"] = await find_caller(self._services, scope)
            await self._api(keep_encoded(scope), receive, send)
        else:
            await self._pages.answer(scope, send)


class IntakeFront:
    """The doors of browsers and the SDK alone: what `--intake` opens to the world."""

    def __init__(self, doors: Doors, pages: Pages) -> None:
        self._doors = doors
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        path = scope["path"]
        try:
            if path.startswith(SDK):
                await self._pages.answer_sdk(scope, send)
            elif path.startswith(CLIENT_DOORS) and self._doors.serves(path):
                await self._doors(scope, receive, send)
            else:
                raise NotFound("this address serves the doors of browsers alone")
        except Exception as exc:  # as above
            await send_problem(send, exc)


def _host(scope: Scope) -> str:
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return hosts[0].decode("latin-1") if len(hosts) == 1 else ""
