"""Tools that are called over MCP: both sides of each call, in one trace, from two processes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from . import environment
from .real_server import RealServer

HERE = Path(__file__).parent
RUN_SECONDS = 60

TRANSPORTS = ("stdio", "streamable HTTP")

Span = dict[str, Any]


@contextmanager
def listening(variables: dict[str, str]) -> Iterator[str]:
    """Address of the server, over streamable HTTP, until it has ended."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(environment.python()), str(HERE / "mcp_server.py"), str(port)]
    with subprocess.Popen(command, env=variables, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline_s = time.monotonic() + RUN_SECONDS
            while not _listens(port):
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline_s
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}/mcp"
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=RUN_SECONDS)
    assert "failed inside diptych" not in log, log


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def traced(transport: str, server: RealServer, **settings: str) -> list[Span]:
    """The spans of one run, as the server's API has them."""
    variables = environment.variables("") | settings
    variables |= {"DIPTYCH_URL": server.url, "DIPTYCH_KEY": server.keys["server"]}
    if transport == "stdio":
        trace_id = _ask("stdio", variables)
    else:
        with listening(variables) as url:
            trace_id = _ask(url, variables)
    spans: list[Span] = server.trace(trace_id)["spans"]
    return spans


def _ask(where: str, variables: dict[str, str]) -> str:
    done = subprocess.run(
        [str(environment.python()), str(HERE / "mcp_client.py"), where],
        check=False,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        env=variables,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    assert "failed inside diptych" not in done.stderr, done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module", params=TRANSPORTS)
def spans(request: pytest.FixtureRequest, server: RealServer) -> list[Span]:
    return traced(request.param, server)


@pytest.fixture(scope="module", params=TRANSPORTS)
def spans_without_content(request: pytest.FixtureRequest, server: RealServer) -> list[Span]:
    return traced(request.param, server, DIPTYCH_CAPTURE_CONTENT="false")


def both_sides(spans: list[Span], tool: str) -> tuple[Span, Span]:
    """The client's span of a tool call, and the server's."""
    [asked] = [span for span in spans if span["name"] == f"MCP send tools/call {tool}"]
    [answered] = [span for span in spans if span["name"] == f"tools/call {tool}"]
    return asked, answered


def test_a_call_has_its_arguments_and_its_result_on_both_sides(spans: list[Span]) -> None:
    for span in both_sides(spans, "stock"):
        assert span["kind"] == "tool"
        assert span["status"] == "ok"
        assert json.loads(span["input"]) == {"product": "tent"}
        assert json.loads(span["output"]) == {"tent": 7}
        assert span["attributes"]["gen_ai.tool.name"] == "stock"


def test_a_tool_that_fails_says_why_on_both_sides(spans: list[Span]) -> None:
    for span in both_sides(spans, "order"):
        assert (span["status"], span["error"]["type"]) == ("error", "tool_error")
        assert "no supplier of boot" in span["error"]["message"]
        assert json.loads(span["input"]) == {"product": "boot"}
        assert "no supplier of boot" in span["output"]


def test_a_request_that_is_refused_says_why_on_both_sides(spans: list[Span]) -> None:
    for span in both_sides(spans, "price"):
        assert (span["status"], span["error"]["type"]) == ("error", "-32001")
        assert span["error"]["message"] == "prices are for members"
        assert json.loads(span["input"]) == {"product": "lamp"}


def test_the_server_s_side_is_below_the_client_s_in_the_same_session(spans: list[Span]) -> None:
    [agent] = [span for span in spans if span["name"] == "concierge"]
    asked, answered = both_sides(spans, "stock")
    [inside] = [span for span in spans if span["name"] == "count"]
    assert [span["parent_id"] for span in (asked, answered, inside)] == [
        agent["span_id"],
        asked["span_id"],
        answered["span_id"],
    ]
    assert [span["ml_app"] for span in (asked, answered, inside)] == ["shop", "warehouse", "warehouse"]
    assert {span["session_id"] for span in (agent, asked, answered, inside)} == {"s1"}


def test_a_span_ends_when_the_answer_is_there(spans: list[Span]) -> None:
    for tool in ("stock", "order", "price"):
        asked, answered = both_sides(spans, tool)
        assert asked["start_ns"] <= answered["start_ns"]
        assert answered["start_ns"] + answered["duration_ns"] <= asked["start_ns"] + asked["duration_ns"]


def test_without_content_no_text_is_recorded_but_that_a_tool_failed(
    spans_without_content: list[Span],
) -> None:
    spans = spans_without_content
    assert {span["session_id"] for span in spans} == {"s1"}
    text = json.dumps(spans)
    for secret in ("tent", "boot", "lamp", "supplier"):
        assert secret not in text
    for span in both_sides(spans, "order"):
        assert (span["status"], span["error"]["type"]) == ("error", "tool_error")
    for span in both_sides(spans, "stock"):
        assert (span["kind"], span["status"]) == ("tool", "ok")
        assert span["attributes"]["gen_ai.tool.name"] == "stock"
