"""Real clients of Datadog against a real server: programs with ddtrace as processes of their own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest

from server.tests.conftest import RunningServer

PROGRAM = Path(__file__).with_name("ddtrace_program.py")
RUN_SECONDS = 120

MODES = ("agent", "evp_proxy", "agentless")
"""The ways of the client: spans of APM with an event in them, events as JSON by the agent, or direct."""


@dataclass
class Ran:
    """What a program with ddtrace made, and what it said meanwhile."""

    session_id: str
    spans: dict[str, dict[str, str]]
    log: str
    error: str

    @property
    def trace_id(self) -> str:
        """The one trace that it made."""
        [trace_id] = {span["trace_id"] for span in self.spans.values()}
        return trace_id


Run = Callable[..., Ran]


def environment_of(server: RunningServer, mode: str) -> dict[str, str]:
    """All that points a program at Diptych."""
    agent = {"DD_TRACE_AGENT_URL": f"{server.url}/k/{server.server_key}"}
    if mode == "agent":
        return agent
    if mode == "evp_proxy":
        return agent | {"DD_APM_TRACING_ENABLED": "0"}
    return {
        "DD_LLMOBS_AGENTLESS_ENABLED": "1",
        "DD_LLMOBS_OVERRIDE_ORIGIN": server.url,
        "DD_API_KEY": server.server_key,
        "DD_APM_TRACING_ENABLED": "0",
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "0",
        "DD_REMOTE_CONFIGURATION_ENABLED": "0",
    }


@pytest.fixture(scope="session")
def run(server: RunningServer) -> Run:
    """Runs one scenario of the program: `run("turn", "agent")`."""

    def run(scenario: str, mode: str = "agent", **more: str) -> Ran:
        session_id = more.pop("session_id", f"session-{uuid4().hex}")
        own = {name: value for name, value in os.environ.items() if not name.startswith(("DD_", "DIPTYCH_"))}
        done = subprocess.run(
            [sys.executable, str(PROGRAM), scenario, session_id],
            check=False,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            env=own | environment_of(server, mode) | more,
            cwd="/",
        )
        assert done.returncode == 0, done.stderr
        made = json.loads(done.stdout.splitlines()[-1])
        return Ran(session_id, made["spans"], done.stderr, made.get("error", ""))

    return run


@pytest.fixture
def page(server: RunningServer) -> Callable[[str], None]:
    """Makes a browser session exist: `page(session_id)` sends one view of it through Datadog's door."""

    def page(session_id: str) -> None:
        event = {
            "type": "view",
            "date": 1,
            "application": {"id": "shop"},
            "session": {"id": session_id},
            "view": {"id": uuid4().hex, "url": "http://shop/"},
            "_dd": {"document_version": 1},
        }
        answer = httpx.post(
            f"{server.url}/datadog/api/v2/rum",
            params={"dd-api-key": server.client_key},
            content=json.dumps(event),
            headers={"content-type": "text/plain"},
        )
        assert answer.status_code == 202

    return page


@dataclass
class Door:
    """Posts to one server and reads what it stored and dropped."""

    server: RunningServer

    def post(self, path: str, body: bytes, content_type: str, **query: str) -> httpx.Response:
        """POST as a browser or an agent would; the key goes where the client puts it."""
        headers = {"content-type": content_type}
        if not path.startswith("/datadog"):
            path = f"/k/{self.server.server_key}{path}"
        else:
            query = {"dd-api-key": self.server.client_key, **query}
        return httpx.post(self.server.url + path, content=body, headers=headers, params=query, timeout=60)

    def dropped(self) -> dict[str, int]:
        """Losses since the server started, by reason."""
        counts: dict[str, int] = httpx.get(f"{self.server.url}/health").json()["dropped"]
        return counts

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON of an answer of the query API."""
        answer = self.server.api(path, **parameters)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture
def door(server: RunningServer) -> Iterator[Door]:
    """The server's doors; at the end the server must still be well."""
    yield Door(server)
    assert httpx.get(f"{server.url}/health").json()["status"] == "ok"
