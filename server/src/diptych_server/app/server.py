"""One run of the server, from opening the stores to closing them."""

import gc
import logging
import socket
from collections.abc import Callable
from dataclasses import replace

from diptych_server.app.access_log import AccessLog
from diptych_server.app.api import build_api
from diptych_server.app.control import Control
from diptych_server.app.front import Front, IntakeFront
from diptych_server.app.listeners import Listener, bind, bind_unix, make_listener, serve_all
from diptych_server.app.pages import Pages
from diptych_server.app.replay_frame import parse_origins
from diptych_server.app.requests import App
from diptych_server.app.services import Services, open_services
from diptych_server.intake.behaviour import Behaviour
from diptych_server.intake.doors import Doors
from diptych_server.privacy.rules import Rules
from diptych_server.settings import Settings

LOG = logging.getLogger(__name__)

GC_ALLOCATIONS = 10_000
"""New objects between two looks of the collector. At Python's 700 it walks a batch of spans again and again
while it is still being made: a quarter of the decoding. Cycles are found later, but found."""


async def run_server(settings: Settings, on_ready: Callable[[Services], None]) -> None:
    """Run the server until SIGTERM or SIGINT.

    Args:
        settings: with port 0, any free port is taken.
        on_ready: called once, when the sockets are bound and the stores are open; may print.

    Raises:
        StartError: a store cannot be opened or an address not be bound.
    """
    async with open_services(settings) as services:
        # The stores first: "the data folder is in use" says more than "the port is taken".
        bound = _bind_all(settings)
        services = replace(services, settings=_with_ports(settings, bound))
        listeners = list(zip(_listeners(services), bound, strict=True))
        listeners += _control(services)
        on_ready(services)
        # What start-up made stays for ever: the collector need not walk it during every burst.
        gc.collect()
        gc.freeze()
        gc.set_threshold(GC_ALLOCATIONS)
        await serve_all(listeners, on_stop=services.database.arrivals.close)
        LOG.info("stopping: storing what waits")
    settings.control_socket.unlink(missing_ok=True)
    LOG.info("stopped")


def _bind_all(settings: Settings) -> list[socket.socket]:
    bound = [bind(settings.host, settings.port, "--port")]
    if settings.intake_address is not None:
        bound.append(bind(*settings.intake_address, "--intake"))
    return bound


def _with_ports(settings: Settings, bound: list[socket.socket]) -> Settings:
    """Put the ports that the system chose where port 0 was asked for."""
    changed = replace(settings, port=_port(bound[0]))
    if settings.public_url == settings.local_url:
        changed = replace(changed, public_url=changed.local_url)
    if settings.intake_address is not None:
        host = settings.intake.rpartition(":")[0]
        changed = replace(changed, intake=f"{host}:{_port(bound[1])}")
    return changed


def _port(bound: socket.socket) -> int:
    port: int = bound.getsockname()[1]
    return port


def _listeners(services: Services) -> list[Listener]:
    settings = services.settings
    doors = Doors(
        services.keyring,
        services.batch,
        services.blobs,
        services.drops,
        settings.limits,
        Rules.parse(settings.privacy),
        Behaviour(settings.behaviour_off),
    )
    pages = Pages(replay_origins=parse_origins(settings.replay_origins))
    listeners = [_listener(Front(services, doors, build_api(services), pages), settings)]
    if settings.intake:
        listeners.append(_listener(IntakeFront(doors, pages), settings))
    return listeners


def _listener(app: App, settings: Settings) -> Listener:
    return make_listener(AccessLog(app) if settings.access_log else app, settings.trusted_proxies)


def _control(services: Services) -> list[tuple[Listener, socket.socket]]:
    """Listen for commands; a server whose folder cannot hold a socket runs without."""
    try:
        bound = bind_unix(services.settings.control_socket)
    except OSError as exc:
        LOG.warning("commands cannot ask this server: %s: %s", services.settings.control_socket, exc)
        return []
    return [(make_listener(Control(services), ()), bound)]
