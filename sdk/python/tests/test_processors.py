"""A user's processor: what it sees, what it may change, and what happens when it fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from diptych import LLMObs, LLMObsSpan

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
    from opentelemetry import trace

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
