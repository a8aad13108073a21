"""Values with their units: `3s` and `<5kb` as numbers, times as epoch ms."""

import re
from datetime import datetime

from diptych_server.errors import BadRequest
from diptych_server.query.instants import epoch_ms, parse_instant

DURATION_MS = {
    "": 1.0,
    "ns": 1e-6,
    "us": 1e-3,
    "µs": 1e-3,
    "ms": 1.0,
    "s": 1e3,
    "m": 60e3,
    "min": 60e3,
    "h": 3_600e3,
    "d": 86_400e3,
}
"""Unit → ms; a bare number is ms."""

SIZE_BYTES = {
    "": 1.0,
    "b": 1.0,
    "kb": 1e3,
    "mb": 1e6,
    "gb": 1e9,
    "kib": 2.0**10,
    "mib": 2.0**20,
    "gib": 2.0**30,
}
"""Unit → bytes; a bare number is bytes."""

NO_UNIT = {"": 1.0}

LARGEST = 1e18
"""Far above all that is measured, and safe in every type of the engine."""

_NUMBER = re.compile(r"(-?\d+(?:\.\d+)?|-?\.\d+)\s*([a-zµ]*)", re.IGNORECASE)
_AGO = re.compile(r"now(?:-(\d+)([smhd]))?", re.IGNORECASE)


def number_of(text: str, units: dict[str, float]) -> float | None:
    """The number in base units; None when it is none, or of another unit."""
    match = _NUMBER.fullmatch(text.strip().lstrip("$"))
    if match is None or match[2].lower() not in units:
        return None
    number = float(match[1]) * units[match[2].lower()]
    return number if abs(number) <= LARGEST else None


def moment_of(text: str) -> int | None:
    """Epoch ms of an RFC 3339 time, a UTC day, epoch ms, or `now-15m`; None when it is none of them."""
    if match := _AGO.fullmatch(text):
        back_ms = float(match[1] or 0) * DURATION_MS[(match[2] or "s").lower()]
        return max(0, epoch_ms() - round(min(back_ms, LARGEST)))
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
            text = datetime.fromisoformat(text).strftime("%Y-%m-%dT00:00:00Z")
        return parse_instant(text, "query")
    except (BadRequest, ValueError):
        return None
