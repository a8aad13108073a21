"""Whatever stands under a name that we know, a span becomes a row that readers can read."""

from typing import Any, get_args

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych_server.intake.annotations import SCOPES
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.genai import (
    CHOICE_EVENT,
    COMPLETION_EVENT,
    DETAILS_EVENT,
    EVALUATION_EVENT,
    EXCEPTION_EVENT,
    FLATTENED,
    KINDS,
    MESSAGE_EVENTS,
    NAMES,
    PREFIXES,
    PROMPT_EVENT,
    TTFT_UNITS_MS,
)
from diptych_server.intake.otlp import Event, Group, Link, OtlpSpan
from diptych_server.intake.span import Sender, row
from diptych_server.intake.trace import judgements
from diptych_server.wire.answers import SpanKind
from diptych_server.wire.span_raw import SpanRaw

DELIVERY = Delivery("p", "server", 1795375280000, None, 30)

KNOWN = [
    *(name for names in NAMES.values() for name in names),
    *(attribute for attribute, _ in KINDS),
    *TTFT_UNITS_MS,
    *(f"{prefix}{rest}" for prefix in PREFIXES for rest in ("model", "x.y", "0")),
    *(
        f"{prefix}{rest}"
        for prefix in (*FLATTENED, *SCOPES)
        for rest in (
            "0",
            "0.role",
            "0.content",
            "1.message.role",
            "1.message.contents.0.message_content.text",
            "0.document.id",
            "0.annotation.name",
            "0.annotation.score",
            "99999999999.x",
            "0.tool_calls.0.id",
            "..",
            "0.",
        )
    ),
    "gen_ai.evaluation.name",
    "gen_ai.evaluation.score.value",
    "gen_ai.evaluation.score.label",
    "message",
    "content",
    "tool_calls",
    "id",
    "unknown",
]

WORDS = st.sampled_from(
    [
        "role",
        "parts",
        "content",
        "type",
        "text",
        "tool_calls",
        "function",
        "name",
        "arguments",
        "id",
        "image_url",
        "url",
        "source",
        "messages",
        "prompt",
        "system",
        "kwargs",
        "message",
        "tool_call",
        "contents",
        "message_content",
        "user",
        "assistant",
        "human",
        "tool_use",
        "tool_result",
        "thinking",
        "base64",
        "finish_reason",
        "document",
        "score",
    ]
)
SCALARS = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8) | WORDS
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(WORDS | st.text(max_size=3), inner, max_size=5)
    ),
    max_leaves=12,
)
ENCODED = VALUES.map(lambda value: msgspec.json.encode(value).decode())
ATTRIBUTES = st.dictionaries(st.sampled_from(KNOWN), VALUES | ENCODED, max_size=8)
EVENT_NAMES = [
    *MESSAGE_EVENTS,
    CHOICE_EVENT,
    DETAILS_EVENT,
    PROMPT_EVENT,
    COMPLETION_EVENT,
    EXCEPTION_EVENT,
    EVALUATION_EVENT,
]
EVENTS = st.lists(
    st.builds(Event, st.sampled_from(EVENT_NAMES), st.integers(0, 2**63 - 1), ATTRIBUTES), max_size=3
)
LINKS = st.lists(st.builds(Link, st.just("1" * 32), st.just("2" * 16), ATTRIBUTES), max_size=2)

_decode_raw = msgspec.json.Decoder(SpanRaw).decode


class _Message(msgspec.Struct):
    role: str
    parts: list[dict[str, Any]]


_decode_messages = msgspec.json.Decoder(list[_Message]).decode


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ATTRIBUTES, EVENTS, LINKS, ATTRIBUTES, st.integers(0, 2**63 - 1), st.booleans())
def test_any_value_under_any_known_name(
    attributes: dict[str, Any],
    events: list[Event],
    links: list[Link],
    resource: dict[str, Any],
    start_ns: int,
    is_error: bool,
) -> None:
    span = OtlpSpan(
        "1" * 32, "2" * 16, "", "work", start_ns, start_ns, attributes, events, links, is_error, ""
    )
    judgements(span)
    made = row(span, Sender(Group(resource, "scope", "1", [span])), DELIVERY)
    raw = _decode_raw(made.raw)
    for text, is_messages in ((made.input, raw.input_messages), (made.output, raw.output_messages)):
        if is_messages:
            assert all(message.role and message.parts for message in _decode_messages(text))
            assert all(
                isinstance(part.get("type"), str)
                for message in _decode_messages(text)
                for part in message.parts
            )
    assert made.kind in get_args(SpanKind)
    for name, value in made._asdict().items():
        if (
            name.endswith(("_tokens", "_ns", "_ms", "_at", "_days", "precedence", "has_usage"))
            and value is not None
        ):
            assert 0 <= value < 2**64, name
        elif isinstance(value, str):
            value.encode()
    for count in (made.input_tokens, made.output_tokens, made.cache_read_tokens, made.cache_write_tokens):
        assert isinstance(count, int)
        assert count < 2**32
    assert all(isinstance(item, str) for pair in made.tags.items() for item in pair)
    assert len(made.session_id) <= 128
    assert len(made.session_claim) <= 128
