"""Instrumentations of other libraries, found by their entry points and switched on as they are.

Which of them have been run against this SDK is said in the README.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from typing import TYPE_CHECKING, Any

from ._patching import when_imported

if TYPE_CHECKING:
    from diptych._client import Client

GROUP = "opentelemetry_instrumentor"
"""The entry point group of OpenTelemetry's instrumentations."""

LIBRARIES = {
    "openai": ("openai", "openai"),
    "langchain": ("langchain", "langchain_core"),
    "llamaindex": ("llama-index", "llama_index.core"),
    "openai_agents": ("openai_agents", "agents"),
    "mcp": ("mcp", "mcp"),
    "bedrock": ("boto3", "botocore"),
    "cohere": ("cohere", "cohere"),
    "crewai": ("crewai", "crewai"),
    "google_generativeai": ("google_generativeai", "google.genai"),
    "groq": ("groq", "groq"),
    "haystack": ("haystack-ai", "haystack"),
    "mistralai": ("mistralai", "mistralai"),
    "ollama": ("ollama", "ollama"),
    "together": ("together", "together"),
    "vertexai": ("google_cloud_aiplatform", "vertexai"),
    "watsonx": ("ibm-watson-machine-learning", "ibm_watsonx_ai"),
}
"""By the name of OpenLLMetry's package: its entry point, and the module whose import switches it on."""


Mend = Callable[[Any], list[Callable[[], None]]]
"""Does what an instrumentor that is switched on leaves undone; returns how to undo it, in order."""


def start(client: Client, name: str, mend: Mend = lambda _: []) -> Callable[[], None] | None:
    """Instruments the library `name` as soon as it is imported; None where nothing is installed for it."""
    entry_point, module = LIBRARIES[name]
    found = tuple(entry_points(group=GROUP, name=entry_point))
    if not found:
        return None
    return when_imported(module, lambda _: _instrument(client, found[0], mend))


def traces_itself(package: str, since: int) -> bool:
    """Whether a library emits OpenTelemetry spans itself, as it does from the major version `since`."""
    try:
        return int(version(package).partition(".")[0]) >= since
    except (PackageNotFoundError, ValueError):
        return False


def _instrument(client: Client, found: EntryPoint, mend: Mend) -> list[Callable[[], None]]:
    instrumentor = unused(found.load())
    if instrumentor is None:
        return []
    undo_capture = capture_content(client.settings.capture_content)
    instrumentor.instrument(tracer_provider=client.provider)
    return [undo_capture, instrumentor.uninstrument, *mend(instrumentor)]


def unused(kind: Any) -> Any | None:
    """An instrumentor of `kind`; None where the host has switched it on already, in its own way."""
    # There is one of each kind, and `__init__` would put its settings back to what they are by default.
    is_in_use = kind.__new__(kind).is_instrumented_by_opentelemetry
    return None if is_in_use else kind()


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
