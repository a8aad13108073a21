"""Opaque cursors of keyset pages: they hold the last row's sort key, so a page costs the same at any
depth."""

import base64
import binascii
from typing import NamedTuple

import msgspec

from diptych_server.errors import BadRequest


class Cursor(NamedTuple):
    """The last row of a page: its sort key, and the ids that settle a tie."""

    list_name: str
    """The list and its order; a cursor of one does not fit another."""
    key: int
    ids: tuple[str, ...]

    def encode(self) -> str:
        """As the client sees it."""
        packed = msgspec.msgpack.encode(tuple(self))
        return base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def decode(cls, text: str, list_name: str, id_count: int = 1) -> "Cursor":
        """The cursor that `text` holds.

        Raises:
            BadRequest: it is none, or one of another list or order.
        """
        try:
            packed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            cursor = cls(*msgspec.msgpack.decode(packed, type=tuple[str, int, tuple[str, ...]]))
        except (binascii.Error, msgspec.MsgspecError, ValueError):
            raise _unfit(text) from None
        if cursor.list_name != list_name or len(cursor.ids) != id_count or not -(2**63) <= cursor.key < 2**63:
            raise _unfit(text)
        return cursor


def _unfit(text: str) -> BadRequest:
    return BadRequest(
        "expected the `next_cursor` of an earlier answer to the same question in the same order;"
        f" got {text[:100]!r}",
        where="cursor",
    )
