"""Agents of other people's frameworks: each model call is one span, with texts, tokens and tools."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from . import environment
from .real_server import RealServer

PROGRAM = Path(__file__).with_name("frameworks.py")
RUN_SECONDS = 240

AGENTS = ("langchain", "openai_agents", "openai_agents_stream", "pydantic_ai", "pydantic_ai_stream")
STREAMS = ("langchain_stream", "pydantic_ai_stream", "llamaindex")

Traces = dict[str, dict[str, Any]]


SAID = ("How many tents?", "Be brief.", "7 of tent", "Seven are left.", '"tent"', "'tent'")


@pytest.fixture(scope="module")
def traces(server: RealServer, models: str) -> Traces:
    """The trace of each agent, as the server's API has it."""
    return run(server, models)


def run(server: RealServer, models: str, **variables: str) -> Traces:
    """Asks each agent."""
    made: dict[str, str] = {}
    for name, programs in (
        ("libraries", (*AGENTS, "langchain_stream", "mcp")),
        ("llamaindex", ("llamaindex",)),
    ):
        done = subprocess.run(
            [str(environment.python(name)), str(PROGRAM), *programs],
            check=False,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            env=environment.variables(models)
            | {"DIPTYCH_URL": server.url, "DIPTYCH_KEY": server.keys["server"]}
            | variables,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
        assert "failed inside diptych" not in done.stderr, done.stderr
        made |= json.loads(done.stdout.splitlines()[-1])
    return {name: server.trace(trace_id) for name, trace_id in made.items()}


def calls(trace: dict[str, Any]) -> list[dict[str, Any]]:
    return [span for span in trace["spans"] if span["kind"] == "llm"]


@pytest.mark.parametrize("name", [*AGENTS, "llamaindex"])
def test_an_agent_is_two_calls_with_their_tokens(traces: Traces, name: str) -> None:
    trace = traces[name]
    asked, answered = calls(trace)
    for span in (asked, answered):
        assert span["is_counted"]
        tokens = span["tokens"]
        assert (tokens["input"], tokens["output"], tokens["cache_read"]) == (100, 20, 10)
        assert span["model"] in ("claude-haiku-5-5", "gpt-4o-mini")
    assert trace["tokens"]["total"] == 240
    assert "How many tents?" in json.dumps(asked["input_messages"])
    assert "stock" in json.dumps(asked["output_messages"])
    assert "7 of tent" in json.dumps(answered["input_messages"])
    assert "Seven are left." in json.dumps(answered["output_messages"])


@pytest.mark.parametrize("name", AGENTS)
def test_its_tool_is_a_span(traces: Traces, name: str) -> None:
    [tool] = [span for span in traces[name]["spans"] if span["kind"] == "tool"]
    assert "stock" in tool["name"]
    assert "tent" in tool["input"]
    assert "7 of tent" in tool["output"]


@pytest.mark.parametrize("name", STREAMS)
def test_the_first_chunk_of_a_stream_is_timed(traces: Traces, name: str) -> None:
    for span in calls(traces[name]):
        assert span["tokens"]["input"] == 100
        assert 0 < span["ttft_ms"] <= span["duration_ns"] / 1e6


def test_a_tool_call_over_mcp(traces: Traces) -> None:
    tools = [span for span in traces["mcp"]["spans"] if span["kind"] == "tool"]
    [stock] = [span for span in tools if span["name"] == "tools/call stock"]
    assert json.loads(stock["input"]) == {"product": "tent"}
    assert "7" in stock["output"]


def test_a_processor_sees_all_that_was_said(server: RealServer, models: str) -> None:
    for name, trace in run(server, models, HIDE="1").items():
        for span in trace["spans"]:
            texts = json.dumps({key: span[key] for key in span.keys() - {"tool_definitions"}})
            texts = texts.replace('\\"', '"')
            assert [said for said in SAID if said in texts] == [], f"{name}, {span['name']}: {texts}"


def test_no_span_refers_to_one_that_was_not_sent(traces: Traces) -> None:
    for name, trace in traces.items():
        ids = {span["span_id"] for span in trace["spans"]}
        assert [span["name"] for span in trace["spans"] if span["parent_id"] not in {*ids, None}] == [], name
