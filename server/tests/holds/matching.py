"""Compares an answer with what a model expects: by equality, and by bounds where the truth is a range."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

MAX_FAULTS = 20


@runtime_checkable
class Expectation(Protocol):
    """An expected value that is not one value."""

    def accepts(self, actual: Any) -> bool:
        """Whether the actual value is as expected."""


@dataclass(frozen=True)
class Between:
    """A number, both ends included."""

    low: float
    high: float

    def accepts(self, actual: Any) -> bool:
        """Whether it lies between the ends."""
        return isinstance(actual, int | float) and self.low <= actual <= self.high


@dataclass(frozen=True)
class Near:
    """A time of the API around `at_ms`."""

    at_ms: float
    slack_ms: float

    def accepts(self, actual: Any) -> bool:
        """Whether it is no further away than the slack."""
        return isinstance(actual, str) and abs(epoch_ms(actual) - self.at_ms) <= self.slack_ms


@dataclass(frozen=True)
class About:
    """A sum of floating point numbers."""

    value: float

    def accepts(self, actual: Any) -> bool:
        """Whether it differs by no more than rounding."""
        return isinstance(actual, int | float) and abs(actual - self.value) <= 1e-9 + 1e-9 * abs(self.value)


@dataclass(frozen=True)
class OneOf:
    """Any of these: a tie that the specification leaves open."""

    values: tuple[Any, ...]

    def accepts(self, actual: Any) -> bool:
        """Whether it is one of them."""
        return any(not list(faults(actual, value)) for value in self.values)


@dataclass(frozen=True)
class ClockOf:
    """An estimate of `server time - page time`: it must hold the truth, no further off than the slack."""

    offset_ms: float
    slack_ms: float

    def accepts(self, actual: Any) -> bool:
        """Whether the bounds that the estimate gives are honest and useful."""
        if not isinstance(actual, dict) or actual.keys() != {"offset_ms", "error_ms"}:
            return False
        too_high_ms = actual["offset_ms"] - self.offset_ms
        if actual["error_ms"] is None:
            return bool(-ROUNDING_MS <= too_high_ms <= self.slack_ms)
        return bool(
            abs(too_high_ms) <= actual["error_ms"] + ROUNDING_MS and abs(too_high_ms) <= self.slack_ms
        )


ROUNDING_MS = 2.0
"""Clocks are read in whole milliseconds, at both ends."""


def faults(actual: Any, expected: Any, where: str = "$") -> Iterator[str]:
    """Give every difference, with its place."""
    if isinstance(expected, Expectation):
        if not expected.accepts(actual):
            yield f"{where}: expected {expected}, got {actual!r}"
    elif isinstance(expected, dict) and isinstance(actual, dict):
        for key in expected.keys() | actual.keys():
            if key not in actual:
                yield f"{where}.{key}: missing, expected {expected[key]!r}"
            elif key not in expected:
                yield f"{where}.{key}: not expected, got {actual[key]!r}"
            else:
                yield from faults(actual[key], expected[key], f"{where}.{key}")
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield f"{where}: expected {len(expected)} items, got {len(actual)}: {actual!r}"
        for index, (one, other) in enumerate(zip(actual, expected, strict=False)):
            yield from faults(one, other, f"{where}[{index}]")
    elif actual != expected or isinstance(actual, bool) != isinstance(expected, bool):
        yield f"{where}: expected {expected!r}, got {actual!r}"


def check(actual: Any, expected: Any, what: str) -> None:
    """Fail with the first differences between an answer and what is expected of it."""
    found = list(faults(actual, expected))
    assert not found, f"{what}:\n" + "\n".join(found[:MAX_FAULTS])


def epoch_ms(text: str) -> float:
    """Epoch milliseconds of a time of the API."""
    return datetime.fromisoformat(text).timestamp() * 1000


def api_time(at_ms: int) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
