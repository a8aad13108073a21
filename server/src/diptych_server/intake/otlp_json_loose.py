"""The frame of an OTLP request in JSON in which something is bad: what of it can be read, part by part."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from diptych_server.intake import loose_json
from diptych_server.intake.otlp import BadItem, Items
from diptych_server.intake.reasons import explain
from diptych_server.wire import otlp as wire


class Names(NamedTuple):
    """Of the three lists, each within the one before."""

    groups: str
    scopes: str
    items: str


TRACES = Names("resourceSpans", "scopeSpans", "spans")
LOGS = Names("resourceLogs", "scopeLogs", "logRecords")


class LooseScope(NamedTuple):
    """Items of one scope, nothing of them checked."""

    sent: Any
    at: str
    """Where the scope stands."""
    items: list[Any]

    def read(self, items: Items) -> wire.Scope:
        """The scope; one without a name where it cannot be read."""
        try:
            made: wire.Scope = _converted(self.sent, wire.Scope, self.at)
        except BadItem as bad:
            items.lose(bad)
            return wire.Scope()
        return made


class LooseResource(NamedTuple):
    """The scopes of one resource."""

    sent: Any
    at: str
    """Where the resource stands."""
    scopes: list[LooseScope]

    def attributes(self, items: Items) -> list[wire.KeyValue]:
        """Attributes of the resource, without those that cannot be read."""
        try:
            pairs = _list(_object(self.sent, self.at), "attributes", self.at)
        except BadItem as bad:
            items.lose(bad)
            return []
        found = []
        for index, pair in enumerate(pairs):
            try:
                found.append(_converted(pair, wire.KeyValue, f"{self.at}.attributes[{index}]"))
            except BadItem as bad:
                items.lose(bad)
        return found


def loose_resources(request: Any, names: Names, items: Items) -> Iterator[LooseResource]:
    """What can be found; in place of a list that is none, one item is refused."""
    try:
        groups = _list(_object(request, "$"), names.groups, "$")
    except BadItem as bad:
        items.refuse(bad)
        return
    for number, group in enumerate(groups):
        at = f"$.{names.groups}[{number}]"
        try:
            scopes = _list(_object(group, at), names.scopes, at)
        except BadItem as bad:
            items.refuse(bad)
            continue
        found = list(_loose_scopes(scopes, f"{at}.{names.scopes}", names.items, items))
        yield LooseResource(group.get("resource", {}), f"{at}.resource", found)


def _loose_scopes(scopes: list[Any], at: str, name: str, items: Items) -> Iterator[LooseScope]:
    for number, scope in enumerate(scopes):
        here = f"{at}[{number}]"
        try:
            found = _list(_object(scope, here), name, here)
        except BadItem as bad:
            items.refuse(bad)
            continue
        yield LooseScope(scope.get("scope", {}), f"{here}.scope", found)


def without_null(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields with a value: null stands for none (https://protobuf.dev/programming-guides/json/#null-values)."""
    return {name: value for name, value in pairs if value is not None}


def _object(value: Any, where: str) -> dict[str, Any]:
    if isinstance(value, dict):
        return value
    raise BadItem(where, "object", _type(value))


def _list(holder: dict[str, Any], name: str, where: str) -> list[Any]:
    value = holder.get(name, [])
    if isinstance(value, list):
        return value
    raise BadItem(f"{where}.{name}", "array", _type(value))


def _converted(value: Any, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(loose_json.plain(value), kind)
    except msgspec.ValidationError as exc:
        within, expected, got = explain(exc)
        raise BadItem(f"{where}{within.removeprefix('$')}", expected, got) from exc


def _type(value: Any) -> str:
    """What JSON calls it."""
    return next((name for kinds, name in TYPES if isinstance(value, kinds)), "null")


TYPES: list[tuple[type | tuple[type, ...], str]] = [
    (dict, "object"),
    (list, "array"),
    (str, "str"),
    (bool, "bool"),
    ((int, float), "number"),
]
