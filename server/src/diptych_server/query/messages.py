"""Messages of model spans: the JSON of the GenAI message schema to `wire.answers.Message`.

Senders differ (the schema says `response`, its own examples `result`), so what does not fit becomes a part of
its own type, and nothing that was said is dropped.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from diptych_server.wire.answers import Message, MessagePart

RESPONSE_KEYS = ("response", "result", "content")
"""Where a `tool_call_response` part holds its answer: the schema, the registry's examples, others."""


def decode_messages(text: str) -> list[Message] | None:
    """The messages that a JSON text holds; None when it holds none."""
    try:
        decoded = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None
    if not isinstance(decoded, list) or not all(isinstance(item, dict) for item in decoded):
        return None
    return [_message(item) for item in decoded]


def _message(item: Mapping[str, Any]) -> Message:
    parts = item.get("parts")
    if not isinstance(parts, list):
        content = item.get("content")
        parts = content if isinstance(content, list) else [] if content is None else [content]
    return Message(
        role=_text(item.get("role")) or "",
        parts=[_part(part) for part in parts],
        name=_text(item.get("name")),
        finish_reason=_text(item.get("finish_reason")),
    )


def _part(part: object) -> MessagePart:
    if not isinstance(part, dict):
        return MessagePart(type="text", content=_text(part))
    kind = _text(part.get("type")) or "text"
    content = part.get("content", part.get("text"))
    response = None
    if kind == "tool_call_response":
        response = next((part[key] for key in RESPONSE_KEYS if part.get(key) is not None), None)
        content = None
    return MessagePart(
        type=kind,
        content=_text(content),
        id=_text(part.get("id", part.get("file_id"))),
        name=_text(part.get("name")),
        arguments=part.get("arguments"),
        response=response,
        mime_type=_text(part.get("mime_type")),
        uri=_text(part.get("uri")),
    )


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
