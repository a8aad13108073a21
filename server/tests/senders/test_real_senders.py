"""Real instrumentations of model APIs, each as its users run it: what the API returns of one turn."""

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import Run, Turn

SENDERS = ("genai", "openllmetry", "openinference")
PROVIDERS = {"anthropic": "anthropic", "openai": "openai"}


@pytest.fixture(params=SENDERS)
def sender(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(params=("anthropic", "openai"))
def turn(request: pytest.FixtureRequest, sender: str, run: Run) -> Turn:
    return run(sender, request.param)


def api_of(turn: Turn) -> str:
    models = turn.trace()["models"]
    return "anthropic" if any(model.startswith("claude") for model in models) else "openai"


def calls(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """The model calls that count, in order of time: innermost spans alone."""
    return [span for span in trace["spans"] if span["kind"] == "llm" and span["is_counted"]]


def parts(messages: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Role and parts of each message."""
    return [(message["role"], message["parts"]) for message in messages]


def text(said: str) -> list[dict[str, Any]]:
    return [{"type": "text", "content": said}]


def with_text(trace: dict[str, Any]) -> list[dict[str, Any]]:
    """Model spans that hold what was said; a twin that the client itself makes holds usage alone."""
    return [span for span in trace["spans"] if span["kind"] == "llm" and span["input_messages"]]


def test_each_call_counts_once_with_its_tokens_and_cost(turn: Turn) -> None:
    trace = turn.trace()
    counted = calls(trace)
    assert len(counted) == 3
    for span in counted:
        tokens = span["tokens"]
        assert (tokens["input"], tokens["cache_read"]) == (100, 10)
        assert tokens["output"] in (20, 21)  # OpenLLMetry adds what a stream's first event says of it
        assert span["cost_usd"] > 0
        assert span["provider"] == api_of(turn)
    embedded = [span for span in trace["spans"] if span["kind"] == "embedding"]
    assert trace["tokens"]["total"] - (4 if embedded else 0) in (360, 361)
    assert len(embedded) == (1 if api_of(turn) == "openai" else 0)


def test_messages_tool_calls_and_results_are_read(turn: Turn) -> None:
    asked, answered, streamed = [span for span in with_text(turn.trace()) if span["status"] == "ok"][:3]
    [(role, [call])] = parts(asked["output_messages"])
    assert role == "assistant"
    assert (call["type"], call["name"], call["arguments"]) == ("tool_call", "stock", {"product": "tent"})
    assert ("user", text("How many tents?")) in parts(asked["input_messages"])
    results = [
        part
        for message in answered["input_messages"]
        for part in message["parts"]
        if part["type"] == "tool_call_response"
    ]
    assert [(part["id"], part["response"]) for part in results] == [(call["id"], results[0]["response"])]
    assert str(results[0]["response"]) == "7"
    for span in (answered, streamed):
        assert parts(span["output_messages"]) == [("assistant", text("Seven are left."))]


def test_the_instructions_are_the_first_message(turn: Turn) -> None:
    first = with_text(turn.trace())[0]["input_messages"][0]
    assert (first["role"], first["parts"]) == ("system", text("Be brief."))


def test_a_call_that_fails_is_an_error_with_its_type(turn: Turn) -> None:
    failed = [span for span in turn.trace()["spans"] if span["status"] == "error"]
    assert failed
    assert any("NotFound" in span["error"]["type"] or "404" in span["error"]["message"] for span in failed)


def test_the_tree_has_one_root_and_no_holes(turn: Turn) -> None:
    trace = turn.trace()
    ids = {span["span_id"] for span in trace["spans"]}
    [root] = [span for span in trace["spans"] if span["parent_id"] is None]
    assert (root["name"], root["kind"], trace["is_complete"]) == ("turn", "agent", True)
    assert all(span["parent_id"] in ids for span in trace["spans"] if span is not root)
    assert {span["service"] for span in trace["spans"]} == {"shop-agent"}


def test_the_session_of_the_root_is_the_session_of_the_trace(turn: Turn, page: Callable[[str], None]) -> None:
    page(turn.session_id)
    [linked] = turn.trace()["sessions"]
    assert (linked["session_id"], linked["exists"]) == (turn.session_id, True)


def test_an_agent_of_langchain_is_a_tree_of_agent_models_and_tools(run: Run) -> None:
    trace = run("openinference", "langchain").trace()
    kinds = [span["kind"] for span in trace["spans"]]
    assert {"agent", "llm", "tool"} <= set(kinds)
    assert [span["tokens"]["total"] for span in calls(trace)] == [120, 120]
    assert trace["tokens"]["total"] == 240
    [tool] = [span for span in trace["spans"] if span["kind"] == "tool"]
    assert tool["name"] == "stock"
    assert "tent" in tool["input"]
    assert "7 of tent" in tool["output"]
    assert "Seven are left." in str(calls(trace)[-1]["output_messages"])


@pytest.mark.parametrize("major", ["6", "7"])
def test_the_vercel_ai_sdk_in_both_its_dialects(run: Run, page: Callable[[str], None], major: str) -> None:
    turn = run("vercel", major)
    page(turn.session_id)
    trace = turn.trace()
    counted = calls(trace)
    assert [(span["tokens"]["input"], span["tokens"]["output"]) for span in counted] == [(100, 20)] * 3
    assert {(span["model"], span["provider"]) for span in counted} == {("claude-haiku-5-5", "anthropic")}
    assert trace["tokens"]["total"] == 360
    assert trace["cost_usd"] > 0
    assert [(each["session_id"], each["exists"]) for each in trace["sessions"]] == [(turn.session_id, True)]
    asked, answered, streamed = counted
    [(_, [call])] = parts(asked["output_messages"])
    assert (call["name"], call["arguments"]) == ("stock", {"product": "tent"})
    assert parts(asked["input_messages"]) == [
        ("system", text("Be brief.")),
        ("user", text("How many tents?")),
    ]
    assert "tool_call_response" in str(answered["input_messages"])
    for span in (answered, streamed):
        assert "Seven are left." in (span["output"] or str(span["output_messages"]))
    assert streamed["ttft_ms"] > 0
    [tool] = [span for span in trace["spans"] if span["kind"] == "tool"]
    assert (tool["input"], tool["output"]) == ('{"product":"tent"}', '{"product":"tent","left":7}')
