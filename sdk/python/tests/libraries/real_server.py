"""A real `diptych serve` on a folder of its own, and what its API says of a trace."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

DIPTYCH = str(Path(sys.executable).with_name("diptych"))
START_SECONDS = 90
STOP_SECONDS = 60


@dataclass(frozen=True)
class RealServer:
    """Where it listens, and its keys by kind."""

    url: str
    keys: dict[str, str]

    def get(self, path: str, **parameters: str | int) -> Any:
        """The JSON of an answer of the query API."""
        headers = {"Authorization": f"Bearer {self.keys['read']}"}
        answer = httpx.get(f"{self.url}/api/v1{path}", params=parameters, headers=headers, timeout=30)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def trace(self, trace_id: str) -> dict[str, Any]:
        """One trace with all its spans."""
        found: dict[str, Any] = self.get(f"/traces/{trace_id}")
        return found

    def health(self) -> dict[str, Any]:
        """What `/health` says."""
        found: dict[str, Any] = httpx.get(f"{self.url}/health", timeout=10).json()
        return found

    def open_session(self, session_id: str) -> None:
        """Makes a browser session exist."""
        ids = f'"application":{{"id":"shop"}},"session":{{"id":"{session_id}"}},"view":{{"id":"v1"}}'
        event = f'{{"type":"view","date":1,{ids},"_dd":{{"document_version":1}}}}'
        answer = httpx.post(f"{self.url}/v1/rum", params={"key": self.keys["client"]}, content=event)
        assert answer.status_code == 202


@contextmanager
def real_server(folder: Path) -> Iterator[RealServer]:
    """Serves `folder` on a free port."""
    log = folder / "server.log"
    data = str(folder / "data")
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}
    environment["PYTHONUNBUFFERED"] = "1"
    command = [DIPTYCH, "serve", "--port", "0", "--data", data]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment) as process,
    ):
        try:
            url = _listening(log, process)
            keys = {kind: _key(kind, data, environment) for kind in ("client", "server", "read")}
            yield RealServer(url, keys)
        finally:
            process.terminate()
            process.wait(STOP_SECONDS)


def _listening(log: Path, process: subprocess.Popen[bytes]) -> str:
    deadline_s = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline_s and process.poll() is None:
        if (listens := re.search(r"listens on (http://\S+),", log.read_text())) is not None:
            return listens[1]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{log.read_text()}")


def _key(kind: str, data: str, environment: dict[str, str]) -> str:
    command = [DIPTYCH, "keys", "create", kind, "--data", data]
    made = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return made.stdout.strip()
