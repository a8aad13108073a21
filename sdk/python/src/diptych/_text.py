"""Values of the host as text: strings as they are, everything else as JSON, both within a limit."""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from ._attributes import CUT_MARK

JSON_TYPE = "application/json"

MOST_BYTES = 4
"""No character has more in UTF-8."""

_MAX_DEPTH = 12
"""ddtrace's limit too; what is nested deeper is written as a string."""


def cut(text: str, max_bytes: int) -> str:
    """`text`, or its beginning and `CUT_MARK` where its UTF-8 form is longer than `max_bytes`."""
    if len(text) * MOST_BYTES <= max_bytes:
        return text
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= max_bytes:
        return text
    mark = CUT_MARK.format(kept=max_bytes, size=len(encoded))
    return encoded[:max_bytes].decode("utf-8", "ignore") + mark


def as_text(value: object, max_bytes: int) -> tuple[str, bool]:
    """The text of `value`, and whether it is JSON."""
    if isinstance(value, str):
        return cut(value, max_bytes), False
    return cut(as_json(value), max_bytes), True


def as_json(value: object) -> str:
    """`value` as JSON. Never raises: what JSON has no word for becomes a string."""
    if type(value) is int:  # an encoder takes ten times as long
        return str(value)
    try:
        return _encoder.encode(value)
    except (TypeError, ValueError, RecursionError):
        return json.dumps(_tame(value, _MAX_DEPTH), ensure_ascii=False)


def _plain(value: object) -> object:
    """What `json` cannot write, in a form that it can."""
    dump = getattr(value, "model_dump", None)
    if callable(dump):
        return dump(mode="json") if not isinstance(value, type) else repr(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: getattr(value, item.name) for item in dataclasses.fields(value)}
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, (bytes, bytearray)):
        return f"<{len(value)} bytes>"
    if isinstance(value, Mapping):
        return dict(value)
    return safe_str(value)


_encoder = json.JSONEncoder(ensure_ascii=False, default=_plain, allow_nan=False)


def _tame(value: Any, depth: int) -> Any:
    """A copy that JSON surely takes: bounded depth, string keys, no NaN."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        return value if value - value == 0 else str(value)  # inf - inf and nan - nan are nan
    if depth <= 0:
        return safe_str(value)
    if isinstance(value, Mapping):
        return {safe_str(key): _tame(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_tame(item, depth - 1) for item in value]
    return safe_str(value)


def safe_str(value: object) -> str:
    """`str(value)`, whatever a host's `__str__` does."""
    try:
        return str(value)
    except Exception as error:  # a host's __str__ may do anything
        return f"<{type(value).__name__}: str failed with {type(error).__name__}>"
