"""JSON that every reader behind us can decode: valid to the last byte, and not nested deeply.

Decoders skip what they do not need, and with it halves of surrogate pairs, numbers beyond a double and bytes
that are no UTF-8. What is stored is decoded whole later, by a server with a deeper stack and by browsers: one
event that only its sender can read would break the page of everybody else.
"""

from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode

STACK_LEVELS = 1_000
"""About where the decoder gives up: Python's recursion limit."""

EVENT_LEVELS = 100
"""Nested levels of an event; honest ones have ten."""

RECORD_LEVELS = 700
"""Nested levels of a replay record; a page whose elements are nested 200 deep has about 600."""


def decoded(line: bytes, levels: int = EVENT_LEVELS) -> Any:
    """The value of a JSON document.

    Raises:
        msgspec.DecodeError: it is none.
        UnicodeDecodeError: it is no UTF-8.
        RecursionError: it has more than about `levels` nested levels.
    """
    if line.count(b"{") + line.count(b"[") > levels:
        # Whether so many brackets are nested is found by the decoder itself, from further up its stack.
        margin = STACK_LEVELS - levels
        _decode(b"[" * margin + line + b"]" * margin)
    return _decode(line)
