"""Streams of Anthropic's client: how they are opened, read and left, where its instrumentation looks away.

By itself (0.62.4) it ends a stream's span at its last event only, and sees what is read through it: a stream
that cannot be opened, that the reader leaves or drops, that is used as a context, or that is one of the beta
API, would be told in part or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from diptych._problems import notice

from ._patching import patch

_BETA_MANAGERS = {"BetaMessageStreamManager": False, "BetaAsyncMessageStreamManager": True}
"""The managers of the beta API, and whether they are asynchronous."""


def watch() -> list[Callable[[], None]]:
    """Sees all of it; returns how to undo it, in order."""
    from opentelemetry.instrumentation import anthropic
    from opentelemetry.instrumentation.anthropic import streaming

    stream, async_stream = streaming.AnthropicStream, streaming.AnthropicAsyncStream
    manager, async_manager = streaming.WrappedMessageStreamManager, streaming.WrappedAsyncMessageStreamManager

    def wrap(original: Callable[..., Any], opened: Any, *rest: Any) -> Any:
        # Of `__class__`, that of what other tracers may have wrapped; `type` would be their wrapper.
        is_async = _BETA_MANAGERS.get(opened.__class__.__name__, False)
        return (async_manager if is_async else original)(opened, *rest)

    return [
        _complete_when_dropped(stream),
        _complete_when_dropped(async_stream),
        patch(stream, "__next__", _next),
        patch(async_stream, "__anext__", _anext),
        patch(stream, "__enter__", _enter_stream),
        patch(stream, "__exit__", _exit_stream),
        patch(async_stream, "__aenter__", _aenter_stream),
        patch(async_stream, "__aexit__", _aexit_stream),
        patch(stream, "__getattr__", _read_by_us),
        patch(async_stream, "__getattr__", _aread_by_us),
        patch(manager, "__enter__", _enter),
        patch(manager, "__exit__", _exit),
        patch(async_manager, "__aenter__", _aenter),
        patch(async_manager, "__aexit__", _aexit),
        patch(anthropic, "is_stream_manager", _is_stream_manager),
        patch(anthropic, "WrappedMessageStreamManager", wrap),
    ]


def _is_stream_manager(original: Callable[..., Any], response: Any) -> bool:
    return original(response) or response.__class__.__name__ in _BETA_MANAGERS


# The end of a stream


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


def _fail(stream: Any, error: Exception) -> None:
    """Records what came of a stream before it failed, and why it did."""
    if stream._span.is_recording():
        try:
            _note_what_came(stream)
        except Exception as fault:  # the instrumentation's own functions, which another version may change
            notice("anthropic", f"what came of a stream that failed is not known: {type(fault).__name__}")
        _fail_span(stream._span, error)
    stream._instrumentation_completed = True


def _note_what_came(stream: Any) -> None:
    from opentelemetry.instrumentation.anthropic import streaming

    came = stream._complete_response
    if came["events"]:
        # The instrumentation's own function has no types.
        streaming._handle_streaming_response(stream._span, stream._event_logger, came)  # type: ignore[no-untyped-call]
    if usage := came["usage"]:
        tokens = (usage.get("input_tokens") or 0, usage.get("output_tokens") or 0)
        streaming._set_token_usage(stream._span, came, *tokens)


def _fail_span(span: Any, error: Exception) -> None:
    from opentelemetry.trace import Status, StatusCode

    if span.is_recording():
        span.record_exception(error)
        span.set_attribute("error.type", type(error).__name__)
        span.set_status(Status(StatusCode.ERROR, str(error)))
        span.end()


# Reading


def _next(original: Callable[..., Any], stream: Any) -> Any:
    try:
        return original(stream)
    except StopIteration:
        raise
    except Exception as error:
        _fail(stream, error)
        raise


async def _anext(original: Callable[..., Any], stream: Any) -> Any:
    from opentelemetry.instrumentation.anthropic import streaming

    # Not the original: it ends the span of a stream that fails before anybody can write on it what came.
    try:
        item = await stream.__wrapped__.__anext__()
    except StopAsyncIteration:
        _complete(stream)
        raise
    except Exception as error:
        _fail(stream, error)
        raise
    streaming._process_response_item(item, stream._complete_response)
    return item


def _read_by_us(original: Callable[..., Any], stream: Any, name: str) -> Any:
    found = original(stream, name)
    if name != "get_final_text":
        return found

    def read() -> Any:
        for _ in stream:
            pass
        return found()

    return read


def _aread_by_us(original: Callable[..., Any], stream: Any, name: str) -> Any:
    found = original(stream, name)
    if name != "get_final_text":
        return found

    async def read() -> Any:
        async for _ in stream:
            pass
        return await found()

    return read


# A stream, or the manager that opens it, as a context


def _enter_stream(original: Callable[..., Any], stream: Any) -> Any:
    original(stream)
    return stream  # and not the stream inside it


def _exit_stream(original: Callable[..., Any], stream: Any, *exc: Any) -> Any:
    try:
        return original(stream, *exc)
    finally:
        _complete(stream)


async def _aenter_stream(original: Callable[..., Any], stream: Any) -> Any:
    await original(stream)
    return stream


async def _aexit_stream(original: Callable[..., Any], stream: Any, *exc: Any) -> Any:
    try:
        return await original(stream, *exc)
    finally:
        _complete(stream)


def _enter(original: Callable[..., Any], manager: Any) -> Any:
    try:
        manager._diptych_stream = original(manager)
    except Exception as error:
        _fail_span(manager._span, error)
        raise
    return manager._diptych_stream


def _exit(original: Callable[..., Any], manager: Any, *exc: Any) -> Any:
    try:
        return original(manager, *exc)
    finally:
        _complete(getattr(manager, "_diptych_stream", None))


async def _aenter(original: Callable[..., Any], manager: Any) -> Any:
    try:
        manager._diptych_stream = await original(manager)
    except Exception as error:
        _fail_span(manager._span, error)
        raise
    return manager._diptych_stream


async def _aexit(original: Callable[..., Any], manager: Any, *exc: Any) -> Any:
    try:
        return await original(manager, *exc)
    finally:
        _complete(getattr(manager, "_diptych_stream", None))
