"""How long the pages' own queries take at 100 k and 1 M events and half as many spans: one reader, warm."""

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
import msgspec

from bench.server_process import Server, serving

REPEATS = 30


class ReadRun(msgspec.Struct, kw_only=True):
    """One question at one size."""

    question: str
    events: int
    p50_ms: float
    p95_ms: float


def ask(client: httpx.Client, path: str) -> tuple[float, dict[str, object]]:
    """Milliseconds of one request, and its answer."""
    began = time.perf_counter()
    answer = client.get(path)
    took_ms = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise RuntimeError(f"{path}: {answer.status_code} {answer.text[:300]}")
    body: dict[str, object] = answer.json()
    return took_ms, body


def identifiers(client: httpx.Client, path: str, name: str) -> list[str]:
    """Ids of the first page of a list."""
    _, body = ask(client, path)
    items = body["items"]
    if not isinstance(items, list):
        raise TypeError(f"{path}: expected a list of items")
    return [item[name] for item in items]


def questions(client: httpx.Client) -> dict[str, list[str]]:
    """Each question with the paths that ask it; several ids, so that no answer is only a warm page."""
    sessions = identifiers(client, "/sessions?limit=50", "session_id")
    traces = identifiers(client, "/traces?limit=50", "trace_id")
    return {
        "sessions, first page of 50": ["/sessions?limit=50"],
        "traces, first page of 50": ["/traces?limit=50"],
        "one session": [f"/sessions/{one}" for one in sessions],
        "events of a session": [f"/sessions/{one}/events" for one in sessions],
        "traces of a session": [f"/sessions/{one}/traces" for one in sessions],
        "replay index of a session": [f"/sessions/{one}/replay" for one in sessions],
        "one trace, whole": [f"/traces/{one}" for one in traces],
        "a word in inputs and outputs": ["/traces?query=titanium&limit=50"],
    }


def read(server: Server, events: int) -> list[ReadRun]:
    """Time every question `REPEATS` times after one warm round."""
    runs = []
    source = random.Random(5)
    headers = {"Authorization": f"Bearer {server.keys['read']}"}
    with httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, timeout=60) as client:
        for question, paths in questions(client).items():
            for path in paths[:5]:
                ask(client, path)
            times = sorted(ask(client, source.choice(paths))[0] for _ in range(REPEATS))
            runs.append(
                ReadRun(
                    question=question,
                    events=events,
                    p50_ms=statistics.median(times),
                    p95_ms=times[int(0.95 * len(times))],
                )
            )
    return runs


def measure(events: int) -> list[ReadRun]:
    """Fill a folder with `events` events and half as many spans, serve it, and ask."""
    data = Path(tempfile.mkdtemp(prefix="diptych-bench-reads-"))
    try:
        command = [sys.executable, "-m", "bench.fill", str(data), str(events), str(events // 2)]
        subprocess.run(command, check=True)
        with serving(data) as server:
            return read(server, events)
    finally:
        shutil.rmtree(data, ignore_errors=True)
