"""Listening: sockets bound before anything else, uvicorn servers over them, one clean end."""

import asyncio
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from diptych_server.errors import StartError

BACKLOG = 2_048

GRACE_SECONDS = 10
"""How long requests that are under way may take to end after SIGTERM."""

KEEP_ALIVE_SECONDS = 75
"""Longer than proxies keep idle connections (60 s), so that none sends a request into a closing one."""


class Listener(uvicorn.Server):
    """A uvicorn server that leaves signals to `stop_on_signals`: there are several, and one end for all."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield

    def stop(self) -> None:
        """Stop accepting and let requests end; asked again, end at once."""
        self.force_exit = self.should_exit
        self.should_exit = True


def bind(host: str, port: int, argument: str) -> socket.socket:
    """Bind a TCP socket; port 0 is any free one.

    Raises:
        StartError: the port is taken, or the address is none of this machine.
    """
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as exc:
        raise StartError(
            f"cannot listen on {host}:{port}: {exc.strerror or exc}; {argument} changes it"
        ) from exc


def bind_unix(path: Path) -> socket.socket:
    """Bind a socket in the file system that this user alone may use; one that was left behind is replaced.

    Raises:
        OSError: the path is too long (about 100 bytes) or not writable.
    """
    path.unlink(missing_ok=True)
    bound = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        bound.bind(str(path))
        path.chmod(0o600)
    except OSError:
        bound.close()
        raise
    return bound


def make_listener(app: Any, trusted_proxies: tuple[str, ...]) -> Listener:
    """Make a listener for an ASGI app."""
    return Listener(
        uvicorn.Config(
            app,
            loop="uvloop",
            http="httptools",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    )


async def serve_all(listeners: list[tuple[Listener, socket.socket]], on_stop: Callable[[], None]) -> None:
    """Serve until SIGTERM or SIGINT, then let requests end; a second signal ends them at once.

    Args:
        listeners: each with the socket it serves.
        on_stop: called at the signal: ends what would go on by itself.
    """
    loop = asyncio.get_running_loop()

    def stop() -> None:
        on_stop()
        for listener, _ in listeners:
            listener.stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    async with asyncio.TaskGroup() as group:
        for listener, bound in listeners:
            group.create_task(listener.serve(sockets=[bound]))
