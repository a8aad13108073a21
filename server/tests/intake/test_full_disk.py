"""A full disk: 503, queries go on, and data flows again without a restart."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from .conftest import lines
from .samples import event, otlp, segment_lines, span

DISK_MB = 160


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own for the data folder of `start_server`."""
    folder = tmp_path / "data"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"this user may not mount a small file system: {mounted.stderr.decode().strip()}")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Take all the room that is left."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            try:
                while True:
                    file.write(os.urandom(size))
            except OSError:
                continue
    return filler


def test_a_full_disk_is_503_until_there_is_room(small_disk: Path, start_server: Callable[..., Any]) -> None:
    server = start_server()
    client_key = server.command("keys", "create", "client")
    server_key = server.command("keys", "create", "server")
    server.read_key = server.command("keys", "create", "read")

    def send_event(name: str) -> httpx.Response:
        return httpx.post(
            f"{server.url}/v1/rum",
            params={"key": client_key},
            content=lines(event(action={"id": name})),
            headers={"content-type": "text/plain"},
            timeout=60,
        )

    def send_replay(index: int) -> httpx.Response:
        pad = {"type": 5, "timestamp": 1795375281000, "data": os.urandom(400_000).hex()}
        return httpx.post(
            f"{server.url}/v1/replay",
            params={"key": client_key},
            content=lines(*segment_lines(index_in_view=index), pad),
            headers={"content-type": "text/plain"},
            timeout=60,
        )

    def send_span() -> httpx.Response:
        headers = {"content-type": "application/json", "authorization": f"Bearer {server_key}"}
        return httpx.post(f"{server.url}/v1/traces", content=otlp(span()), headers=headers, timeout=60)

    assert send_event("before").status_code == 202
    filler = fill(small_disk)
    for refused in (send_event("full"), send_replay(0), send_span()):
        assert refused.status_code == 503, refused.text
        assert int(refused.headers["retry-after"]) > 0
        assert refused.json()["title"] == "Service unavailable"
    sessions = server.api("/sessions")
    assert sessions.status_code == 200
    assert len(sessions.json()["items"]) == 1
    health = httpx.get(f"{server.url}/health", timeout=30)
    assert (health.status_code, health.json()["status"]) == (200, "degraded")

    filler.unlink()
    assert send_event("after").json()["accepted"] == 1
    assert send_replay(0).json()["accepted"] == 5
    assert send_span().status_code == 200
    session_id = sessions.json()["items"][0]["session_id"]
    events = server.api(f"/sessions/{session_id}/events").json()["items"]
    assert {"before", "after"} <= {each["event_id"] for each in events}
    assert httpx.get(f"{server.url}/health", timeout=30).json()["status"] == "ok"
