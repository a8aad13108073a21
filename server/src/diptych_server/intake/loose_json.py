"""JSON as Python and browsers write it, which RFC 8259 does not allow: NaN, Infinity, halves of surrogates,
bytes that are no UTF-8.

What has no meaning elsewhere is replaced, so that everything behind the door is plain JSON: numbers that are
none become null, half a surrogate pair and a stray byte U+FFFD, integers beyond 64 bits their text.
"""

import json
import math
from typing import Any

import msgspec

MAX_INTEGER = 2**64 - 1
MIN_INTEGER = -(2**63)
REPLACEMENT = "\ufffd"

_decode = msgspec.json.decode


def decode(body: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        msgspec.DecodeError: it is none.
        RecursionError: it is nested too deeply.
    """
    try:
        value = _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        try:
            # Bytes that are no UTF-8 become halves of surrogate pairs.
            value = json.loads(body.decode("utf-8", "surrogateescape"))
        except ValueError as exc:
            raise msgspec.DecodeError(f"JSON is malformed: {exc}") from exc
    return plain(value)


def plain(value: Any) -> Any:
    """`value` with everything in it that plain JSON can say."""
    if isinstance(value, str):
        return value if value.isascii() else _text(value)
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if MIN_INTEGER <= value <= MAX_INTEGER else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {plain(str(key)): plain(item) for key, item in value.items()}
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value)


def _text(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value
