"""A user's processor: what it sees, what it may change, and what happens when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from opentelemetry import trace

from diptych import LLMObs, LLMObsSpan
from diptych_server.intake.genai import FLATTENED, NAMES

from .receiver import Receiver, Span


def processed(
    receiver: Receiver, processor: Callable[[LLMObsSpan], Any], kind: str, **said: Any
) -> list[Span]:
    """The spans that are sent with this processor."""
    LLMObs.register_processor(processor)
    with getattr(LLMObs, kind)("step", session_id="S"):
        LLMObs.annotate(**said)
    assert LLMObs.flush()
    return receiver.spans


def test_it_sees_messages_metadata_and_tags(llmobs: type[LLMObs], receiver: Receiver) -> None:
    seen: list[Any] = []

    def look(span: LLMObsSpan) -> LLMObsSpan:
        tags = [span.get_tag(key) for key in ("span.kind", "ml_app", "session_id", "plan", "absent")]
        seen.append((span.input, span.output, span.metadata, tags))
        return span

    call = {"name": "f", "arguments": {"a": 1}, "tool_id": "t"}
    [span] = processed(
        receiver,
        look,
        "llm",
        input_data=[{"role": "system", "content": "be kind"}, "hello"],
        output_data={"role": "assistant", "content": "I look", "tool_calls": [call]},
        metadata={"m": 1},
        tags={"plan": "pro"},
    )
    [(messages_in, messages_out, metadata, tags)] = seen
    assert messages_in == [{"role": "system", "content": "be kind"}, {"role": "user", "content": "hello"}]
    assert messages_out == [{"role": "assistant", "content": "I look", "tool_calls": [call]}]
    assert metadata == {"m": 1}
    assert tags == ["llm", "shop", "S", "pro", None]
    assert span.json("gen_ai.output.messages")[0]["parts"][1]["name"] == "f"


def hide(span: LLMObsSpan) -> LLMObsSpan:
    for message in span.input + span.output:
        message["content"] = message["content"].replace("4111", "****")
    span.metadata["hidden"] = True
    return span


@pytest.mark.parametrize(
    ("kind", "said", "key", "expected"),
    [
        ("llm", {"input_data": "card 4111"}, "gen_ai.input.messages", "card ****"),
        ("llm", {"output_data": "card 4111"}, "gen_ai.output.messages", "card ****"),
        ("tool", {"input_data": "card 4111"}, "input.value", "card ****"),
        ("tool", {"output_data": {"card": "4111"}}, "output.value", '{"card": "****"}'),
        ("retrieval", {"output_data": [{"id": "1", "text": "4111"}]}, "gen_ai.retrieval.documents", "****"),
        ("retrieval", {"input_data": "4111"}, "gen_ai.retrieval.query.text", "****"),
    ],
)
def test_it_may_change_texts(
    kind: str, said: Any, key: str, expected: str, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    [span] = processed(receiver, hide, kind, **said)
    assert expected in span.attributes[key]
    assert "4111" not in str(span.attributes)
    assert span.json("diptych.metadata") == {"hidden": True}


def test_it_may_change_what_instrumentations_recorded(llmobs: type[LLMObs], receiver: Receiver) -> None:
    llmobs.register_processor(hide)
    attributes = {
        "gen_ai.operation.name": "chat",
        "gen_ai.system_instructions": '[{"type": "text", "content": "never say 4111"}]',
        "gen_ai.input.messages": '[{"role": "user", "parts": [{"type": "text", "content": "4111"},'
        ' {"type": "blob", "content": "abc"}]}]',
    }
    with trace.get_tracer("other").start_as_current_span("chat", attributes=attributes):
        pass
    assert llmobs.flush()
    [span] = receiver.spans
    assert span.json("gen_ai.system_instructions") == [{"type": "text", "content": "never say ****"}]
    assert span.json("gen_ai.input.messages") == [
        {"role": "user", "parts": [{"type": "text", "content": "****"}, {"type": "blob", "content": "abc"}]}
    ]


def read_by_the_server() -> list[tuple[str, str]]:
    """Each attribute that the server takes for an input or output, with what it may hold."""
    message = '[{"role": "user", "parts": [{"type": "text", "content": "card 4111"}]}]'
    names = [(key, "card 4111") for side in ("input", "output") for key in NAMES[side]]
    names += [
        (key, message)
        for field in ("input_messages", "output_messages", "response_tool_calls")
        for key in NAMES[field]
    ]
    names += [
        (f"{prefix}0.message.content", "card 4111")
        for prefix, field in FLATTENED.items()
        if field != "tool_definitions"
    ]
    return [*names, ("gen_ai.system_instructions", '[{"type": "text", "content": "card 4111"}]')]


@pytest.mark.parametrize(("key", "value"), read_by_the_server())
def test_it_sees_every_text_that_the_server_reads(
    key: str, value: str, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    llmobs.register_processor(hide)
    with trace.get_tracer("other").start_as_current_span("step", attributes={key: value, "gen_ai.x": 1}):
        pass
    assert llmobs.flush()
    [span] = receiver.spans
    assert "card ****" in span.attributes[key]


def test_a_text_that_was_cut_is_seen_too(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", span_processor=hide, max_text_bytes=100)
    with LLMObs.llm("step"):
        LLMObs.annotate(input_data="card 4111 " * 30)
    LLMObs.disable()
    [span] = receiver.spans
    assert "card ****" in span.attributes["gen_ai.input.messages"]
    assert "4111" not in str(span.attributes)


def test_what_stands_in_several_attributes_is_seen_once(llmobs: type[LLMObs], receiver: Receiver) -> None:
    seen: list[int] = []

    def once(span: LLMObsSpan) -> LLMObsSpan:
        seen.append(len(span.input))
        span.input = [{"content": "****"}]
        return span

    llmobs.register_processor(once)
    said: dict[str, Any] = {
        "input.value": "4111",
        "gen_ai.task.input": "4111",
        "tool_arguments": "4111 too",
        "gen_ai.x": 1,
    }
    with trace.get_tracer("other").start_as_current_span("step", attributes=said):
        pass
    assert llmobs.flush()
    [span] = receiver.spans
    assert seen == [2]
    assert (span.attributes["input.value"], span.attributes["gen_ai.task.input"]) == ("****", "****")
    assert "4111" not in str(span.attributes)


def test_it_may_drop_a_span(llmobs: type[LLMObs], receiver: Receiver) -> None:
    assert processed(receiver, lambda span: None, "tool", input_data="x") == []
    assert llmobs.dropped() == {"span_processor": 1}


@pytest.mark.parametrize("processor", [lambda span: 1 / 0, lambda span: "span"])
@pytest.mark.parametrize("kind", ["llm", "tool", "retrieval"])
def test_where_it_fails_no_text_leaves_the_process(
    kind: str, processor: Callable[[LLMObsSpan], Any], llmobs: type[LLMObs], receiver: Receiver
) -> None:
    [span] = processed(
        receiver, processor, kind, input_data="secret", output_data="secret", metadata={"m": "secret"}
    )
    assert "secret" not in str(span.attributes)
    assert span.attributes["input.value"] == "[withheld by diptych: the span processor failed]"
    assert span.attributes["diptych.span.kind"] == kind


def test_the_last_one_wins_and_none_removes_it(llmobs: type[LLMObs], receiver: Receiver) -> None:
    llmobs.register_processor(lambda span: None)
    llmobs.register_processor(None)
    with llmobs.task("step"):
        pass
    assert llmobs.flush()
    assert len(receiver.spans) == 1


def test_given_to_enable(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", span_processor=lambda span: None)
    with LLMObs.task("step"):
        pass
    LLMObs.disable()
    assert receiver.spans == []
