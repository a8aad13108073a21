"""What a model call cost, by the published token prices of genai-prices.

A look-up there costs some 150 µs, so the rates of a model are kept by provider, model and day.
"""

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from genai_prices import Usage, calc_price
from genai_prices.types import PriceCalculation, TieredPrices

DAY_NS = 24 * 60 * 60 * 1_000_000_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

PRICE_PROVIDERS: dict[str, str] = {
    "aws.bedrock": "aws",
    "azure.ai.inference": "azure",
    "azure.ai.openai": "azure",
    "gcp.gemini": "google",
    "gcp.gen_ai": "google",
    "gcp.vertex_ai": "google",
    "mistral_ai": "mistral",
    "moonshot_ai": "moonshotai",
    "x_ai": "x-ai",
}
"""Providers by the conventions' names -> by genai-prices' names, where they differ."""


class Tokens(NamedTuple):
    """Usage of one call; the cache counts are parts of `input`, `reasoning` is part of `output`."""

    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write: int = 0
    reasoning: int = 0


class Rates(NamedTuple):
    """USD a token, within one tier of the input's size."""

    input: float
    output: float
    cache_read: float
    cache_write: float


def cost_usd(provider: str, model: str, start_ns: int, tokens: Tokens) -> float | None:
    """USD of one call at the prices of its day, or None where no price is known."""
    if not model:
        return None
    day = start_ns // DAY_NS
    starts = _tier_starts(provider, model, day)
    if starts is None:
        return None
    rates = _rates(provider, model, day, max((start for start in starts if tokens.input > start), default=0))
    plain = tokens.input - tokens.cache_read - tokens.cache_write
    return (
        plain * rates.input
        + tokens.cache_read * rates.cache_read
        + tokens.cache_write * rates.cache_write
        + tokens.output * rates.output
    )


@lru_cache(maxsize=4096)
def _tier_starts(provider: str, model: str, day: int) -> tuple[int, ...] | None:
    """Input sizes (tokens) above which all tokens of a call have another price; None for an unknown model."""
    priced = _price(provider, model, day, Tokens(input=1))
    if priced is None:
        return None
    prices = vars(priced.model_price).values()
    return tuple(
        sorted({tier.start for price in prices if isinstance(price, TieredPrices) for tier in price.tiers})
    )


@lru_cache(maxsize=4096)
def _rates(provider: str, model: str, day: int, tier_start: int) -> Rates:
    """Rates in the tier above `tier_start`, each from a call that is all of one kind of token."""
    count = tier_start + 1

    def rate(tokens: Tokens) -> PriceCalculation:
        priced = _price(provider, model, day, tokens)
        assert priced is not None, "a model with tiers has a price"
        return priced

    whole = rate(Tokens(input=count, output=count))
    return Rates(
        input=float(whole.input_price / count),
        output=float(whole.output_price / count),
        cache_read=float(rate(Tokens(input=count, cache_read=count)).total_price / count),
        cache_write=float(rate(Tokens(input=count, cache_write=count)).total_price / count),
    )


def _price(provider: str, model: str, day: int, tokens: Tokens) -> PriceCalculation | None:
    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
    )
    at = EPOCH + timedelta(days=day)
    # A provider may be a gateway, or have a name that the list does not know; often the model's is enough.
    for provider_id in (PRICE_PROVIDERS.get(provider, provider), None):
        if provider_id == "":
            continue
        try:
            return calc_price(usage, model, provider_id=provider_id, genai_request_timestamp=at)
        except (LookupError, ValueError):
            continue
    return None
