"""`python -m concierge`: the shop and, without an API key, the offline stand-in model, in one process."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from starlette.types import ASGIApp

from diptych import LLMObs

from .app import create_app
from .offline_model.server import create_app as create_offline_model
from .settings import Settings

SHUTDOWN_S = 3
"""How long an answer that is still streaming may go on after SIGTERM."""

LOOPBACK = "127.0.0.1"


class Server(uvicorn.Server):
    """One server of several in a process: the signals are handled once, for all of them."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Says when requests are answered."""
        await super().startup(sockets)
        self.ready.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signals alone."""
        yield


def main() -> int:
    """Runs until SIGTERM or SIGINT; returns the exit code."""
    settings = Settings.from_env()
    if settings.diptych_key:
        LLMObs.enable(
            ml_app="concierge",
            url=settings.diptych_url,
            key=settings.diptych_key,
            env=settings.env,
            version=settings.version,
        )
    else:
        print("DIPTYCH_KEY is not set: the agent is not traced.", file=sys.stderr)
    try:
        shop_socket = _listen(settings.host, settings.port)
    except OSError as error:
        print(f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}.", file=sys.stderr)
        return 1
    asyncio.run(_serve(settings, shop_socket))
    return 0


async def _serve(settings: Settings, shop_socket: socket.socket) -> None:
    stop = _stop_signal()
    if settings.offline:
        model_socket = _listen(LOOPBACK, 0)
        model_server = _Running(create_offline_model(settings.speed, settings.trouble), model_socket)
        await model_server.started()
        # trust_env off: a proxy of the environment has no business between two ends of one process.
        http_client = DefaultAsyncHttpxClient(trust_env=False)
        client = AsyncAnthropic(base_url=model_server.url, api_key="offline", http_client=http_client)
    else:
        model_server = None
        client = AsyncAnthropic(api_key=settings.anthropic_api_key)
    shop = _Running(create_app(settings, client), shop_socket)
    await shop.started()
    answered_by = f"an offline stand-in for {settings.model}" if settings.offline else settings.model
    print(f"Concierge is ready at {shop.url} (answers come from {answered_by}).", flush=True)

    await asyncio.wait([asyncio.create_task(stop.wait()), shop.task], return_when=asyncio.FIRST_COMPLETED)
    await shop.stop()
    if model_server:
        await model_server.stop()


class _Running:
    """An ASGI app that is being served on a socket of its own."""

    def __init__(self, app: ASGIApp, listening: socket.socket) -> None:
        self.url = "http://{}:{}".format(*listening.getsockname()[:2])
        config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=SHUTDOWN_S)
        self._server = Server(config)
        self.task = asyncio.create_task(self._server.serve(sockets=[listening]))

    async def started(self) -> None:
        """Returns when requests are answered."""
        await self._server.ready.wait()

    async def stop(self) -> None:
        """Lets running answers end, for `SHUTDOWN_S` at most."""
        self._server.should_exit = True
        await self.task


def _listen(host: str, port: int) -> socket.socket:
    return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


if __name__ == "__main__":
    sys.exit(main())
