"""Instrumentations of others, each with its own packages in an environment of its own, against a real server.

The environments are made when first needed, from lock files beside this one, in `.venv/senders/`.
"""

import hashlib
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

from sdk.python.tests.libraries.model_apis import model_apis
from server.tests.conftest import RunningServer

HERE = Path(__file__).parent
ENVIRONMENTS = Path(sys.prefix) / "senders"
INSTALL_SECONDS = 300
RUN_SECONDS = 120


@dataclass
class Turn:
    """What one run of the program has made."""

    trace_id: str
    session_id: str
    server: RunningServer

    def trace(self) -> dict[str, Any]:
        """The trace as the API has it."""
        found: dict[str, Any] = self.server.api(f"/traces/{self.trace_id}").raise_for_status().json()
        return found


Run = Callable[[str, str], Turn]


def environment(name: str) -> Path:
    """The Python of an environment; made anew when its lock file has changed."""
    lock = HERE / f"{name}.lock"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    folder = ENVIRONMENTS / name
    python, mark = folder / "bin" / "python", folder / "lock.sha256"
    if not mark.exists() or mark.read_text() != digest:
        uv = str(Path(sys.executable).with_name("uv"))
        install = [uv, "pip", "install", "-q", "--python", str(python), "--require-hashes", "-r", str(lock)]
        for command in ([uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], install):
            subprocess.run(command, check=True, timeout=INSTALL_SECONDS)
        mark.write_text(digest)
    return python


def vercel() -> list[str]:
    """The command of the Vercel AI SDK's program, its packages installed."""
    folder = HERE / "vercel"
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    mark = folder / "node_modules" / "lock.sha256"
    if not mark.exists() or mark.read_text() != digest:
        install = ["npm", "ci", "--workspaces=false", "--loglevel=error"]
        subprocess.run(install, cwd=folder, check=True, timeout=INSTALL_SECONDS, stdout=subprocess.DEVNULL)
        mark.write_text(digest)
    return ["node", str(folder / "program.mjs")]


@pytest.fixture(scope="session")
def models() -> Iterator[str]:
    """Address of the stand-ins of the model APIs."""
    with model_apis() as url:
        yield url


@pytest.fixture(scope="session")
def run(server: RunningServer, models: str) -> Run:
    """Runs the program: `run("openllmetry", "anthropic")`; every turn once."""
    turns: dict[tuple[str, str], Turn] = {}

    def run(sender: str, api: str) -> Turn:
        if (sender, api) not in turns:
            turns[sender, api] = _run(sender, api)
        return turns[sender, api]

    def _run(sender: str, api: str) -> Turn:
        session_id = f"session-{uuid4().hex}"
        own = {name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "DD_"))}
        pointed = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": server.url,
            "OTEL_EXPORTER_OTLP_HEADERS": f"authorization=Bearer%20{server.server_key}",
            "OTEL_SERVICE_NAME": "shop-agent",
            "ANTHROPIC_BASE_URL": models,
            "ANTHROPIC_API_KEY": "none",
            "OPENAI_BASE_URL": f"{models}/v1",
            "OPENAI_API_KEY": "none",
        }
        if sender == "vercel":
            command = vercel()
        else:
            command = [str(environment(sender)), str(HERE / "program.py"), sender]
        done = subprocess.run(
            [*command, api, session_id],
            check=False,
            capture_output=True,
            text=True,
            timeout=RUN_SECONDS,
            env=own | pointed,
        )
        assert done.returncode == 0, done.stderr
        return Turn(done.stdout.split()[-1], session_id, server)

    return run


@pytest.fixture
def page(server: RunningServer) -> Callable[[str], None]:
    """Makes a browser session exist."""

    def page(session_id: str) -> None:
        ids = f'"application":{{"id":"shop"}},"session":{{"id":"{session_id}"}},"view":{{"id":"v1"}}'
        event = f'{{"type":"view","date":1,{ids},"_dd":{{"document_version":1}}}}'
        answer = httpx.post(f"{server.url}/v1/rum", params={"key": server.client_key}, content=event)
        assert answer.status_code == 202

    return page
