"""What a retrieval found, and what tools a model was offered."""

from typing import Any

import msgspec

from diptych_server.intake.cutting import cut_value
from diptych_server.intake.messages import parse
from diptych_server.intake.placing import Placed, inner, unflatten
from diptych_server.intake.usage import number
from diptych_server.wire.span_raw import RawDocument


def documents(placed: Placed) -> list[RawDocument]:
    """Retrieved documents, from one JSON attribute or from a flattened list."""
    given = parse(placed.columns.get("documents"))
    if given is None and "documents" in placed.lists:
        given = unflatten(placed.lists["documents"])
    if isinstance(given, dict):
        given = given.get("documents", [given])
    if not isinstance(given, list):
        given = [given]
    return [_document(item) for item in given if item is not None]


def tool_definitions(placed: Placed) -> list[Any]:
    """The tools that a model was offered, as the sender described them."""
    given = parse(placed.columns.get("tool_definitions"))
    if given is None and "tool_definitions" in placed.lists:
        given = [inner(item, "tool", "json_schema") for item in unflatten(placed.lists["tool_definitions"])]
    if given is None:
        return []
    return [cut_value(parse(item)) for item in (given if isinstance(given, list) else [given])]


def _document(item: Any) -> RawDocument:
    item = inner(item, "document")
    if not isinstance(item, dict):
        return RawDocument(text=cut_value(_text(item)))
    text = next((item[key] for key in ("text", "content", "page_content") if item.get(key) is not None), None)
    return RawDocument(
        id=_text(item.get("id")),
        name=_text(item.get("name") or item.get("title")),
        text=cut_value(_text(text)),
        score=number(item.get("score")),
        metadata=cut_value(parse(item.get("metadata"))),
    )


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
