"""Values as the engine's client binds them, but long lists at once: it writes them by the character.

A page of sessions binds the ids of thousands of traces: to write them took longer than to read the traces.
"""

import re
from collections.abc import Mapping
from typing import Any

_ESCAPED = {ord(character): f"\\{character}" for character in "\\'`\t\n"}
"""As `clickhouse_connect.driver.binding.escape_str` has it."""

_ANY_ESCAPED = re.compile(r"[\\'`\t\n]")


class _Written:
    """A list as it stands in a bound value: the client writes what it does not know as its `str`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def bound(parameters: Mapping[str, object]) -> dict[str, Any]:
    """The parameters, with lists of texts or of integers written out."""
    return {name: _bound(value) for name, value in parameters.items()}


def _bound(value: object) -> object:
    if not isinstance(value, list):
        return value
    kinds = set(map(type, value))
    if kinds == {int}:
        return _Written(str(value))
    if kinds == {str}:
        if _ANY_ESCAPED.search("".join(value)):
            value = [text.translate(_ESCAPED) for text in value]
        return _Written("['" + "','".join(value) + "']")
    return value
