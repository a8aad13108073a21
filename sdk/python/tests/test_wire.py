"""What is sent of spans that other instrumentations made, down to the last field."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceFlags

from diptych import LLMObs

from .receiver import Receiver

CHAT: Any = {"gen_ai.operation.name": "chat"}


def test_every_field(llmobs: type[LLMObs], receiver: Receiver) -> None:
    tracer = trace.get_tracer("other", "1.2")
    linked = SpanContext(7, 8, is_remote=True, trace_flags=TraceFlags(1))
    values: dict[str, Any] = {
        "text": "ä\ud800",
        "flag": True,
        "number": 3,
        "fraction": 0.5,
        "huge": 2**80,
        "bytes": b"\xff",
        "list": ["a", 1],
        "nested": {"a": [1, {"b": None}]},
    }
    span = tracer.start_span(
        "chat ä", kind=SpanKind.PRODUCER, attributes={**CHAT, **values}, links=[Link(linked)]
    )
    span.add_event("told", {"k": "v"}, timestamp=5)
    span.set_status(Status(StatusCode.ERROR, "bad ü"))
    span.end()
    assert llmobs.flush()
    [sent] = receiver.spans
    assert (sent.name, sent.kind, sent.scope) == ("chat ä", "PRODUCER", "other")
    assert (sent.status, sent.status_message) == (2, "bad ü")
    assert sent.events == [("told", {"k": "v"})]
    expected = {**values, "text": "ä?", "huge": str(2**80)}
    assert {key: sent.attributes[key] for key in values} == expected


def test_first_chunk_of_instrumentations_that_write_events(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with trace.get_tracer("other").start_as_current_span("chat", attributes=CHAT) as span:
        time.sleep(0.05)
        for _ in range(3):
            span.add_event("gen_ai.content.completion.chunk")
        span.add_event("kept")
    assert llmobs.flush()
    [sent] = receiver.spans
    assert 0.05 <= sent.attributes["gen_ai.response.time_to_first_chunk"] < 0.5
    assert [name for name, _ in sent.events] == ["kept"]


def test_user_of_an_instrumentation_stays(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.agent("agent"):
        llmobs.annotate(tags={"user_id": "ours"})
        with trace.get_tracer("other").start_as_current_span(
            "chat", attributes={**CHAT, "user.id": "theirs"}
        ):
            pass
    assert llmobs.flush()
    spans = receiver.by_name()
    assert spans["chat"].attributes["user.id"] == "theirs"
    assert spans["agent"].attributes["user.id"] == "ours"


@pytest.mark.parametrize("size", [1_048_576, 2_000_000])
def test_long_texts_of_instrumentations_are_cut(size: int, llmobs: type[LLMObs], receiver: Receiver) -> None:
    attributes = {**CHAT, "gen_ai.input.messages": "x" * size}
    with trace.get_tracer("other").start_as_current_span("chat", attributes=attributes):
        pass
    assert llmobs.flush()
    text = receiver.spans[0].attributes["gen_ai.input.messages"]
    mark = f"…[cut by diptych: 1048576 of {size} bytes kept]"
    assert text == "x" * 1_048_576 + (mark if size > 1_048_576 else "")


def test_many_attributes_are_kept(llmobs: type[LLMObs], receiver: Receiver) -> None:
    attributes = {**CHAT, **{f"gen_ai.prompt.{number}.content": "x" for number in range(900)}}
    with trace.get_tracer("other").start_as_current_span("chat", attributes=attributes):
        pass
    assert llmobs.flush()
    assert attributes.keys() <= receiver.spans[0].attributes.keys()


def test_a_trace_of_five_thousand_spans_is_whole(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("root"):
        for _ in range(4_999):
            with llmobs.task("step"):
                pass
    assert llmobs.flush(30)
    assert len(receiver.spans) == 5_000
    assert len({span.trace_id for span in receiver.spans}) == 1


def test_long_texts_of_errors_events_and_tags_are_cut(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", strict=True, max_text_bytes=1_000)
    long = "x" * 5_000
    with contextlib.suppress(ValueError), LLMObs.task("failing") as span:
        LLMObs.annotate(tags={"shop": long})
        assert span.otel is not None
        span.otel.add_event("seen", {"text": long, "list": [long]})
        raise ValueError(long)
    LLMObs.disable()
    [sent] = receiver.spans
    assert sent.status_message.startswith("ValueError: xxx")
    texts = [sent.status_message, sent.json("diptych.tags")["shop"]]
    for _, attributes in sent.events:
        texts += [text for text in attributes.values() if isinstance(text, str) and "xxx" in text]
    assert len(texts) == 5
    for text in texts:
        assert "[cut by diptych: 1000 of" in text
        assert len(text) < 1_100


def test_a_span_that_cannot_be_encoded_costs_no_other(receiver: Receiver) -> None:
    """As one whose clock is off: protobuf has no word for a time before 1970."""
    LLMObs.enable(url=receiver.url, key="k", linger_ms=10_000)
    tracer = trace.get_tracer("other")
    for number in range(20):
        start_ns = -1 if number in (3, 17) else None
        tracer.start_span(f"chat {number}", attributes=CHAT, start_time=start_ns).end()
    assert LLMObs.flush(10)
    assert LLMObs.dropped() == {"encoding": 2}
    LLMObs.disable()
    assert len(receiver.spans) == 18
