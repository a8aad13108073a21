"""Libraries that are traced automatically, each switched on by `LLMObs.enable`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from diptych._problems import failure, problem

from . import anthropic, celery, http_server, instrumentors, mcp, openai, pydantic_ai, threads, uvicorn, web

if TYPE_CHECKING:
    from diptych._client import Client
    from diptych._settings import Settings

Stop = Callable[[], None]

INTEGRATIONS: dict[str, Callable[[Client], Stop | None]] = {
    "anthropic": anthropic.start,
    "pydantic_ai": pydantic_ai.start,
    "http_server": http_server.start,
    "threads": threads.start,
    "uvicorn": uvicorn.start,
    "celery": celery.start,
    "starlette": partial(web.start_asgi, module="starlette.applications", name="Starlette"),
    "flask": partial(web.start_wsgi, module="flask.app", name="Flask"),
    "django": partial(web.start_wsgi, module="django.core.handlers.wsgi", name="WSGIHandler"),
    "django_asgi": partial(web.start_asgi, module="django.core.handlers.asgi", name="ASGIHandler"),
    "aiohttp": web.start_aiohttp,
    **{name: partial(instrumentors.start, name=name) for name in instrumentors.LIBRARIES},
    "mcp": mcp.start,
    "openai": openai.start,
}
"""By name: switches the integration on, and returns how to switch it off, or None: not installed."""

_stops: list[Stop] = []


def switch_on(settings: Settings, client: Client) -> None:
    """Switches on the integrations that the settings ask for."""
    wanted = settings.integrations_enabled
    names = tuple(INTEGRATIONS) if wanted is True else () if wanted is False else wanted
    for name in names:
        start = INTEGRATIONS.get(name)
        if start is None:
            problem("enable", "integrations_enabled: some of " + ", ".join(INTEGRATIONS), name)
            continue
        try:
            stop = start(client)
        except Exception as error:  # one library that changed must not take the others along
            failure(f"integration {name}", error)
            continue
        if stop is not None:
            _stops.append(stop)
        elif wanted is not True:
            problem("enable", f"the libraries of integration {name} to be installed", "none")


def switch_off() -> None:
    """Switches off what was switched on."""
    while _stops:
        stop = _stops.pop()
        try:
            stop()
        except Exception as error:  # the others are to be switched off just the same
            failure("disable", error)
