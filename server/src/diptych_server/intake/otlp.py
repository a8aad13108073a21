"""OTLP in one neutral shape, whichever encoding it came in: plain Python attributes, ids in lower hex."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from diptych_server.errors import BadRequest
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain

Made = TypeVar("Made")

STATUS_ERROR = 2
MAX_INT64 = 2**63 - 1

TRACE_DIGITS = 32
SPAN_DIGITS = 16

JSON = "application/json"

Attributes = dict[str, Any]

_is_hex = re.compile("[0-9a-f]+").fullmatch


class Event(NamedTuple):
    """An event on a span."""

    name: str
    time_ns: int
    attributes: Attributes


class Link(NamedTuple):
    """A link to another span."""

    trace_id: str
    span_id: str
    attributes: Attributes


class OtlpSpan(NamedTuple):
    """One span as sent; `parent_id` is empty at a root."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start_ns: int
    end_ns: int
    attributes: Attributes
    events: list[Event]
    links: list[Link]
    is_error: bool
    status_message: str


class LogRecord(NamedTuple):
    """One log record; its ids are empty where it belongs to no span."""

    trace_id: str
    span_id: str
    event_name: str
    time_ns: int
    body: Any
    attributes: Attributes


@dataclass(frozen=True, slots=True)
class Group:
    """Spans of one resource and scope."""

    resource: Attributes
    scope_name: str
    scope_version: str
    spans: list[OtlpSpan]


class BadItem(Exception):
    """One span or record that cannot be kept, and why; the others can."""

    def __init__(self, where: str, expected: str, got: str) -> None:
        super().__init__(where)
        self.where, self.expected, self.got = where, expected, got


class Items:
    """Makes the items of one request, in its order; a bad one costs no other anything."""

    def __init__(self, reasons: Reasons) -> None:
        self._reasons = reasons
        self._index = 0
        self._has_group = False

    def made(self, items: Iterable[Any], make: Callable[[Any], Made]) -> list[Made]:
        """What can be made of the items of one group."""
        self._has_group = True
        made: list[Made] = []
        for item in items:
            try:
                made.append(make(item))
                self._index += 1
            except BadItem as exc:
                self.refuse(exc)
            except DECODE_ERRORS as exc:
                self.refuse(BadItem(*explain(exc)))
        return made

    def refuse(self, bad: BadItem) -> None:
        """Refuse the next item, or the next group, which counts as one."""
        self._reasons.add(self._index, bad.where, bad.expected, bad.got)
        self._index += 1

    def lose(self, bad: BadItem) -> None:
        """Go on without what stands around items."""
        self._reasons.lose(bad.where, bad.expected, bad.got)

    def end(self) -> None:
        """At the end of the request.

        Raises:
            BadRequest: it has groups, and not one of them can be read.
        """
        if not self._has_group and (first := next(iter(self._reasons.items), None)):
            raise BadRequest(f"expected {first.expected}, got {first.got}", where=first.where)


def required_id(value: str, digits: int, name: str) -> str:
    """An id in lower hex.

    Raises:
        BadItem: it has another length, other characters, or is all 0.
    """
    if len(value) == digits and value.strip("0") and _is_hex(value) is not None:
        return value
    raise BadItem(f"$.{name}", f"{digits} hex digits that are not all 0", value[:40] or "nothing")


def optional_id(value: str) -> str:
    """An id in lower hex, or nothing where it is none."""
    return value if value.strip("0") and _is_hex(value) is not None else ""


def integer(value: int | str) -> int | str:
    """A number where it is one; else the text that was sent, which a reader can at least see."""
    try:
        return int(value)
    except ValueError:
        return value


def time_ns(value: int | str, name: str) -> int:
    """Nanoseconds since 1970.

    Raises:
        BadItem: no such number, or one after the year 2262.
    """
    number = value if isinstance(value, int) else integer(value)
    if isinstance(number, str) or not 0 <= number <= MAX_INT64:
        raise BadItem(f"$.{name}", "nanoseconds since 1970", str(value)[:40])
    return number
