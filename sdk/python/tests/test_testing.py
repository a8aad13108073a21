"""`diptych.testing`: what an application's own tests look at."""

from __future__ import annotations

import pytest

from diptych import DiptychError, LLMObs, testing
from diptych.decorators import agent, retrieval


@retrieval
def search(words: str) -> None:
    LLMObs.annotate(output_data=[{"text": "a lamp", "id": "1"}])


@agent
def answer(question: str) -> str:
    LLMObs.annotate(tags={"session_id": "S", "user_id": "U", "plan": "pro"}, metadata={"m": 1})
    search(question)
    with LLMObs.llm("m", name="call") as span:
        LLMObs.annotate(input_data=question, output_data="forty")
    LLMObs.submit_evaluation("good", "boolean", True, span=span)
    return "forty"


def test_recording() -> None:
    with testing.record(ml_app="shop") as recorded:
        answer("price?")
    agent_span = recorded.span("answer")
    assert (agent_span.kind, agent_span.session_id, agent_span.user_id) == ("agent", "S", "U")
    assert (agent_span.tags, agent_span.metadata) == ({"plan": "pro"}, {"m": 1})
    assert (agent_span.input, agent_span.output) == ({"question": "price?"}, "forty")
    assert recorded.span("search").output == [{"id": "1", "text": "a lamp"}]
    assert recorded.span("search").parent_id == agent_span.span_id
    parts = [{"type": "text", "content": "price?"}]
    assert recorded.span("call").input == [{"role": "user", "parts": parts}]
    assert [span.error for span in recorded.spans] == ["", "", ""]
    assert recorded.evaluations[0]["join_on"]["span"]["span_id"] == recorded.span("call").span_id
    assert not LLMObs.enabled()


def test_two_runs_record_the_same() -> None:
    """Whole spans are compared: ids are counted, and the clock ticks once for each start and end."""
    runs = []
    for _ in range(2):
        with testing.record(ml_app="shop") as recorded:
            answer("price?")
        runs.append(recorded.spans)
    assert runs[0] == runs[1]
    spans = {span.name: span for span in runs[0]}
    assert [spans[name].span_id[-2:] for name in ("answer", "search", "call")] == ["01", "02", "03"]
    assert {span.trace_id for span in spans.values()} == {f"{1:032x}"}
    seconds = {name: (span.end_ns - span.start_ns) // testing.TICK_NS for name, span in spans.items()}
    assert seconds == {"answer": 5, "search": 1, "call": 1}


def test_as_in_production() -> None:
    with testing.record(deterministic=False) as recorded, LLMObs.task("step"):
        pass
    span = recorded.span("step")
    assert int(span.span_id, 16) > 100
    assert 0 <= span.end_ns - span.start_ns < testing.TICK_NS * 60


def test_what_it_says_when_a_span_is_missing() -> None:
    with testing.record() as recorded, LLMObs.task("other"):
        pass
    with pytest.raises(LookupError, match="expected one span named 'agent', got 0 among: other"):
        recorded.span("agent")


def test_errors_and_wrong_calls() -> None:
    with testing.record() as recorded:
        with pytest.raises(ValueError, match="sold out"), LLMObs.tool("buy"):
            raise ValueError("sold out")
        with pytest.raises(DiptychError), LLMObs.tool("sell"):
            LLMObs.annotate(metadata=1)  # type: ignore[arg-type]  # on purpose
        with pytest.raises(RuntimeError, match="on already"), testing.record():
            pass
    assert recorded.span("buy").error == "ValueError: sold out"
