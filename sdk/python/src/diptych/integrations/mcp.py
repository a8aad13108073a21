"""MCP: from 2.0 the library traces itself, on both sides, but leaves out what tools are asked and answer.

That is written on its spans, by the names of the GenAI conventions. Such a span has ended before the answer
can be read: for a tool call it is opened here, in the library's place, and ended when all is written.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import Span, StatusCode, get_tracer

from diptych._problems import failure
from diptych._text import as_json, cut

from . import instrumentors
from ._patching import patch, when_imported

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from diptych._client import Client

_TOOL_CALL = "tools/call"

_SCOPE = "mcp-python-sdk"
"""The library's own."""

_call: ContextVar[_ToolCall | None] = ContextVar("diptych-mcp-call", default=None)
"""The tool call that is being sent or served."""


def start(client: Client) -> Callable[[], None] | None:
    """Adds to the spans of tool calls; for a library before 2.0, switches its instrumentation on."""
    if not instrumentors.traces_itself("mcp", 2):
        return instrumentors.start(client, "mcp")
    settings = client.settings
    max_bytes = settings.max_text_bytes if settings.capture_content else None

    async def send(
        original: Callable[..., Any], dispatcher: Any, method: str, params: Any, *args: Any, **options: Any
    ) -> Any:
        request = original(dispatcher, method, params, *args, **options)
        return await _traced(request, method, params, max_bytes)

    async def serve(original: Callable[..., Any], middleware: Any, ctx: Any, call_next: Any) -> Any:
        return await _traced(original(middleware, ctx, call_next), ctx.method, ctx.params, max_bytes)

    def instrument(
        found: ModuleType, owner: str, name: str, around: Callable[..., Any]
    ) -> list[Callable[[], None]]:
        return [patch(found, "otel_span", _open), patch(getattr(found, owner), name, around)]

    client_side = partial(instrument, owner="JSONRPCDispatcher", name="send_raw_request", around=send)
    server_side = partial(instrument, owner="OpenTelemetryMiddleware", name="__call__", around=serve)
    stops = (
        when_imported("mcp.shared.jsonrpc_dispatcher", client_side),
        when_imported("mcp.server._otel", server_side),
    )

    def stop() -> None:
        for each in stops:
            each()

    return stop


async def _traced(request: Awaitable[Any], method: str, params: Any, max_bytes: int | None) -> Any:
    """What the request returns; where it calls a tool, its span is told of it."""
    if method != _TOOL_CALL:
        return await request
    before = _call.get()
    call = _ToolCall(params or {}, max_bytes)
    _call.set(call)
    try:
        result = await request
        try:
            call.answered(result)
        except Exception as error:  # the host's call must not fail for our sake
            failure("integration mcp", error)
        return result
    finally:
        _call.set(before)
        if call.span is not None:
            call.span.end()


@contextmanager
def _open(original: Callable[..., AbstractContextManager[Span]], name: str, **options: Any) -> Iterator[Span]:
    """The library's span of a request, left open where it is that of the tool call."""
    call = _call.get()
    if call is None or call.span is not None:  # another request, or one that the tool makes itself
        with original(name, **options) as span:
            yield span
    else:
        with get_tracer(_SCOPE).start_as_current_span(name, **options, end_on_exit=False) as span:
            call.begun(span)
            yield span


class _ToolCall:
    """What is written on the span of one call of a tool.

    Args:
        params: of the request, as they are sent: `{"name", "arguments"}`.
        max_bytes: of a text; None: no texts are recorded.
    """

    def __init__(self, params: Mapping[str, Any], max_bytes: int | None) -> None:
        self.span: Span | None = None
        self._params = params
        self._max_bytes = max_bytes

    def begun(self, span: Span) -> None:
        """The span is open."""
        self.span = span
        span.set_attribute("gen_ai.operation.name", "execute_tool")
        span.set_attribute("gen_ai.tool.name", str(self._params.get("name")))
        self._write("gen_ai.tool.call.arguments", self._params.get("arguments"))

    def answered(self, result: Any) -> None:
        """The tool has come to an end, which may be that it failed."""
        plain = _plain(result)
        self._write("gen_ai.tool.call.result", _said(plain))
        if self.span is not None and isinstance(plain, Mapping) and plain.get("isError") is True:
            self.span.set_attribute("error.type", "tool_error")
            self.span.set_status(StatusCode.ERROR, None if self._max_bytes is None else _text(_said(plain)))

    def _write(self, key: str, value: object) -> None:
        if self.span is not None and self._max_bytes is not None:
            self.span.set_attribute(key, cut(_text(value), self._max_bytes))


def _plain(result: Any) -> Any:
    """A result as it is sent: the client has it so, the server may have it as a model."""
    if hasattr(result, "model_dump"):
        return result.model_dump(mode="json", by_alias=True, exclude_none=True)
    return result


def _said(plain: Any) -> object:
    """What the tool returned: its structured content, its only text, or all that there is."""
    if not isinstance(plain, Mapping):
        return plain
    if plain.get("structuredContent") is not None:
        return plain["structuredContent"]
    content = plain.get("content")
    if not isinstance(content, list):
        return plain
    texts = [part["text"] for part in content if isinstance(part, Mapping) and "text" in part]
    return texts[0] if len(content) == len(texts) == 1 else content


def _text(value: object) -> str:
    return value if isinstance(value, str) else as_json(value)
