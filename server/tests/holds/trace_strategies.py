"""Hypothesis strategies for the agent's side: traces as trees of nested spans, with every sort of twin."""

from dataclasses import replace

from hypothesis import strategies as st

from .page_strategies import SCENARIO_MS
from .scenario import Span, SpanKind, Trace, Usage
from .words import words

Draw = st.DrawFn

MS_US = 1_000

KINDS: tuple[SpanKind, ...] = (
    "workflow",
    "agent",
    "llm",
    "llm",
    "tool",
    "task",
    "retrieval",
    "embedding",
    "span",
)
MODEL_KINDS = ("llm", "embedding")

MODELS = (
    ("gpt-4o-mini", "openai"),
    ("claude-sonnet-4-5", "anthropic"),
    ("nobody-prices-this", "acme"),
)

FEEDBACK_KEYS = ("answer 1", "answer 2")

TAGS: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}),
    st.dictionaries(st.sampled_from(("team", "tier")), words, min_size=1, max_size=1),
    st.sampled_from(FEEDBACK_KEYS).map(lambda key: {"feedback_key": key}),
)

SCOPES = ("holds", "another.instrumentation")


@st.composite
def usages(draw: Draw) -> Usage:
    """Give token counts whose parts fit into their wholes."""
    input_tokens = draw(st.integers(0, 5_000))
    output_tokens = draw(st.integers(0, 900))
    cache_read = draw(st.integers(0, input_tokens // 2))
    return Usage(
        input_tokens,
        output_tokens,
        cache_read,
        draw(st.integers(0, input_tokens // 2)),
        draw(st.integers(0, output_tokens)),
    )


def _plain_span(draw: Draw, span_id: str, parent: Span | None, start_us: int, duration_us: int) -> Span:
    return Span(
        span_id,
        parent.id if parent else None,
        draw(words),
        draw(st.sampled_from(KINDS)),
        start_us,
        duration_us,
        asked=draw(st.one_of(st.none(), words)),
        answered=draw(st.one_of(st.none(), words)),
        error=draw(st.sampled_from((None, None, None, ("TimeoutError", "took too long")))),
        conversation_id=draw(st.sampled_from((None, None, "talk-1"))),
        user_id=draw(st.sampled_from((None, None, "42"))),
        tags=draw(TAGS),
        metadata=draw(
            st.dictionaries(
                st.sampled_from(("k", "k.with.dots")),
                st.one_of(words, st.integers(-5, 5), st.booleans()),
                max_size=1,
            )
        ),
    )


def _as_model_call(draw: Draw, span: Span) -> Span:
    model, provider = draw(st.sampled_from(MODELS))
    return replace(
        span,
        model=model,
        provider=provider,
        usage=draw(st.one_of(st.none(), usages())),
        scope=draw(st.sampled_from(SCOPES)),
        ttft_ms=draw(st.sampled_from((None, 0, 250))) if span.kind == "llm" else None,
    )


def _inside(draw: Draw, parent: Span) -> tuple[int, int]:
    """Start and duration of a child: within its parent, and shorter, or nothing would tell them apart."""
    start_us = parent.start_us + draw(st.integers(0, parent.duration_us))
    room_us = min(parent.start_us + parent.duration_us - start_us, max(0, parent.duration_us - 1))
    return start_us, draw(st.integers(0, room_us))


@st.composite
def traces(draw: Draw, number: int) -> Trace:
    """Give the trace of this number: one root, up to six spans below it, and perhaps twins."""
    trace_id = f"{number + 1:032x}"
    spans: list[Span] = []
    for place in range(draw(st.integers(1, 6))):
        parent = draw(st.sampled_from(spans)) if spans else None
        start_us, duration_us = (
            _inside(draw, parent)
            if parent
            else (draw(st.integers(0, SCENARIO_MS * MS_US)), draw(st.integers(1, 20_000 * MS_US)))
        )
        span = _plain_span(draw, f"{number + 1:08x}{place + 1:08x}", parent, start_us, duration_us)
        if span.kind in MODEL_KINDS:
            span = _as_model_call(draw, span)
        spans.append(span)
    spans += _twins(draw, number, spans)
    return Trace(
        trace_id,
        draw(st.sampled_from(("", "agent"))),
        draw(st.sampled_from(("", "shop-agent"))),
        tuple(spans),
    )


def _twins(draw: Draw, number: int, spans: list[Span]) -> list[Span]:
    """Second reports of one model call: as its child, or as its sibling from another instrumentation."""
    with_usage = [span for span in spans if span.usage is not None and span.parent_id is not None]
    if not with_usage or not draw(st.booleans()):
        return []
    first = draw(st.sampled_from(with_usage))
    twin_id = f"{number + 1:08x}000000ff"
    if draw(st.booleans()):
        return [replace(first, id=twin_id, parent_id=first.id, ttft_ms=None, session=None, claim=None)]
    other = SCOPES[1 - SCOPES.index(first.scope)]
    return [replace(first, id=twin_id, scope=other, ttft_ms=None, session=None, claim=None)]
