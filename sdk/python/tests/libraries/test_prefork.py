"""Real servers of several processes: each worker's spans arrive, each once, also the last before its end."""

from __future__ import annotations

import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import pytest

from sdk.python.tests.receiver import Receiver

from . import environment

HERE = Path(__file__).parent
REQUESTS = 40
START_SECONDS = 60

GUNICORN = ("-m", "gunicorn", "prefork_app:wsgi", "--workers", "3", "--bind", "127.0.0.1:{port}")
UVICORN = ("-m", "uvicorn", "prefork_app:asgi", "--port", "{port}")
SERVERS = {
    "gunicorn, enabled in each worker": GUNICORN,
    "gunicorn, enabled before the fork": (*GUNICORN, "--preload"),
    "gunicorn with threads": (*GUNICORN, "--threads", "4", "--preload"),
    "gunicorn, workers that are replaced": (*GUNICORN, "--max-requests", "7"),
    "uvicorn, workers that are spawned": (*UVICORN, "--workers", "3"),
    "uvicorn, one process": UVICORN,
}


@contextmanager
def serving(command: tuple[str, ...], receiver: Receiver) -> Iterator[str]:
    """Runs a server until it has ended by SIGTERM."""
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    variables = environment.variables("") | {"DIPTYCH_URL": receiver.url, "DIPTYCH_KEY": "k"}
    arguments = [str(environment.python()), *(word.format(port=port) for word in command)]
    with subprocess.Popen(
        arguments, cwd=HERE, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            deadline_s = time.monotonic() + START_SECONDS
            while not _listens(port):
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline_s
                time.sleep(0.05)
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            _, log = process.communicate(timeout=60)
    assert "failed inside diptych" not in log
    assert "Traceback" not in log


def _listens(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("name", SERVERS)
def test_each_request_of_each_worker_is_one_span(name: str, receiver: Receiver) -> None:
    with serving(SERVERS[name], receiver) as url:

        def ask(number: int) -> int:
            return int(httpx.get(f"{url}/{number}", timeout=30).raise_for_status().text)

        with ThreadPoolExecutor(8) as people:
            processes = list(people.map(ask, range(REQUESTS)))
    spans = receiver.spans
    assert sorted(int(span.name) for span in spans) == list(range(REQUESTS))
    by_number = {int(span.name): span.json("diptych.metadata")["process"] for span in spans}
    assert [by_number[number] for number in range(REQUESTS)] == processes
    if "one process" not in name:
        assert len(set(processes)) > 1
    instances = {span.resource["service.instance.id"] for span in spans}
    assert len(instances) == len(set(processes))
