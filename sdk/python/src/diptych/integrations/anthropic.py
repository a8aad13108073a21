"""Anthropic's client, through `opentelemetry-instrumentation-anthropic`.

What that leaves undone is done here and in `anthropic_streams`: answers of a type and raw responses are read,
and a call makes no event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from inspect import iscoroutinefunction
from typing import TYPE_CHECKING, Any

from . import anthropic_streams
from ._patching import patch, when_imported
from .instrumentors import capture_content, unused

if TYPE_CHECKING:
    from diptych._client import Client


def start(client: Client) -> Callable[[], None] | None:
    """Instruments the client library as soon as it is imported; None where it is not installed."""
    if find_spec("anthropic") is None or find_spec("opentelemetry.instrumentation") is None:
        return None
    if find_spec("opentelemetry.instrumentation.anthropic") is None:
        return None
    # `anthropic` takes a second to import: an application that does not use it shall not pay for it.
    return when_imported("anthropic", lambda _: _instrument(client))


def _instrument(client: Client) -> list[Callable[[], None]]:
    """Instruments the client library; returns how to undo it, in order."""
    from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor

    instrumentor = unused(AnthropicInstrumentor)
    if instrumentor is None:
        return []
    restore_switches = capture_content(client.settings.capture_content)
    forget_parse = _structured_output()
    instrumentor.instrument(tracer_provider=client.provider)
    undo = [restore_switches, forget_parse, instrumentor.uninstrument, _run_at_once()]
    return [*undo, *_raw_responses(), *anthropic_streams.watch()]


def _run_at_once() -> Callable[[], None]:
    """Reads the input of a call without an event loop; returns how to undo it."""
    from opentelemetry.instrumentation import anthropic

    # For each call of the synchronous client the instrumentation makes a loop, or within a loop a thread
    # (0.62.4): more than half of all that it costs. Its coroutine waits for nothing but the upload of images.
    return patch(anthropic, "run_async", _run)


def _run(original: Callable[..., Any], coroutine: Coroutine[Any, Any, None]) -> None:
    from opentelemetry.instrumentation.anthropic.config import Config

    if Config.upload_base64_image:
        original(coroutine)
        return
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("the input of a call was not read: its instrumentation waits for something")


def _structured_output() -> Callable[[], None]:
    """Lets the instrumentation see `parse`, which asks for an answer of a type; returns how to undo it."""
    from opentelemetry.instrumentation import anthropic

    lists = (anthropic.WRAPPED_METHODS, "Messages"), (anthropic.WRAPPED_AMETHODS, "AsyncMessages")
    added = [
        (methods, {"package": package, "object": name, "method": "parse", "span_name": "anthropic.chat"})
        for methods, name in lists
        for package in ("anthropic.resources.messages", "anthropic.resources.beta.messages.messages")
        if not any(each["package"] == package and each["method"] == "parse" for each in methods)
    ]
    for methods, method in added:
        methods.append(method)

    def undo() -> None:
        for methods, method in added:
            methods.remove(method)

    return undo


def _raw_responses() -> list[Callable[[], None]]:
    """Reads the raw responses of the asynchronous client; returns how to undo it, in order."""
    from opentelemetry.instrumentation import anthropic
    from opentelemetry.instrumentation.anthropic import utils

    # The instrumentation calls their `parse` as that of the synchronous client, and warns the host that
    # nobody awaited it (0.62.4).
    def reading(place: int) -> Callable[..., Any]:
        async def read(original: Callable[..., Any], *args: Any) -> Any:
            response = await _parsed(args[place])
            if response is None:
                return {}
            return await original(*args[:place], response, *args[place + 1 :])

        return read

    return [
        patch(utils, "ashared_metrics_attributes", reading(0)),
        patch(anthropic, "_ahandle_response", reading(2)),
        patch(anthropic, "_aset_token_usage", reading(3)),
    ]


async def _parsed(response: Any) -> Any:
    """What a raw response holds; None where it has not been read yet: that is its reader's to do."""
    parse = getattr(response, "parse", None)
    if not iscoroutinefunction(parse):
        return response
    if not response.http_response.is_stream_consumed:
        return None
    try:
        return await parse()
    except Exception:  # the reader of the response will see it, too
        return None
