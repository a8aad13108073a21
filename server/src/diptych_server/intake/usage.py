"""Token counts, cost and time to the first token of one span."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from diptych_server.intake.genai import TTFT_EVENTS, TTFT_MOMENT, TTFT_UNITS_MS
from diptych_server.intake.otlp import Event
from diptych_server.intake.prices import EPOCH, Tokens, cost_usd

MAX_UINT32 = 2**32 - 1
NS_MS = 1_000_000
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

    The attribute that says it is taken out of `attributes`.
    """
    for attribute in TTFT_UNITS_MS.keys() & attributes.keys():
        if (value := number(attributes[attribute])) is not None and value >= 0:
            del attributes[attribute]
            return value * TTFT_UNITS_MS[attribute]
    for event in events:
        if event.name in TTFT_EVENTS and event.time_ns >= start_ns:
            return (event.time_ns - start_ns) / NS_MS
    moment = attributes.get(TTFT_MOMENT)
    if isinstance(moment, str):
        try:
            after = datetime.fromisoformat(moment.strip('"')) - EPOCH
        except (ValueError, TypeError, OverflowError):
            return None
        return max(0.0, (after // MICROSECOND * 1_000 - start_ns) / NS_MS)
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
