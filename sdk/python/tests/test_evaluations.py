"""Judgements: what is sent, and what is refused before it is."""

from __future__ import annotations

import json
import time
from typing import Any

import numpy
import pytest

from diptych import DiptychError, LLMObs

from .receiver import Receiver, Reply


def test_evaluation_of_a_span(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.llm("m", name="call") as span:
        exported = llmobs.export_span()
        assert exported == llmobs.export_span(span) == {"span_id": span.span_id, "trace_id": span.trace_id}
    before_ms = time.time() * 1000
    llmobs.submit_evaluation(
        "faithfulness",
        "Score",
        0.9,
        span=exported,
        tags={"model": 7},
        metadata={"steps": 2},
        assessment="pass",
        reasoning="all cited",
        source="judge",
    )
    assert llmobs.flush()
    [item] = receiver.evaluations
    assert before_ms - 1 <= item.pop("timestamp_ms") <= time.time() * 1000
    assert item == {
        "label": "faithfulness",
        "metric_type": "score",
        "value": 0.9,
        "join_on": {"span": exported},
        "tags": {"ml_app": "shop", "model": "7"},
        "metadata": {"steps": 2},
        "assessment": "pass",
        "reasoning": "all cited",
        "source": "judge",
    }
    [headers] = [headers for path, headers, _ in receiver.requests if path == "/v1/evaluations"]
    assert headers["content-type"] == "application/json"
    assert headers["authorization"] == "Bearer secret"


@pytest.mark.parametrize(
    ("metric_type", "value"),
    [
        ("categorical", "good"),
        ("text", "a long story"),
        ("score", 3),
        ("boolean", False),
        ("json", {"a": [1, {"b": None}]}),
    ],
)
def test_every_type(metric_type: str, value: Any, llmobs: type[LLMObs], receiver: Receiver) -> None:
    llmobs.submit_evaluation("label", metric_type, value, span={"span_id": "1", "trace_id": "2"})
    assert llmobs.flush()
    assert receiver.evaluations[0]["value"] == value


@pytest.mark.parametrize(
    ("metric_type", "value", "sent"),
    [
        ("score", numpy.float32(0.5), 0.5),
        ("score", numpy.int64(5), 5),
        ("boolean", numpy.True_, True),
    ],
)
def test_values_of_numpy(
    metric_type: str, value: Any, sent: Any, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    llmobs.submit_evaluation("label", metric_type, value, span={"span_id": "1", "trace_id": "2"})
    assert llmobs.flush()
    found = receiver.evaluations[0]["value"]
    assert (found, type(found)) == (sent, type(sent))


def test_what_is_judged(llmobs: type[LLMObs], receiver: Receiver) -> None:
    ids = {"span_id": "1", "trace_id": "2"}
    with llmobs.task("step") as span:
        pass
    llmobs.submit_evaluation("a", "boolean", True, span=ids, eval_scope="trace")
    llmobs.submit_evaluation("a", "boolean", True, span=span)
    tag = {"tag_key": "msg", "tag_value": 9}
    llmobs.submit_evaluation("a", "boolean", True, span_with_tag_value=tag, timestamp_ms=7)  # type: ignore[arg-type]  # a number is taken
    feedback = {"label": "thumbs", "metric_type": "categorical", "value": "up", "submitter": {"id": "eve"}}
    for target in (
        {"span": ids},
        {"span_id": "1", "trace_id": "2"},
        {"trace_id": "2"},
        {"session_id": "S"},
        {"feedback_join_key": "k"},
    ):
        llmobs.submit_feedback(**feedback, **target)  # type: ignore[arg-type]  # keywords of several types
    assert llmobs.flush()
    assert [item["join_on"] for item in receiver.evaluations] == [
        {"trace": "2"},
        {"span": {"span_id": span.span_id, "trace_id": span.trace_id}},
        {"tag": {"key": "msg", "value": "9"}},
        {"span": ids},
        {"span": ids},
        {"trace": "2"},
        {"session": "S"},
        {"feedback_key": "k"},
    ]
    assert receiver.evaluations[2]["timestamp_ms"] == 7
    assert {item["source"] for item in receiver.evaluations[3:]} == {"human"}
    assert receiver.evaluations[3]["submitter"] == {"id": "eve"}


SPAN = {"span_id": "1", "trace_id": "2"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({"label": ""}, "label: a text"),
        ({"label": 3}, "label: a text"),
        ({"metric_type": "vibes"}, "metric_type: one of"),
        ({"metric_type": "score", "value": True}, "value: a score value"),
        ({"metric_type": "score", "value": float("nan")}, "value: a score value"),
        ({"metric_type": "score", "value": float("inf")}, "value: a score value"),
        ({"metric_type": "boolean", "value": 1}, "value: a boolean value"),
        ({"span": None}, "one of span and span_with_tag_value"),
        ({"span_with_tag_value": {"tag_key": "a", "tag_value": "b"}}, "one of span and span_with_tag_value"),
        ({"span": {"span_id": 1, "trace_id": "2"}}, "as export_span gives it"),
        ({"span": None, "span_with_tag_value": {"tag_key": 1}}, "span_with_tag_value"),
        ({"eval_scope": "session"}, "eval_scope: span or trace"),
        ({"assessment": "maybe"}, "assessment: pass or fail"),
        ({"timestamp_ms": -1}, "timestamp_ms"),
        ({"tags": ["a:b"]}, "tags: a dict"),
        ({"reasoning": 5}, "reasoning: a text"),
        ({"source": "oracle"}, "source: one of"),
    ],
)
def test_wrong_evaluations_are_told(arguments: dict[str, Any], told: str, llmobs: type[LLMObs]) -> None:
    given: dict[str, Any] = {
        "label": "a",
        "metric_type": "categorical",
        "value": "x",
        "span": SPAN,
        **arguments,
    }
    with pytest.raises(DiptychError) as caught:
        llmobs.submit_evaluation(**given)
    assert told in str(caught.value)


def test_wrong_feedback_is_told(llmobs: type[LLMObs]) -> None:
    with pytest.raises(DiptychError, match="exactly one of"):
        llmobs.submit_feedback("a", "boolean", True, "eve", session_id="S", trace_id="2")
    with pytest.raises(DiptychError, match="exactly one of"):
        llmobs.submit_feedback("a", "boolean", True, "eve")
    with pytest.raises(DiptychError, match="submitter"):
        llmobs.submit_feedback("a", "boolean", True, {"name": "eve"}, session_id="S")


def test_rejected_and_lost_judgements_are_counted(receiver: Receiver) -> None:
    def answer(number: int, body: bytes) -> Reply:
        return Reply(400) if b"refused" in body else Reply()

    receiver.answer = answer
    LLMObs.enable(url=receiver.url, key="k", linger_ms=1)
    LLMObs.submit_evaluation("refused", "boolean", True, span=SPAN)
    assert LLMObs.flush()
    LLMObs.submit_evaluation("taken", "boolean", True, span=SPAN)
    assert LLMObs.flush()
    assert LLMObs.dropped() == {"http_400": 1}
    LLMObs.disable()
    assert [item["label"] for item in receiver.evaluations] == ["taken"]


def test_export_without_a_span(llmobs: type[LLMObs]) -> None:
    with pytest.raises(DiptychError, match="an active span"):
        llmobs.export_span()


def test_bodies_are_json(llmobs: type[LLMObs], receiver: Receiver) -> None:
    llmobs.submit_evaluation("ä😀", "json", {"nan": float("nan"), "lone": "\ud800"}, span=SPAN)
    assert llmobs.flush()
    [item] = receiver.evaluations
    assert item["label"] == "ä😀"
    assert json.dumps(item["value"]) == '{"nan": "nan", "lone": "?"}'
