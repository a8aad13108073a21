"""What `annotate` makes of what it is given."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy
import pytest
from pydantic import BaseModel

from diptych import DiptychError, LLMObs

from .receiver import Receiver, Span


def annotated(receiver: Receiver, kind: str, **said: Any) -> Span:
    """The span on which `said` was annotated."""
    with getattr(LLMObs, kind)("step"):
        LLMObs.annotate(**said)
    assert LLMObs.flush()
    [span] = receiver.spans
    return span


CALL = {"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}
RESPONSE = {"type": "tool_call_response", "id": "t", "response": "2"}

MESSAGES = [
    ("hello", [{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]),
    (
        {"role": "system", "content": "be kind"},
        [{"role": "system", "parts": [{"type": "text", "content": "be kind"}]}],
    ),
    (
        [
            {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"a": 1}, "tool_id": "t"}]},
            {"role": "tool", "tool_results": [{"name": "f", "result": "2", "tool_id": "t"}]},
        ],
        [
            {
                "role": "assistant",
                "parts": [{"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}],
            },
            {
                "role": "tool",
                "parts": [{"type": "tool_call_response", "id": "t", "name": "f", "response": "2"}],
            },
        ],
    ),
    (  # OpenAI's form
        [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "t", "function": {"name": "f", "arguments": '{"a": 1}'}}],
            },
            {"role": "tool", "tool_call_id": "t", "content": "2"},
        ],
        [
            {
                "role": "assistant",
                "parts": [{"type": "tool_call", "id": "t", "name": "f", "arguments": {"a": 1}}],
            },
            {"role": "tool", "parts": [RESPONSE]},
        ],
    ),
    (  # Anthropic's form
        {
            "role": "assistant",
            "content": [
                {"type": "thinking", "thinking": "hm"},
                {"type": "text", "text": "I look"},
                {"type": "tool_use", "id": "t", "name": "f", "input": {"a": 1}},
            ],
        },
        [
            {
                "role": "assistant",
                "parts": [
                    {"type": "reasoning", "content": "hm"},
                    {"type": "text", "content": "I look"},
                    CALL,
                ],
            }
        ],
    ),
    (
        {"role": "user", "image_parts": [{"mime_type": "image/png", "content": "aaaa"}]},
        [
            {
                "role": "user",
                "parts": [{"type": "blob", "modality": "image", "mime_type": "image/png", "content": "aaaa"}],
            }
        ],
    ),
    (  # the conventions' own form
        [{"role": "user", "parts": [{"type": "text", "content": "x"}]}],
        [{"role": "user", "parts": [{"type": "text", "content": "x"}]}],
    ),
]


@pytest.mark.parametrize(("given", "expected"), MESSAGES)
def test_messages(given: Any, expected: Any, llmobs: type[LLMObs], receiver: Receiver) -> None:
    span = annotated(receiver, "llm", input_data=given, output_data="forty euros")
    assert span.json("gen_ai.input.messages") == expected
    parts = [{"type": "text", "content": "forty euros"}]
    assert span.json("gen_ai.output.messages") == [{"role": "assistant", "parts": parts}]


def test_documents(llmobs: type[LLMObs], receiver: Receiver) -> None:
    documents = [{"text": "a lamp", "id": "d1", "name": "lamp", "score": 0}, "a rope"]
    span = annotated(receiver, "retrieval", input_data="lamp", output_data=documents)
    assert span.json("gen_ai.retrieval.documents") == [
        {"id": "d1", "score": 0, "name": "lamp", "text": "a lamp"},
        {"text": "a rope"},
    ]
    assert span.attributes["gen_ai.retrieval.query.text"] == "lamp"
    assert span.attributes["input.value"] == "lamp"


def test_embedding_input(llmobs: type[LLMObs], receiver: Receiver) -> None:
    span = annotated(receiver, "embedding", input_data=[{"text": "a lamp", "id": 1}], output_data="[2]")
    assert span.json("input.value") == [{"id": 1, "text": "a lamp"}]
    assert span.attributes["output.value"] == "[2]"


def test_values_of_any_kind(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @dataclass
    class Point:
        x: int

    class Stubborn:
        def __str__(self) -> str:
            raise RuntimeError("no")

    loop: list[Any] = []
    loop.append(loop)
    value = {
        "p": Point(1),
        "s": {3},
        "b": b"ab",
        "nan": float("nan"),
        "o": Stubborn(),
        (1, 2): 3,
        "loop": loop,
    }
    span = annotated(receiver, "tool", input_data=value, output_data=[Point(2)])
    written = span.json("input.value")
    assert written["s"] == [3]
    assert written["nan"] == "nan"
    assert written["o"] == "<Stubborn: str failed with RuntimeError>"
    assert written["(1, 2)"] == 3
    assert span.json("output.value") == [{"x": 2}]
    assert span.attributes["input.mime_type"] == "application/json"


def test_one_value_that_cannot_be_read_costs_nothing_beside_it(
    llmobs: type[LLMObs], receiver: Receiver
) -> None:
    """As rows of a database are whose session is closed."""

    class Detached:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError("detached")

    class Price(BaseModel):
        euros: int
        of: Any = None

    @dataclass
    class Point:
        x: int

    value = {
        "row": Detached(),
        "price": Price(euros=40),
        "odd price": Price(euros=40, of=Detached()),
        "point": Point(1),
        "count": 10**5_000,
        "kept": "text",
        (1, 2): "a key",
    }
    span = annotated(receiver, "tool", input_data=value, output_data=10**5_000, metadata={"row": Detached()})
    written = span.json("input.value")
    assert "Detached object" in written.pop("row")
    assert "euros=40" in written.pop("odd price")
    assert written == {
        "price": {"euros": 40, "of": None},
        "point": {"x": 1},
        "count": "<int of 16610 bits>",
        "kept": "text",
        "(1, 2)": "a key",
    }
    assert span.attributes["output.value"] == '"<int of 16610 bits>"'
    assert "Detached object" in span.json("diptych.metadata")["row"]


def test_numbers_of_other_libraries_are_numbers(llmobs: type[LLMObs], receiver: Receiver) -> None:
    value = {"count": numpy.int64(5), "share": numpy.float32(0.5), "half": Fraction(1, 2)}
    metrics = {"input_tokens": numpy.int64(7), "score": numpy.float32(0.5), "share": Fraction(1, 2)}
    span = annotated(receiver, "tool", input_data=value, metrics=metrics)
    assert span.json("input.value") == {"count": 5, "share": 0.5, "half": 0.5}
    assert span.attributes["gen_ai.usage.input_tokens"] == 7
    assert span.json("diptych.metrics") == {"score": 0.5, "share": 0.5}


def test_lone_surrogates_do_not_cost_the_span(llmobs: type[LLMObs], receiver: Receiver) -> None:
    span = annotated(receiver, "tool", input_data="a\ud800b", output_data={"k\udfff": "ä€😀"})
    assert span.attributes["input.value"] == "a?b"
    assert span.json("output.value") == {"k?": "ä€😀"}


def test_metadata_tags_and_metrics_merge(llmobs: type[LLMObs], receiver: Receiver) -> None:
    changing = {"list": [1]}
    with llmobs.llm("m", name="step"):
        LLMObs.annotate(
            metadata=changing, tags={"a": 1, "b": None}, metrics={"input_tokens": 10, "custom.x": 1}
        )
        changing["list"].append(2)
        LLMObs.annotate(
            metadata={"z": 'quo"te'},
            tags={"a": 2},
            metrics={
                "output_tokens": 5,
                "cache_read_input_tokens": 3,
                "cache_write_input_tokens": 2,
                "reasoning_output_tokens": 1,
                "time_to_first_token": 0.25,
                "custom.x": 2.5,
            },
        )
    assert LLMObs.flush()
    [span] = receiver.spans
    assert span.json("diptych.metadata") == {"list": [1], "z": 'quo"te'}
    assert span.json("diptych.tags") == {"a": "2", "b": "None"}
    assert span.json("diptych.metrics") == {"custom.x": 2.5}
    usage = {key: value for key, value in span.attributes.items() if key.startswith("gen_ai.usage")}
    assert usage == {
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.cache_read.input_tokens": 3,
        "gen_ai.usage.cache_creation.input_tokens": 2,
        "gen_ai.usage.reasoning.output_tokens": 1,
    }
    assert span.attributes["gen_ai.response.time_to_first_chunk"] == 0.25


def test_session_and_user_tags(llmobs: type[LLMObs], receiver: Receiver) -> None:
    span = annotated(receiver, "agent", tags={"session_id": 123, "user_id": "u1", "plan": "pro"})
    assert span.session == ("123", "explicit")
    assert span.attributes["user.id"] == "u1"
    assert span.json("diptych.tags") == {"plan": "pro"}


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_no_session_is_no_session(nothing: Any, llmobs: type[LLMObs], receiver: Receiver) -> None:
    assert annotated(receiver, "agent", tags={"session_id": nothing}).session is None


def test_prompt_tools_and_agent(llmobs: type[LLMObs], receiver: Receiver) -> None:
    prompt = {
        "id": "greet",
        "version": "3",
        "template": "Hi {{name}}",
        "variables": {"name": "Eve"},
        "other": 1,
    }
    with llmobs.agent("concierge"):
        LLMObs.annotate(agent={"version": "9", "instructions": "be kind"})
        with llmobs.llm("m", name="call"):
            LLMObs.annotate(
                prompt=prompt,
                tool_definitions=[{"name": "f", "description": "d", "schema": {"type": "object"}}],
            )
    assert LLMObs.flush()
    spans = receiver.by_name()
    prompt.pop("other")
    assert spans["call"].json("diptych.prompt") == prompt
    assert spans["call"].json("gen_ai.tool.definitions") == [
        {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}}
    ]
    assert spans["concierge"].attributes["gen_ai.agent.version"] == "9"
    assert spans["concierge"].json("gen_ai.system_instructions") == [{"type": "text", "content": "be kind"}]


def test_another_span_than_the_current_one(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("outer") as outer, llmobs.task("inner"):
        LLMObs.annotate(outer, output_data="said")
    assert LLMObs.flush()
    spans = receiver.by_name()
    assert spans["outer"].attributes["output.value"] == "said"
    assert "output.value" not in spans["inner"].attributes


def test_long_texts_are_cut_with_a_mark(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", max_text_bytes=100)
    with LLMObs.task("step"):
        LLMObs.annotate(input_data="ä" * 80, metadata={"long": "x" * 200})
    LLMObs.disable()
    [span] = receiver.spans
    assert span.attributes["input.value"] == "ä" * 50 + "…[cut by diptych: 100 of 160 bytes kept]"
    assert span.json("diptych.metadata")["long"].endswith("…[cut by diptych: 100 of 202 bytes kept]")


WRONG = [
    ({"metadata": 1}, "metadata: a dict"),
    ({"tags": ["a"]}, "tags: a dict"),
    ({"metrics": {"input_tokens": "many"}}, "metrics: a dict of numbers"),
    ({"metrics": {"flag": True}}, "metrics: a dict of numbers"),
    ({"input_data": 17}, 'a string, {"role", "content"} or a list of them'),
    ({"prompt": "text"}, "a dict with some of"),
    ({"prompt": {"template": "a", "chat_template": []}}, "template or chat_template, not both"),
    ({"tool_definitions": [{"description": "nameless"}]}, "tool_definitions"),
    ({"span": "span"}, "span: an open span"),
]


@pytest.mark.parametrize(("said", "expected"), WRONG)
def test_wrong_arguments_are_told_once_and_never_raise(
    said: Any, expected: str, receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    LLMObs.enable(url=receiver.url, key="k")
    with caplog.at_level(logging.WARNING, "diptych"):
        for _ in range(3):
            with LLMObs.llm("m", name="step"):
                LLMObs.annotate(**said)
    LLMObs.disable()
    assert len(receiver.spans) == 3
    [record] = [record for record in caplog.records if record.name == "diptych"]
    assert expected in record.getMessage()


@pytest.mark.parametrize(("said", "expected"), WRONG)
def test_wrong_arguments_raise_when_strict(
    said: Any, expected: str, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    with pytest.raises(DiptychError, match=r".*: expected .*, got "), llmobs.llm("m", name="step"):
        LLMObs.annotate(**said)


def test_a_finished_span_takes_nothing_more(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    LLMObs.enable(url=receiver.url, key="k")
    with LLMObs.task("step") as span:
        pass
    LLMObs.annotate(span, output_data="late")
    LLMObs.disable()
    assert "output.value" not in receiver.spans[0].attributes
    assert "an open span" in caplog.text


def test_without_any_span_only_tags_make_sense(receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    LLMObs.enable(url=receiver.url, key="k")
    LLMObs.annotate(input_data="lost", tags={"session_id": "S", "plan": "pro"})
    with LLMObs.task("step"):
        pass
    LLMObs.annotate(tags={"session_id": "S2"})
    with LLMObs.task("next"):
        pass
    LLMObs.disable()
    spans = receiver.by_name()
    assert spans["step"].session_id == "S"
    assert spans["step"].json("diptych.tags") == {"plan": "pro"}
    assert spans["next"].session_id == "S2"
    assert "an active span for anything but tags" in caplog.text


def test_annotation_context(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("outer"):
        with (
            llmobs.annotation_context(tags={"a": 1, "session_id": "S"}, name="renamed"),
            llmobs.annotation_context(tags={"b": 2}, prompt={"id": "p"}),
            llmobs.llm("m", name="call"),
        ):
            pass
        with llmobs.task("after"):
            pass
    assert LLMObs.flush()
    spans = receiver.by_name()
    assert spans["renamed"].json("diptych.tags") == {"a": "1", "b": "2"}
    assert spans["renamed"].json("diptych.prompt") == {"id": "p"}
    assert spans["renamed"].session == ("S", "explicit")
    assert "diptych.tags" not in spans["after"].attributes
    assert spans["after"].session == ("S", "trace")
