"""What a search means, before it is asked of the store: a tree of terms."""

from dataclasses import dataclass
from typing import Literal, NamedTuple

Operator = Literal["=", ">", ">=", "<", "<="]


class Place(NamedTuple):
    """Characters of the search, counted from 0; the last one is before `end`."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Words:
    """Words and phrases that one text must hold, all of them, in lower case."""

    tokens: tuple[str, ...]
    phrases: tuple[str, ...]
    """Of more than one word, to be found as they stand."""
    place: Place


@dataclass(frozen=True, slots=True)
class Value:
    """A value as it was written."""

    text: str
    """Without quotes and escapes."""
    pattern: str | None
    """For LIKE, where it holds wildcards; its own `%`, `_` and `\\` are escaped."""
    place: Place


@dataclass(frozen=True, slots=True)
class Compare:
    """`=` a value, or above or below it."""

    operator: Operator
    value: Value


@dataclass(frozen=True, slots=True)
class Between:
    """A range; an end may be open (`*`), or not be part of it."""

    low: Value | None
    high: Value | None
    has_low: bool
    has_high: bool


@dataclass(frozen=True, slots=True)
class Term:
    """A field and what it must be."""

    field: str
    """As it was written, in lower case but for what follows the first dot, without `@`."""
    match: Compare | Between
    field_place: Place
    place: Place


@dataclass(frozen=True, slots=True)
class Not:
    """What must not be."""

    node: "Node"


@dataclass(frozen=True, slots=True)
class Group:
    """All of them, or any of them."""

    operator: Literal["AND", "OR"]
    nodes: tuple["Node", ...]


Node = Words | Term | Not | Group
