"""How one sender speaks, and what its span must become."""

from typing import Any, NamedTuple


class Case(NamedTuple):
    """A span as a sender sends it, and what of its row it must become."""

    attributes: dict[str, Any]
    row: dict[str, Any]
    input: list[Any] | str = ""
    output: list[Any] | str = ""
    raw: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default, never written to
    events: tuple[tuple[str, dict[str, Any]], ...] = ()


def said(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    """A message of the GenAI schema; a string is a part of text."""
    made = [{"type": "text", "content": part} if isinstance(part, str) else part for part in parts]
    return {"role": role, "parts": made} | more


def call(name: str, arguments: Any, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}


def result(response: Any, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "tool_call_response", "id": call_id, "response": response}
