"""What a call cost: the published prices of its day, whatever the provider is called."""

import pytest
from genai_prices import Usage, calc_price

from diptych_server.intake.prices import EPOCH, Tokens, cost_usd

AT_NS = 1795375280_000000000
AT = EPOCH.fromtimestamp(AT_NS / 1e9, EPOCH.tzinfo)


def published(model: str, provider: str | None, tokens: Tokens) -> float:
    """The same from genai-prices itself."""
    usage = Usage(
        input_tokens=tokens.input,
        output_tokens=tokens.output,
        cache_read_tokens=tokens.cache_read,
        cache_write_tokens=tokens.cache_write,
    )
    return float(calc_price(usage, model, provider_id=provider, genai_request_timestamp=AT).total_price)


@pytest.mark.parametrize(
    ("provider", "model", "listed_as"),
    [
        ("anthropic", "claude-sonnet-4-5", "anthropic"),
        ("anthropic", "claude-sonnet-4-20250514", "anthropic"),
        ("openai", "gpt-4o", "openai"),
        ("gcp.gemini", "gemini-2.5-pro", "google"),
        ("azure.ai.openai", "gpt-4o", "azure"),
        ("mistral_ai", "mistral-large-latest", "mistral"),
        ("aws.bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", "aws"),
        ("openai", "text-embedding-3-small", "openai"),
        ("", "gpt-4o-mini", None),
        ("our-gateway", "gpt-4o-mini", None),
    ],
)
@pytest.mark.parametrize(
    "tokens",
    [
        Tokens(input=1_000, output=500),
        Tokens(input=1_000, output=500, cache_read=700, cache_write=100),
        Tokens(input=200_000, output=1),
        Tokens(input=200_001, output=1_000, cache_read=150_000),
        Tokens(input=900_000, output=60_000, cache_write=1),
        Tokens(),
    ],
)
def test_a_cost_is_the_published_one(
    provider: str, model: str, listed_as: str | None, tokens: Tokens
) -> None:
    assert cost_usd(provider, model, AT_NS, tokens) == pytest.approx(
        published(model, listed_as, tokens), rel=1e-9
    )


@pytest.mark.parametrize("model", ["", "concierge-offline-1", "x" * 10_000])
def test_an_unknown_model_has_no_cost(model: str) -> None:
    assert cost_usd("anthropic", model, AT_NS, Tokens(input=10)) is None


def test_a_day_long_ago_has_a_price() -> None:
    assert cost_usd("openai", "gpt-4o", 0, Tokens(input=10)) is not None
