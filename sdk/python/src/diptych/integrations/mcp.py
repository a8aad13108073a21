"""MCP: from 2.0 the library traces itself, but leaves out the arguments and results of tools."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from opentelemetry.trace import get_current_span

from diptych._text import as_json, cut

from . import instrumentors
from ._patching import patch, when_imported

if TYPE_CHECKING:
    from diptych._client import Client

_TOOL_CALL = "tools/call"


def start(client: Client) -> Callable[[], None] | None:
    """Adds to the spans of a server's tools; for a library before 2.0, switches its instrumentation on."""
    if not instrumentors.traces_itself("mcp", 2):
        return instrumentors.start(client, "mcp")
    if not client.settings.capture_content:
        return lambda: None
    max_bytes = client.settings.max_text_bytes

    async def call(original: Callable[..., Any], middleware: Any, ctx: Any, call_next: Any) -> Any:
        if ctx.method != _TOOL_CALL:
            return await original(middleware, ctx, call_next)

        async def noted(context: Any) -> Any:
            span = get_current_span()  # the middleware's
            span.set_attribute(
                "gen_ai.tool.call.arguments", _text(context.params.get("arguments"), max_bytes)
            )
            result = await call_next(context)
            span.set_attribute("gen_ai.tool.call.result", _text(_result(result), max_bytes))
            return result

        return await original(middleware, ctx, noted)

    return when_imported(
        "mcp.server._otel", lambda found: [patch(found.OpenTelemetryMiddleware, "__call__", call)]
    )


def _text(value: object, max_bytes: int) -> str:
    return cut(value if isinstance(value, str) else as_json(value), max_bytes)


def _result(result: Any) -> object:
    """What the tool returned: its structured content, its only text, or all its parts."""
    plain = result.model_dump(mode="json", exclude_none=True) if hasattr(result, "model_dump") else result
    if not isinstance(plain, dict):
        return plain
    structured = plain.get("structured_content", plain.get("structuredContent"))
    if structured is not None:
        return structured
    content = plain.get("content")
    texts = [part["text"] for part in content or () if isinstance(part, dict) and "text" in part]
    return texts[0] if isinstance(content, list) and len(content) == len(texts) == 1 else content
