"""Anthropic's client, through `opentelemetry-instrumentation-anthropic`."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from diptych._client import Client


def start(client: Client) -> Callable[[], None] | None:
    """Instruments the client library; None where it or the instrumentation is not installed."""
    if find_spec("anthropic") is None or find_spec("opentelemetry.instrumentation") is None:
        return None
    if find_spec("opentelemetry.instrumentation.anthropic") is None:
        return None
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

    # The instrumentation reads its switch from the environment at each call.
    os.environ["TRACELOOP_TRACE_CONTENT"] = str(client.settings.capture_content).lower()
    instrumentor = AnthropicInstrumentor()
    if instrumentor.is_instrumented_by_opentelemetry:
        return lambda: None  # the host did it already
    instrumentor.instrument(tracer_provider=client.provider)

    def stop() -> None:
        instrumentor.uninstrument()

    return stop
