"""One run of the server, from opening the stores to closing them."""

import logging
import socket
from collections.abc import Callable
from dataclasses import replace

from diptych_server.app.access_log import AccessLog
from diptych_server.app.api import build_api
from diptych_server.app.front import Front, IntakeFront
from diptych_server.app.listeners import Listener, bind, make_listener, serve_all
from diptych_server.app.pages import Pages
from diptych_server.app.requests import App
from diptych_server.app.services import Services, open_services
from diptych_server.intake.doors import Doors
from diptych_server.settings import Settings

LOG = logging.getLogger(__name__)


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
        bound = bind(settings.host, settings.port, "--port")
        settings = _with_port(settings, bound)
        services = replace(services, settings=settings)
        listeners = _listeners(services, bound)
        on_ready(services)
        await serve_all(listeners)
        LOG.info("stopping: storing what waits")
    LOG.info("stopped")


def _listeners(services: Services, bound: socket.socket) -> list[tuple[Listener, socket.socket]]:
    settings = services.settings
    doors = Doors(services.keyring, services.batch, services.blobs, services.drops)
    pages = Pages(settings.public_url)
    front = Front(services, doors, build_api(services), pages)
    listeners = [(_listener(front, settings), bound)]
    if settings.intake_address is not None:
        host, port = settings.intake_address
        listeners.append((_listener(IntakeFront(doors, pages), settings), bind(host, port, "--intake")))
    return listeners


def _listener(app: App, settings: Settings) -> Listener:
    return make_listener(AccessLog(app) if settings.access_log else app, settings.trusted_proxies)


def _with_port(settings: Settings, bound: socket.socket) -> Settings:
    """Put the port that the system chose where port 0 was asked for."""
    port: int = bound.getsockname()[1]
    public_url = settings.public_url
    if settings.port == 0 and public_url.endswith(":0"):
        public_url = f"{public_url[:-1]}{port}"
    return replace(settings, port=port, public_url=public_url)
