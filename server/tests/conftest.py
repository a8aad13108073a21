"""Fixtures of the server's tests: one real engine for the whole run, a fresh project a test."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from diptych_server.store.database import Database


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The embedded engine on a temporary folder; a process can open only one."""
    database = Database.open(f"chdb://{tmp_path_factory.mktemp('store')}")
    yield database
    database.close()


@pytest.fixture
def project_id() -> str:
    """A project that no other test has seen: that is what keeps tests apart in the shared engine."""
    return f"test-{uuid4().hex}"


START_SECONDS = 90
"""Long: a loaded machine imports slowly. A server that fails ends at once."""

STOP_SECONDS = 60


@dataclass
class RunningServer:
    """A real `diptych serve` on a free port and a folder of its own."""

    process: subprocess.Popen[bytes]
    data: Path
    output_file: Path
    url: str
    client_key: str = ""
    server_key: str = ""
    read_key: str = ""

    @property
    def output(self) -> str:
        """All that it printed and logged so far."""
        return self.output_file.read_text()

    def api(self, path: str, **parameters: str | int) -> httpx.Response:
        """GET a path below /api/v1 with the read key."""
        headers = {"authorization": f"Bearer {self.read_key}"}
        return httpx.get(f"{self.url}/api/v1{path}", params=parameters, headers=headers, timeout=30)

    def command(self, *arguments: str) -> str:
        """Run a `diptych` command on the server's folder and give what it prints."""
        return run_diptych(*arguments, "--data", str(self.data)).stdout.strip()

    def link_token(self) -> str:
        """The one-time token of a new sign-in link."""
        return parse_qs(urlsplit(self.command("link")).query)["token"][0]

    @contextmanager
    def signed_in(self, project: str = "default") -> Iterator[httpx.Client]:
        """A person in a browser, on a page of ours, in a project that is made where it is new."""
        self.command("keys", "create", "read", "--project", project)
        page = {"origin": self.url}
        with httpx.Client(base_url=self.url, headers=page, params={"project": project}) as client:
            client.post("/api/v1/sign-in", json={"token": self.link_token()}).raise_for_status()
            yield client

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal and give the exit code."""
        self.process.send_signal(number)
        return self.process.wait(STOP_SECONDS)


def run_diptych(*arguments: str, check: bool = True, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run one `diptych` command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "diptych_server.cli", *arguments],
        check=check,
        capture_output=True,
        text=True,
        timeout=120,
        env=_environment(environment),
    )


def _environment(more: dict[str, str]) -> dict[str, str]:
    """This process's environment without settings of its user, which would change what is tested."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}
    return own | {"PYTHONUNBUFFERED": "1"} | more


def _start(folder: Path, *arguments: str, **environment: str) -> RunningServer:
    data = folder / "data"
    output_file = folder / f"output-{uuid4().hex[:8]}.txt"
    command = [sys.executable, "-m", "diptych_server.cli", "serve", "--port", "0", "--data", str(data)]
    with output_file.open("wb") as output:
        process = subprocess.Popen(
            [*command, *arguments], stdout=output, stderr=output, env=_environment(environment)
        )
    deadline_s = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline_s and process.poll() is None:
        if (listens := re.search(r"listens on (http://\S+),", output_file.read_text())) is not None:
            server = RunningServer(process, data, output_file, listens[1])
            assert httpx.get(f"{server.url}/health", timeout=10).status_code == 200
            return server
        time.sleep(0.05)
    process.kill()
    process.wait()
    raise AssertionError(f"the server did not start:\n{output_file.read_text()}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    """One real server for the whole run, with a key of each kind for the default project."""
    running = _start(tmp_path_factory.mktemp("server"), "--access-log")
    try:
        with ThreadPoolExecutor() as pool:
            made = pool.map(
                lambda kind: running.command("keys", "create", kind), ("client", "server", "read")
            )
        running.client_key, running.server_key, running.read_key = made
        yield running
    finally:
        running.process.kill()
        running.process.wait()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., RunningServer]]:
    """Starts more servers, all in one folder a test: `start_server(*arguments, **environment)`."""
    started: list[RunningServer] = []

    def start(*arguments: str, **environment: str) -> RunningServer:
        started.append(_start(tmp_path, *arguments, **environment))
        return started[-1]

    yield start
    for running in started:
        running.process.kill()
        running.process.wait()
