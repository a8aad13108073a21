"""Values of the host as text: strings as they are, everything else as JSON, both within a limit."""

import dataclasses
import json
import numbers
from collections.abc import Iterable, Mapping
from sys import getsizeof
from typing import Any

from ._attributes import CUT_MARK

JSON_TYPE = "application/json"

MOST_BYTES = 4
"""No character has more in UTF-8."""

_MOST_BITS = 14_000
"""Python writes no integer of more than 4,300 digits (`sys.set_int_max_str_digits`)."""

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
    try:
        if type(value) is int:  # an encoder takes ten times as long
            return str(value)
        return _encoder.encode(value)
    except Exception:  # a host's values may do anything when they are looked at
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
    number = as_number(value)
    return safe_str(value) if number is None else number


def as_number(value: object) -> int | float | None:
    """A number of Python itself, of one that may be of another library (numpy's count as tokens do)."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        return None
    return int(value) if isinstance(value, numbers.Integral) else float(value)


_encoder = json.JSONEncoder(ensure_ascii=False, default=_plain, allow_nan=False)


def _tame(value: Any, depth: int) -> Any:
    """A copy that JSON surely takes: bounded depth, string keys, no NaN; one bad value costs no other."""
    try:
        return _tamed(value, depth)
    except Exception:  # as above
        return safe_str(value)


def _tamed(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        bits = value.bit_length()
        return value if bits <= _MOST_BITS else f"<int of {bits} bits>"
    if isinstance(value, float):
        return value if value - value == 0 else str(value)  # inf - inf and nan - nan are nan
    if depth <= 0:
        return safe_str(value)
    if isinstance(value, Mapping):
        return {safe_str(key): _tame(item, depth - 1) for key, item in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_tame(item, depth - 1) for item in value]
    return _tame(_plain(value), depth - 1)


def safe_str(value: object) -> str:
    """`str(value)`, whatever a host's `__str__` does."""
    try:
        return str(value)
    except Exception as error:  # a host's __str__ may do anything
        return f"<{type(value).__name__}: str failed with {type(error).__name__}>"


def held_bytes(values: Iterable[object]) -> int:
    """Memory that the texts among `values` take; in Python that is more than their length."""
    size_bytes = 0
    for value in values:
        if type(value) is str:
            size_bytes += getsizeof(value)
        elif isinstance(value, Mapping):
            size_bytes += held_bytes(value) + held_bytes(value.values())
        elif isinstance(value, (tuple, list)):
            size_bytes += held_bytes(value)
    return size_bytes
