"""Messages that are in the schema of the GenAI conventions already: told apart quickly, stored as sent."""

from typing import Any

import msgspec

from diptych_server.intake.cutting import SHORT_CHARACTERS


class ReadyPart(msgspec.Struct, forbid_unknown_fields=True):
    """A part of the schema as we store it."""

    type: str
    content: str = ""
    id: str = ""
    name: str = ""
    arguments: Any = None
    response: Any = msgspec.UNSET
    mime_type: str | None = None
    modality: str | None = None
    uri: str | None = None
    file_id: str | None = None


class ReadyMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A message of the schema."""

    role: str
    parts: list[ReadyPart]
    name: str | None = None
    finish_reason: str | None = None


FEW_BRACKETS = 200
"""Some sixty messages; more go the long way, where depth is bounded."""

ROLES = frozenset({"system", "user", "assistant", "tool"})
"""A message with another role is put into our words."""

PARTS = frozenset({"text", "reasoning", "tool_call", "blob", "uri", "file"})

_decode = msgspec.json.Decoder(list[ReadyMessage]).decode


def ready(value: Any) -> list[ReadyMessage] | None:
    """The messages of a JSON text that may be stored as it is, else None."""
    # An escape might be half of a surrogate pair; a short text holds no text that must be cut; few brackets
    # nest no value deeply.
    if not isinstance(value, str) or len(value) > SHORT_CHARACTERS or "\\u" in value:
        return None
    if value.count("{") + value.count("[") > FEW_BRACKETS:
        return None
    try:
        found = _decode(value)
    except (msgspec.DecodeError, RecursionError):
        return None
    return found if found and all(_is_ready(message) for message in found) else None


def last_text(found: list[ReadyMessage], role: str) -> str:
    """The last text that `role` said, else the last that anybody did."""
    anybody = ""
    for message in reversed(found):
        text = "\n".join(part.content for part in message.parts if part.type == "text" and part.content)
        if text and message.role == role:
            return text
        anybody = anybody or text
    return anybody


def _is_ready(message: ReadyMessage) -> bool:
    return (
        message.role in ROLES
        and bool(message.parts)
        and all(
            part.type in PARTS or (part.type == "tool_call_response" and part.response is not msgspec.UNSET)
            for part in message.parts
        )
    )
