"""Events made from the public rum-events-format schemas: as small as they allow, and with all they know."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

Schema = dict[str, Any]


class Schemas:
    """A folder of JSON schemas that refer to each other by file name."""

    def __init__(self, folder: Path) -> None:
        self._files = {file.name: json.loads(file.read_text()) for file in sorted(folder.rglob("*.json"))}

    def names(self) -> list[str]:
        """The events that have a schema of their own."""
        return [name for name in self._files if name.endswith("-schema.json") and self._is_event(name)]

    def smallest(self, name: str) -> Any:
        """An event with what is required alone."""
        return self._value([self._files[name]], choice=0, is_whole=False)

    def whole(self, name: str, choice: int) -> Any:
        """An event with every field; `choice` picks among the values and branches where there are several."""
        return self._value([self._files[name]], choice, is_whole=True)

    def _is_event(self, name: str) -> bool:
        title = self._files[name].get("title", "")
        return (
            not name.startswith("_")
            and title.startswith("Rum")
            and title.endswith("Event")
            and title != "RumEvent"
        )

    def _value(self, schemas: list[Schema], choice: int, *, is_whole: bool) -> Any:
        parts = list(self._flat(schemas, choice))
        for part in parts:
            if "const" in part:
                return part["const"]
        for part in parts:
            if "enum" in part:
                return part["enum"][choice % len(part["enum"])]
        kinds = {kind for part in parts for kind in _listed(part.get("type"))} - {"null"}
        if "object" in kinds or any("properties" in part for part in parts):
            return self._object(parts, choice, is_whole=is_whole)
        if "array" in kinds:
            items = [part["items"] for part in parts if "items" in part]
            return [self._value(items, choice, is_whole=is_whole)]
        return _scalar(parts, kinds, choice)

    def _object(self, parts: list[Schema], choice: int, *, is_whole: bool) -> dict[str, Any]:
        required = {name for part in parts for name in part.get("required", [])}
        properties: dict[str, list[Schema]] = {}
        for part in parts:
            for name, schema in part.get("properties", {}).items():
                properties.setdefault(name, []).append(schema)
        made = {
            name: self._value(schemas, choice, is_whole=is_whole)
            for name, schemas in properties.items()
            if is_whole or name in required
        }
        others = [part["additionalProperties"] for part in parts if part.get("additionalProperties")]
        if is_whole and others:
            schemas = [other for other in others if isinstance(other, dict)]
            made["anything"] = self._value(schemas, choice, is_whole=True) if schemas else "of the sender's"
        return made

    def _flat(self, schemas: list[Schema], choice: int) -> Iterator[Schema]:
        """All that must hold at once: references followed, one branch of each alternative taken."""
        for schema in schemas:
            if "$ref" in schema:
                yield from self._flat([self._files[schema["$ref"].rpartition("/")[2]]], choice)
                continue
            yield schema
            yield from self._flat(schema.get("allOf", []), choice)
            for alternatives in (schema.get("oneOf"), schema.get("anyOf")):
                if alternatives:
                    yield from self._flat([alternatives[choice % len(alternatives)]], choice)


def _listed(kind: Any) -> list[str]:
    return kind if isinstance(kind, list) else [kind] if kind else []


def _scalar(parts: list[Schema], kinds: set[str], choice: int) -> Any:
    lowest = max((part["minimum"] for part in parts if "minimum" in part), default=0)
    if "integer" in kinds:
        return lowest + choice
    if "number" in kinds:
        return lowest + choice + 0.5
    if "boolean" in kinds:
        return choice % 2 == 0
    is_id = any("a-f0-9" in part.get("pattern", "") for part in parts)
    return str(uuid4()) if is_id else f"text {choice}"
