"""Times as the API writes and reads them: RFC 3339 in UTC, with milliseconds."""

import time
from datetime import UTC, datetime
from typing import NamedTuple

from diptych_server.errors import BadRequest

DAY_MS = 24 * 60 * 60 * 1000

AHEAD_MS = 5 * 60 * 1000
"""How far the intake lets a sender's time stand before our own, so what is newest can be this far ahead."""

LATEST_MS = 4_102_444_800_000
"""2100-01-01, far from the edges of the engine's types."""


class Period(NamedTuple):
    """A range of time, epoch ms: `from_ms` is in it, `to_ms` is not."""

    from_ms: int
    to_ms: int

    @property
    def parameters(self) -> dict[str, object]:
        """The range as statements bind it.

        `from` and `to` are its own, epoch ms. All that can hold a thing of it, since none lasts longer than a
        day, lies from `from_day` to `to_day` (partitions of raw tables) and from `from_hour` to `to_hour`
        (rows of roll-ups), both included.
        """
        first_ms, last_ms = self.from_ms - DAY_MS, self.to_ms + DAY_MS
        return {
            "from": self.from_ms,
            "to": self.to_ms,
            "from_day": day_of(first_ms),
            "to_day": day_of(last_ms),
            "from_hour": self.hours.first,
            "to_hour": self.hours.last,
        }

    @property
    def hours(self) -> "Hours":
        """The hours that can hold a thing of it."""
        return Hours.between(self.from_ms - DAY_MS, self.to_ms + DAY_MS)

    @classmethod
    def of(cls, start: str | None, end: str | None, now_ms: int | None = None) -> "Period":
        """The range of the query parameters `from` and `to`; without them the last 24 hours.

        Raises:
            BadRequest: one is no time, or `to` is not after `from`.
        """
        now_ms = epoch_ms() if now_ms is None else now_ms
        to_ms = now_ms + AHEAD_MS if end is None else parse_instant(end, "to")
        from_ms = min(now_ms, to_ms) - DAY_MS if start is None else parse_instant(start, "from")
        if from_ms >= to_ms:
            raise BadRequest(f"expected `to` after `from`, got {end or 'now'!r} and {start!r}", where="to")
        return cls(max(0, from_ms), to_ms)


class Hours(NamedTuple):
    """UTC hours, both included: rows of the roll-ups that are worth a look."""

    first: str
    last: str

    @classmethod
    def between(cls, first_ms: int, last_ms: int) -> "Hours":
        """The hours of two moments and of all between them."""
        return cls(hour_of(first_ms), hour_of(last_ms))


ALL_HOURS = Hours("1970-01-01 00:00:00", "2100-01-01 00:00:00")
"""Where nothing is known of the time."""


def epoch_ms() -> int:
    """The current time."""
    return time.time_ns() // 1_000_000


def parse_instant(text: str, where: str) -> int:
    """Epoch ms of an RFC 3339 time, or of epoch ms themselves.

    Raises:
        BadRequest: it is neither, or not between 1970 and 2100.
    """
    if text.isascii() and text.isdecimal():
        at_ms = int(text[:20])
    else:
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            raise _not_an_instant(text, where) from None
        if moment.tzinfo is None:
            raise _not_an_instant(text, where)
        at_ms = round(moment.timestamp() * 1000)
    if not 0 <= at_ms < LATEST_MS:
        raise _not_an_instant(text, where)
    return at_ms


def _not_an_instant(text: str, where: str) -> BadRequest:
    return BadRequest(
        "expected a time between 1970 and 2100, as RFC 3339 with its offset (2026-11-22T10:00:00Z)"
        f" or as epoch milliseconds; got {text[:100]!r}",
        where=where,
    )


def rfc3339(moment: datetime) -> str:
    """`2026-11-22T10:00:00.123Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def rfc3339_of_ns(at_ns: int) -> str:
    """The same, of epoch nanoseconds."""
    return rfc3339(datetime.fromtimestamp(at_ns // 1_000_000_000, UTC)).replace(
        ".000Z", f".{at_ns // 1_000_000 % 1000:03d}Z"
    )


def ms_of(moment: datetime) -> int:
    """Epoch ms, exact."""
    return round(moment.timestamp() * 1000)


def day_of(at_ms: int) -> str:
    """The UTC day, as the engine reads a Date."""
    return datetime.fromtimestamp(max(0, at_ms) / 1000, UTC).strftime("%Y-%m-%d")


def hour_of(at_ms: int) -> str:
    """The UTC hour, as the engine reads a DateTime."""
    return datetime.fromtimestamp(max(0, at_ms) / 1000, UTC).strftime("%Y-%m-%d %H:00:00")
