"""One set of privacy rules, applied at every door before anything is stored.

A rule finds text and says what stands in its place. Rules work on the values of an event, never on its keys,
so what they change still has the shape that the event had. Without rules nothing is touched or spent.
"""

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from diptych_server.privacy.patterns import BUILT_IN, MAX_OWN_CHARACTERS, Pattern

MIN_CLEANED_INTEGER = 100_000_000
"""Numbers of nine digits and more may be numbers of accounts and cards, sent as numbers."""

NOTHING: frozenset[str] = frozenset()

_decode = msgspec.json.decode
_encode = msgspec.json.encode


class Rules:
    """All rules of this server; falsy when there are none, so that callers can skip the work."""

    def __init__(self, patterns: Iterable[Pattern] = ()) -> None:
        self._patterns = tuple(patterns)

    @classmethod
    def parse(cls, words: Iterable[str]) -> "Rules":
        """Rules from a setting: names of built-in patterns, and own ones as `name=regular expression`.

        Raises:
            ValueError: a name that is none, or an expression that cannot be read; the text says which.
        """
        return cls(_pattern(word) for word in words)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def text(self, value: str) -> str:
        """`value` with every match replaced, rules in their order; JSON inside it stays JSON."""
        if value[:1] in ("{", "["):
            try:
                inner = _decode(value)
            except (msgspec.DecodeError, RecursionError, UnicodeError):
                return self._clean(value)
            clean = self.value(inner)
            return value if clean == inner else _encode(clean).decode()
        return self._clean(value)

    def value(self, value: Any, kept: frozenset[str] = NOTHING) -> Any:
        """A JSON value with every text in it cleaned, and every number that a rule knows.

        Args:
            value: any JSON value.
            kept: keys of the outermost object whose values stay as they are, such as ids that join.
        """
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: item if key in kept else self.value(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.value(item) for item in value]
        if isinstance(value, int) and not isinstance(value, bool) and value >= MIN_CLEANED_INTEGER:
            clean = self._clean(str(value))
            return clean if clean != str(value) else value
        return value

    def line(self, line: bytes) -> bytes:
        """One JSON document, cleaned and written anew.

        Raises:
            msgspec.DecodeError: it is no JSON.
            RecursionError: it is nested too deeply.
        """
        return _encode(self.value(_decode(line))) if self._patterns else line

    def _clean(self, text: str) -> str:
        for pattern in self._patterns:
            text = pattern.clean(text)
        return text


def _pattern(word: str) -> Pattern:
    name, is_own, expression = word.strip().partition("=")
    if not is_own:
        if name not in BUILT_IN:
            raise ValueError(
                f"privacy rule {name!r}: expected one of {', '.join(BUILT_IN)}, or name=expression"
            )
        return BUILT_IN[name]
    if not name or len(expression) > MAX_OWN_CHARACTERS:
        raise ValueError(
            f"privacy rule {name!r}: expected name=expression of {MAX_OWN_CHARACTERS} characters at most"
        )
    try:
        return Pattern(name, re.compile(expression))
    except re.error as exc:
        raise ValueError(f"privacy rule {name!r}: {exc}") from exc


NO_RULES = Rules()
"""Keeps everything as it came: the default, until somebody says what must not be stored."""
