"""Token counts, cost and time to the first token of one span."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from diptych_server.intake.genai import TTFT_EVENTS, TTFT_MOMENT, TTFT_UNITS_MS
from diptych_server.intake.otlp import Event
from diptych_server.intake.prices import EPOCH, Tokens, cost_usd

MAX_UINT32 = 2**32 - 1
NS_MS = 1_000_000
MAX_TTFT_MS = 24 * 60 * 60 * 1_000
"""A day: beyond it the number is in another unit, or no time at all."""
MICROSECOND = timedelta(microseconds=1)


class Usage(NamedTuple):
    """What a span says of tokens and cost."""

    is_given: bool
    tokens: Tokens
    cost_usd: float | None


NO_USAGE = Usage(False, Tokens(), None)


def usage(columns: dict[str, Any], provider: str, model: str, start_ns: int) -> Usage:
    """Counts where the cache is part of the input, whichever way the sender counted, and their cost.

    The conventions include cached tokens in the input. Raw Anthropic numbers do not: cache counts above the
    input show it, and are added.
    """
    given = columns.get("cost_usd")
    if "input_tokens" not in columns and "output_tokens" not in columns and given is None:
        return NO_USAGE
    entered = count(columns.get("input_tokens"))
    cache_read = count(columns.get("cache_read_tokens"))
    cache_write = count(columns.get("cache_write_tokens"))
    if cache_read + cache_write > entered:
        entered += cache_read + cache_write
    tokens = Tokens(
        input=min(entered, MAX_UINT32),
        output=count(columns.get("output_tokens")),
        cache_read=cache_read,
        cache_write=cache_write,
        reasoning=count(columns.get("reasoning_tokens")),
    )
    cost = number(given)
    if cost is None or cost < 0:
        cost = cost_usd(provider, model, start_ns, tokens)
    return Usage(True, tokens, cost)


def take_ttft_ms(attributes: dict[str, Any], events: list[Event], start_ns: int) -> float | None:
    """Milliseconds until the first token, whatever unit or event the sender has for it.

    The attribute that says it is taken out of `attributes`; one that can be no such time stays.
    """
    for attribute in TTFT_UNITS_MS.keys() & attributes.keys():
        value = number(attributes[attribute])
        if value is not None and 0 <= value * TTFT_UNITS_MS[attribute] <= MAX_TTFT_MS:
            del attributes[attribute]
            return value * TTFT_UNITS_MS[attribute]
    moments = [event.time_ns for event in events if event.name in TTFT_EVENTS]
    if (moment := _moment_ns(attributes.get(TTFT_MOMENT))) is not None:
        moments.append(moment)
    waits = ((at_ns - start_ns) / NS_MS for at_ns in moments)
    return next((wait for wait in waits if 0 <= wait <= MAX_TTFT_MS), None)


def _moment_ns(value: Any) -> int | None:
    if not isinstance(value, str):
        return None
    try:
        return (datetime.fromisoformat(value.strip('"')) - EPOCH) // MICROSECOND * 1_000
    except (ValueError, TypeError, OverflowError):
        return None


def count(value: Any) -> int:
    """A token count as the column can hold it; 0 for what is no number."""
    found = number(value)
    return 0 if found is None else int(max(0, min(found, MAX_UINT32)))


def number(value: Any) -> float | None:
    """A finite number, also from its text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if found - found == 0 else None
