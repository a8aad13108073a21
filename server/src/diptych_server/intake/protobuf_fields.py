"""Walks the frame of a protobuf message by hand, to reach the good parts of one that is damaged inside.

https://protobuf.dev/programming-guides/encoding/
"""

from collections.abc import Iterator

VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5
MAX_VARINT_BYTES = 10


class Damaged(Exception):
    """The frame itself cannot be read: a length points beyond the end, or a type is none."""


def parts(message: bytes, wanted: int) -> Iterator[bytes]:
    """The bytes of each field `wanted` (an embedded message, a text); other fields are passed over.

    Raises:
        Damaged: the frame is cut off or senseless.
    """
    at = 0
    while at < len(message):
        tag, at = _varint(message, at)
        field, kind = tag >> 3, tag & 7
        if kind == BYTES:
            size, at = _varint(message, at)
            end = at + size
            if end > len(message):
                raise Damaged
            if field == wanted:
                yield message[at:end]
            at = end
        elif kind == VARINT:
            _, at = _varint(message, at)
        elif kind in (FIXED64, FIXED32):
            at += 8 if kind == FIXED64 else 4
        else:
            raise Damaged
    if at != len(message):
        raise Damaged


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, the lowest first, and where it ends."""
    value = 0
    for position in range(MAX_VARINT_BYTES):
        if at + position >= len(message):
            raise Damaged
        byte = message[at + position]
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value, at + position + 1
    raise Damaged
