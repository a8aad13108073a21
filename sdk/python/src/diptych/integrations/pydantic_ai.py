"""Pydantic AI, which traces itself: it is only told where to."""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ._patching import when_imported

if TYPE_CHECKING:
    from diptych._client import Client


def start(client: Client) -> Callable[[], None] | None:
    """Switches its own instrumentation on as soon as it is imported; None where it is not installed."""
    if find_spec("pydantic_ai") is None:
        return None
    return when_imported("pydantic_ai", lambda found: _instrument(client, found))


def _instrument(client: Client, found: Any) -> list[Callable[[], None]]:
    agent = found.Agent
    if getattr(agent, "_instrument_default", False):
        return []  # the host did it already, in its own way
    captures = client.settings.capture_content
    agent.instrument_all(
        found.InstrumentationSettings(
            tracer_provider=client.provider, include_content=captures, include_binary_content=False
        )
    )
    return [lambda: agent.instrument_all(False)]
