"""The documented pattern in a real process, behind real HTTP: nothing of a request is left for the next."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import pytest

from .anthropic_api import AnthropicAPI
from .receiver import Receiver, Span

SERVER = Path(__file__).with_name("documented_server.py")
SESSIONS = [None if number % 4 == 3 else f"session-{number}" for number in range(24)]
"""Each fourth request has none."""


@dataclass
class Running:
    """The example's process."""

    style: str
    receiver: Receiver
    port: int

    def connect(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=20)

    def spans(self, number: int) -> list[Span]:
        """The spans of what was just asked, when `number` have come; there must be no more."""
        spans = list(self.receiver.wait_for(number, 20))
        assert len(spans) == number
        self.receiver.clear()
        return spans


STYLES = [(style, threading) for style in ("decorated", "undecorated") for threading in ("threads", "one")]


@pytest.fixture(scope="module", params=STYLES, ids="-".join)
def running(request: pytest.FixtureRequest) -> Iterator[Running]:
    """The example, decorated and not, with a thread a request and with one for all."""
    style, threading = request.param
    with closing(Receiver()) as receiver, closing(AnthropicAPI()) as api:
        command = [sys.executable, str(SERVER), style, threading, receiver.url, api.url]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            yield Running(style, receiver, int(process.stdout.readline()))
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.wait(20) == 0
        assert receiver.spans == []


def send(
    connection: HTTPConnection, method: str, question: str, session_id: str | None, **headers: str
) -> None:
    body = {"question": question} | ({} if session_id is None else {"session_id": session_id})
    connection.request(method, "/", json.dumps(body), headers)
    response = connection.getresponse()
    response.read()
    assert response.status == 200


def test_documented_pattern(running: Running) -> None:
    def ask(number: int) -> None:
        with closing(running.connect()) as connection:
            send(connection, "POST", f"question {number}", SESSIONS[number])

    with ThreadPoolExecutor(6) as people:
        list(people.map(ask, range(len(SESSIONS))))

    spans_a_request = 2 if running.style == "decorated" else 1
    spans = running.spans(len(SESSIONS) * spans_a_request)
    calls = [span for span in spans if span.name == "anthropic.chat"]
    assert sorted(session_by_question(calls)) == sorted(
        (f"question {number}", session_id or "") for number, session_id in enumerate(SESSIONS)
    )
    loops = [span for span in spans if span.name == "agent_loop"]
    assert Counter(span.session_id for span in loops) == (Counter(SESSIONS) if loops else Counter())


def test_requests_of_one_connection_do_not_mix(running: Running) -> None:
    with closing(running.connect()) as connection:
        for number, session_id in enumerate(SESSIONS):
            send(connection, "PUT", str(number), session_id)
    found = {span.attributes["diptych.ml_app"]: span.session_id for span in running.spans(len(SESSIONS))}
    assert found == {str(number): session_id for number, session_id in enumerate(SESSIONS)}


def test_page_headers_give_trace_and_session(running: Running) -> None:
    trace_ids = [f"{number + 1:032x}" for number in range(4)]
    with closing(running.connect()) as connection:
        for number, trace_id in enumerate(trace_ids):
            page = {
                "traceparent": f"00-{trace_id}-b7ad6b7169203331-01",
                "baggage": f"session.id=page-{number}",
            }
            send(connection, "PATCH", f"question {number}", None, **page)
        send(connection, "PATCH", "question 4", None)
    spans = running.spans(10 if running.style == "decorated" else 5)
    calls = [span for span in spans if span.name == "anthropic.chat"]
    expected = [(f"question {number}", f"page-{number}") for number in range(4)] + [("question 4", "")]
    assert sorted(session_by_question(calls)) == expected
    traces = {question_of(span): span.trace_id for span in calls}
    assert [traces[f"question {number}"] for number in range(4)] == trace_ids
    assert traces["question 4"] not in trace_ids


def session_by_question(calls: list[Span]) -> list[tuple[str, str]]:
    return [(question_of(span), span.session_id or "") for span in calls]


def question_of(span: Span) -> str:
    question: str = span.json("gen_ai.input.messages")[0]["parts"][0]["content"]
    return question
