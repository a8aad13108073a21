"""Why items of a batch were refused: collected for the answer, in the words of the acceptance."""

import re

import msgspec

from diptych_server.wire.acceptance import Reason

MAX_REASONS = 100
MAX_GOT_CHARACTERS = 200

_EXPECTED = re.compile(
    r"^Expected (?P<expected>.+?)(?:, got (?P<got>.+?))?(?: - at `(?P<where>.+)`)?$", re.DOTALL
)
_MISSING = re.compile(r"^Object missing required field `(?P<field>.+?)`(?: - at `(?P<where>.+)`)?$")
_AT = re.compile(r" - at `(.+)`$")


class Reasons:
    """The first 100 reasons, and how many items were refused in all; what the others had to do without."""

    def __init__(self) -> None:
        self.items: list[Reason] = []
        self.rejected = 0
        self.without: list[str] = []
        """The first 100 parts around items that cannot be read: their items are kept without them."""
        self.parts_lost = 0

    def add(self, index: int, where: str, expected: str, got: str) -> None:
        """Refuse the item at `index`."""
        self.rejected += 1
        if len(self.items) < MAX_REASONS:
            self.items.append(
                Reason(index=index, where=where, expected=expected, got=got[:MAX_GOT_CHARACTERS])
            )

    def add_error(self, index: int, error: Exception) -> None:
        """Refuse the item at `index` for an error of the decoder."""
        self.add(index, *explain(error))

    def lose(self, where: str, expected: str, got: str) -> None:
        """Keep items without what stands at `where`: it belongs to many of them, and cannot be read."""
        self.parts_lost += 1
        if len(self.without) < MAX_REASONS:
            self.without.append(f"{where}: expected {expected}, got {got[:MAX_GOT_CHARACTERS]}")


def explain(error: Exception) -> tuple[str, str, str]:
    """Where, expected, got: from an error of msgspec or of Python's own decoding."""
    if isinstance(error, UnicodeDecodeError):
        return "$", "UTF-8", f"byte 0x{error.object[error.start]:02x} at {error.start}"
    if isinstance(error, RecursionError):
        return "$", "fewer nested levels", "a value nested too deeply"
    text = str(error)
    if (match := _MISSING.match(text)) is not None:
        return f"{match['where'] or '$'}.{match['field']}", "a value", "nothing"
    if (match := _EXPECTED.match(text)) is not None:
        return (
            match["where"] or "$",
            match["expected"].replace("`", ""),
            (match["got"] or "another").strip("`"),
        )
    place = _AT.search(text)
    return (place[1] if place else "$"), "one JSON object", text


DECODE_ERRORS = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What decoding of one hostile line may raise (a ValidationError is a DecodeError)."""
