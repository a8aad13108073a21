"""Anthropic's client, through `opentelemetry-instrumentation-anthropic`.

What that leaves undone is done here: streams that are not read to the end, or that fail, end their span, and
a call makes no event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from ._patching import patch, when_imported
from .instrumentors import capture_content

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

    instrumentor = AnthropicInstrumentor()
    if instrumentor.is_instrumented_by_opentelemetry:
        return []  # the host did it already, in its own way
    restore_switches = capture_content(client.settings.capture_content)
    instrumentor.instrument(tracer_provider=client.provider)
    return [restore_switches, instrumentor.uninstrument, _run_at_once(), *_end_streams()]


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


def _end_streams() -> list[Callable[[], None]]:
    """Ends the span of a stream that is left, dropped, or fails before its last event."""
    from opentelemetry.instrumentation.anthropic import streaming

    # The instrumentation ends a stream's span at its last event only (0.62.4): one that the reader leaves
    # early, since the person pressed stop, would never be seen.
    return [
        _complete_when_dropped(streaming.AnthropicStream),
        _complete_when_dropped(streaming.AnthropicAsyncStream),
        patch(streaming.AnthropicStream, "__next__", _next),
        patch(streaming.WrappedMessageStreamManager, "__enter__", _enter),
        patch(streaming.WrappedMessageStreamManager, "__exit__", _exit),
        patch(streaming.WrappedAsyncMessageStreamManager, "__aenter__", _aenter),
        patch(streaming.WrappedAsyncMessageStreamManager, "__aexit__", _aexit),
    ]


def _complete_when_dropped(stream_type: Any) -> Callable[[], None]:
    """Lets a stream that nobody refers to any more end its span; returns how to undo it."""
    stream_type.__del__ = _complete

    def undo() -> None:
        del stream_type.__del__

    return undo


def _complete(stream: Any) -> None:
    """Records what came of a stream and ends its span; does nothing a second time."""
    if not getattr(stream, "_instrumentation_completed", True):
        stream._complete_instrumentation()


def _next(original: Callable[..., Any], stream: Any) -> Any:
    try:
        return original(stream)
    except StopIteration:
        raise
    except Exception as error:
        _fail(stream, error)
        raise


def _fail(stream: Any, error: Exception) -> None:
    from opentelemetry.trace import Status, StatusCode

    span = stream._span
    if span.is_recording():
        span.record_exception(error)
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR, str(error)))
        span.end()
    stream._instrumentation_completed = True


def _enter(original: Callable[..., Any], manager: Any) -> Any:
    manager._diptych_stream = original(manager)
    return manager._diptych_stream


def _exit(original: Callable[..., Any], manager: Any, *exc: Any) -> Any:
    try:
        return original(manager, *exc)
    finally:
        _complete(getattr(manager, "_diptych_stream", None))


async def _aenter(original: Callable[..., Any], manager: Any) -> Any:
    manager._diptych_stream = await original(manager)
    return manager._diptych_stream


async def _aexit(original: Callable[..., Any], manager: Any, *exc: Any) -> Any:
    try:
        return await original(manager, *exc)
    finally:
        _complete(getattr(manager, "_diptych_stream", None))
