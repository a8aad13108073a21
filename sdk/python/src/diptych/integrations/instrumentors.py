"""Instrumentations of other libraries, found by their entry points and switched on as they are.

Which of them have been run against this SDK is said in the README.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from ._patching import when_imported

if TYPE_CHECKING:
    from diptych._client import Client

GROUP = "opentelemetry_instrumentor"
"""The entry point group of OpenTelemetry's instrumentations."""

LIBRARIES = {
    "openai": "openai",
    "langchain": "langchain_core",
    "llamaindex": "llama_index.core",
    "openai_agents": "agents",
    "mcp": "mcp",
    "bedrock": "botocore",
    "cohere": "cohere",
    "crewai": "crewai",
    "google_generativeai": "google.genai",
    "groq": "groq",
    "haystack": "haystack",
    "mistralai": "mistralai",
    "ollama": "ollama",
    "together": "together",
    "vertexai": "vertexai",
    "watsonx": "ibm_watsonx_ai",
}
"""Entry point of an instrumentation (OpenLLMetry's names), and the module whose import switches it on."""


def start(client: Client, name: str) -> Callable[[], None] | None:
    """Instruments the library `name` as soon as it is imported; None where nothing is installed for it."""
    found = tuple(entry_points(group=GROUP, name=name))
    if not found:
        return None
    return when_imported(LIBRARIES[name], lambda _: _instrument(client, found[0]))


def _instrument(client: Client, found: EntryPoint) -> list[Callable[[], None]]:
    instrumentor: Any = found.load()()
    if instrumentor.is_instrumented_by_opentelemetry:
        return []  # the host did it already, in its own way
    undo_capture = capture_content(client.settings.capture_content)
    instrumentor.instrument(tracer_provider=client.provider)
    return [undo_capture, instrumentor.uninstrument]


CONTENT_SWITCHES = {
    "TRACELOOP_TRACE_CONTENT": ("true", "false"),
    "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT": ("SPAN_ONLY", "NO_CONTENT"),
}
"""Where OpenLLMetry's and OpenTelemetry's own instrumentations look whether to record texts: on, off."""


def capture_content(captures: bool) -> Callable[[], None]:
    """Sets the switches; returns how to set them back. What the environment says of the second one stays."""
    before = {name: os.environ.get(name) for name in CONTENT_SWITCHES}
    for name, (on, off) in CONTENT_SWITCHES.items():
        if not captures:
            os.environ[name] = off
        elif name not in os.environ:
            os.environ[name] = on

    def restore() -> None:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value

    return restore
