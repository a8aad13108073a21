"""Sorts the attributes of one span into what they are, by the tables of `genai`, in one pass."""

from functools import lru_cache
from typing import Any, NamedTuple

from diptych_server.intake.genai import FLATTENED, NAMES, PREFIXES

COLUMN = 0
PART = 1
LIST = 2
OTHER = 3


class Place(NamedTuple):
    """Where an attribute belongs: a column (with its rank among its names), a part, a list, or nowhere."""

    where: int
    name: str = ""
    rank: int = 0
    rest: str = ""


_COLUMNS = {
    attribute: Place(COLUMN, name, rank)
    for name, attributes in NAMES.items()
    for rank, attribute in enumerate(attributes)
}
_OTHER = Place(OTHER)


@lru_cache(maxsize=8192)
def place(attribute: str) -> Place:
    """The place of an attribute; senders use few different ones, so the answer is remembered."""
    if (column := _COLUMNS.get(attribute)) is not None:
        return column
    for prefix, name in FLATTENED.items():
        if attribute.startswith(prefix) and attribute[len(prefix) : len(prefix) + 1].isdigit():
            return Place(LIST, name, 0, attribute[len(prefix) :])
    for prefix, name in PREFIXES.items():
        if attribute.startswith(prefix) and len(attribute) > len(prefix):
            return Place(PART, name, 0, attribute[len(prefix) :])
    return _OTHER


class Placed(NamedTuple):
    """The attributes of one span, sorted."""

    columns: dict[str, Any]
    """By the names of `genai.NAMES`."""
    attributes: dict[str, str]
    """The attribute that each of these came from."""
    parts: dict[str, dict[str, Any]]
    """Open families: parameters, metrics, metadata."""
    lists: dict[str, dict[str, Any]]
    """Flattened lists: their keys from the index on."""
    others: dict[str, Any]
    """What we have no place for."""


def placed(attributes: dict[str, Any]) -> Placed:
    """Sort the attributes; of two names for one thing the better wins, the other stays among the others."""
    best: dict[str, tuple[int, str, Any]] = {}
    parts: dict[str, dict[str, Any]] = {}
    lists: dict[str, dict[str, Any]] = {}
    others: dict[str, Any] = {}
    for attribute, value in attributes.items():
        where, name, rank, rest = place(attribute)
        if where == OTHER:
            others[attribute] = value
        elif where == COLUMN:
            if value is None or value == "":
                continue
            known = best.get(name)
            if known is None or rank < known[0]:
                best[name] = (rank, attribute, value)
                if known is not None:
                    others[known[1]] = known[2]
            else:
                others[attribute] = value
        else:
            family = parts if where == PART else lists
            family.setdefault(name, {})[rest] = value
    columns = {name: held[2] for name, held in best.items()}
    return Placed(columns, {name: held[1] for name, held in best.items()}, parts, lists, others)


MAX_DEPTH = 12
"""Of the dots in a flattened key; what is deeper stays one key."""


def unflatten(pairs: dict[str, Any]) -> list[Any]:
    """The list behind keys such as `0.message.role` and `0.message.tool_calls.1.tool_call.id`."""
    root: dict[str, Any] = {}
    for path, value in pairs.items():
        *steps, last = path.split(".", MAX_DEPTH)
        node = root
        for step in steps:
            below = node.get(step)
            if not isinstance(below, dict):
                below = node[step] = {}
            node = below
        node[last] = value
    listed = _listed(root)
    return listed if isinstance(listed, list) else [listed]


def _listed(node: Any) -> Any:
    """Maps whose keys are all numbers become lists, in the order of the numbers."""
    if not isinstance(node, dict):
        return node
    if all(key.isdecimal() and key.isascii() and len(key) < 9 for key in node):
        return [_listed(node[key]) for key in sorted(node, key=int)]
    return {key: _listed(value) for key, value in node.items()}


def inner(item: Any, *keys: str) -> Any:
    """Follow keys into an object as far as they lead: senders wrap items of a list in objects of one key."""
    for key in keys:
        if not isinstance(item, dict) or key not in item:
            return item
        item = item[key]
    return item
