"""Ids in paths: any text of 1 to 128 characters, slashes too, so the route is found before it is decoded."""

from typing import Any
from urllib.parse import unquote


def keep_encoded(scope: dict[str, Any]) -> dict[str, Any]:
    """The same ASGI scope with its path as it was sent: `%2F` in an id ends no segment."""
    raw_path = scope.get("raw_path")
    if not raw_path:
        return scope
    return {**scope, "path": raw_path.decode("ascii", "replace").partition("?")[0]}


def decoded_id(segment: str) -> str:
    """The id that a segment of such a path holds."""
    return unquote(segment)
