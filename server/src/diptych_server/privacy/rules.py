"""One set of privacy rules, applied at every door before anything is stored.

A rule finds text and says what stands in its place. Rules work on the values of an event, never on its keys,
so what they change still has the shape that the event had. Without rules nothing is touched or spent.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

REPLACEMENT = "[redacted]"

_decode = msgspec.json.decode
_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Pattern:
    """A named regular expression; what it matches becomes `replacement` (which may use its groups)."""

    name: str
    expression: re.Pattern[str]
    replacement: str = REPLACEMENT


class Rules:
    """All rules of this server; falsy when there are none, so that callers can skip the work."""

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:
        self._patterns = tuple(patterns)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def text(self, value: str) -> str:
        """`value` with every match replaced, rules in their order."""
        for pattern in self._patterns:
            value = pattern.expression.sub(pattern.replacement, value)
        return value

    def value(self, value: Any) -> Any:
        """A JSON value with every string in it cleaned; keys and all else stay."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, dict):
            return {key: self.value(item) for key, item in value.items()}
        return value

    def line(self, line: bytes) -> bytes:
        """One JSON document, cleaned and written anew.

        Raises:
            msgspec.DecodeError: it is no JSON.
            RecursionError: it is nested too deeply.
        """
        return _encode(self.value(_decode(line))) if self._patterns else line


NO_RULES = Rules()
"""Keeps everything as it came: the default, until somebody says what must not be stored."""
