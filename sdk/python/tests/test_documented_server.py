"""The documented pattern in a real process, behind real HTTP: nothing of a request is left for the next."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from .anthropic_api import AnthropicAPI
from .receiver import Receiver, Span

SERVER = Path(__file__).with_name("documented_server.py")
SESSIONS = [None if number % 4 == 3 else f"session-{number}" for number in range(24)]
"""Each fourth request has none."""


@contextmanager
def running(style: str, threading: str, receiver: Receiver, api: AnthropicAPI) -> Iterator[int]:
    """The example's process; its port. When it has ended, its last spans have been sent."""
    command = [sys.executable, str(SERVER), style, threading, receiver.url, api.url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.wait(20) == 0


def send(
    connection: HTTPConnection, method: str, question: str, session_id: str | None, **headers: str
) -> None:
    body = {"question": question} | ({} if session_id is None else {"session_id": session_id})
    connection.request(method, "/", json.dumps(body), headers)
    response = connection.getresponse()
    response.read()
    assert response.status == 200


@pytest.mark.parametrize("threading", ["threads", "one"])
@pytest.mark.parametrize("style", ["decorated", "undecorated"])
def test_documented_pattern(style: str, threading: str, receiver: Receiver, api: AnthropicAPI) -> None:
    with running(style, threading, receiver, api) as port, ThreadPoolExecutor(6) as people:

        def ask(number: int) -> None:
            connection = HTTPConnection("127.0.0.1", port, timeout=20)
            send(connection, "POST", f"question {number}", SESSIONS[number])
            connection.close()

        list(people.map(ask, range(len(SESSIONS))))

    calls = [span for span in receiver.spans if span.name == "anthropic.chat"]
    assert sorted(session_by_question(calls)) == sorted(
        (f"question {number}", session_id or "") for number, session_id in enumerate(SESSIONS)
    )
    loops = [span for span in receiver.spans if span.name == "agent_loop"]
    assert len(loops) == (len(SESSIONS) if style == "decorated" else 0)
    assert Counter(span.session_id for span in loops) == (Counter(SESSIONS) if loops else Counter())


@pytest.mark.parametrize("threading", ["threads", "one"])
def test_requests_of_one_connection_do_not_mix(threading: str, receiver: Receiver, api: AnthropicAPI) -> None:
    with running("decorated", threading, receiver, api) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        for number, session_id in enumerate(SESSIONS):
            send(connection, "PUT", str(number), session_id)
        connection.close()
    found = {span.attributes["diptych.ml_app"]: span.session_id for span in receiver.spans}
    assert found == {str(number): session_id for number, session_id in enumerate(SESSIONS)}


@pytest.mark.parametrize("style", ["decorated", "undecorated"])
def test_page_headers_give_trace_and_session(style: str, receiver: Receiver, api: AnthropicAPI) -> None:
    with running(style, "one", receiver, api) as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=20)
        for number in range(4):
            trace_id = f"{number + 1:032x}"
            page = {
                "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
                "baggage": f"session.id=page-{number}",
            }
            send(connection, "PATCH", f"question {number}", None, **page)
        send(connection, "PATCH", "question 4", None)
        connection.close()
    calls = [span for span in receiver.spans if span.name == "anthropic.chat"]
    expected = [(f"question {number}", f"page-{number}") for number in range(4)] + [("question 4", "")]
    assert sorted(session_by_question(calls)) == expected
    traces = {question_of(span): span.trace_id for span in calls}
    assert [traces[f"question {number}"] for number in range(4)] == [f"{n + 1:032x}" for n in range(4)]
    assert traces["question 4"] not in {f"{n + 1:032x}" for n in range(4)}


def session_by_question(calls: list[Span]) -> list[tuple[str, str]]:
    return [(question_of(span), span.session_id or "") for span in calls]


def question_of(span: Span) -> str:
    question: str = span.json("gen_ai.input.messages")[0]["parts"][0]["content"]
    return question
