"""Cuts texts that are too long, with a mark that says so."""

from typing import Any

from diptych_server.wire.attributes import CUT_MARK

TEXT_BYTES = 512 * 1024
"""Of one text in a span. A long conversation is many texts; one this long is a file that was pasted whole."""

SHORT_CHARACTERS = TEXT_BYTES // 4
"""A text of so few characters is within the limit in any case: UTF-8 has four bytes a character at most."""

MAX_DEPTH = 64
"""Nested levels of a value that are kept; nobody reads below, and every reader would have to survive it."""

TOO_DEEP = "…[nested too deeply]"


def cut(text: str) -> str:
    """`text`, or its first 512 KiB and a mark."""
    if len(text) <= SHORT_CHARACTERS:
        return text
    encoded = text.encode()
    if len(encoded) <= TEXT_BYTES:
        return text
    kept = encoded[:TEXT_BYTES].decode(errors="ignore")
    return kept + CUT_MARK.format(kept=len(kept.encode()), size=len(encoded))


def cut_value(value: Any, depth: int = 0) -> Any:
    """A JSON value with each text in it cut."""
    if isinstance(value, str):
        return cut(value)
    if isinstance(value, dict):
        if depth >= MAX_DEPTH:
            return TOO_DEEP
        return {key: cut_value(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        if depth >= MAX_DEPTH:
            return TOO_DEEP
        return [cut_value(item, depth + 1) for item in value]
    return value


def cut_object(value: dict[str, Any]) -> dict[str, Any]:
    """A new JSON object with each text in it cut."""
    return {key: cut_value(item, 1) for key, item in value.items()}
