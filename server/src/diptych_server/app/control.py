"""What commands ask the running server, through a socket in the data folder that its user alone may open."""

from typing import Any

import msgspec

from diptych_server.app.checks import Finding, check_drops, check_exposure, check_store
from diptych_server.app.problems import send_problem
from diptych_server.app.requests import Receive, Scope, Send, send_body
from diptych_server.app.services import Services
from diptych_server.app.version import VERSION
from diptych_server.errors import NotFound

STATUS = "/status"
CHECKS = "/checks"


class Status(msgspec.Struct, kw_only=True):
    """Where the running server is reached."""

    version: str
    public_url: str
    local_url: str
    """For this machine, whatever stands in front of the public one."""
    intake: str
    """HOST:PORT of the second listener, or empty."""


class Control:
    """The commands' side door, as an ASGI app."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer one question."""
        try:
            answer = await self._answer(scope["path"])
            await send_body(
                scope, send, 200, msgspec.json.encode(answer), (("content-type", "application/json"),)
            )
        except Exception as exc:  # the last stop, as in `front`
            await send_problem(send, exc)

    async def _answer(self, path: str) -> Any:
        if path == STATUS:
            return self._status()
        if path == CHECKS:
            return await self._checks()
        raise NotFound(f"there is nothing at {path[:200]}")

    def _status(self) -> Status:
        settings = self._services.settings
        return Status(
            version=VERSION,
            public_url=settings.public_url,
            local_url=settings.local_url,
            intake=settings.intake,
        )

    async def _checks(self) -> list[Finding]:
        return [
            *await check_store(self._services.database),
            *check_exposure(self._services.settings),
            *check_drops(self._services.drops.counts()),
        ]
