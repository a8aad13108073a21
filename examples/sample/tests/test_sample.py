"""The sample: its archive goes through the doors of a real server, and is then there as its manifest says."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from sample.archive import ARCHIVE, Manifest, Start, recorded
from sample.cut import without_places
from sample.frames import Frame, read, write
from sample.load import Loader, load, shift_ms
from sample.moments import moved

START_TIMEOUT_S = 120
Ask = Callable[..., list[dict[str, Any]]]
"""`ask("sessions", limit=1000)` gives all items of a list, page by page."""


def diptych(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "diptych_server.cli", *arguments]


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Ask, Loader, Path]]:
    """A server with the whole sample in it."""
    data = tmp_path_factory.mktemp("sample")
    output = data / "output"
    own = {name: value for name, value in os.environ.items() if not name.startswith("DIPTYCH_")}
    with output.open("wb") as file:
        process = subprocess.Popen(
            diptych("serve", "--port", "0", "--data", str(data)), stdout=file, stderr=file, env=own
        )
    try:
        url = _listening(process, output)
        keys = {
            kind: subprocess.check_output(
                diptych("keys", "create", kind, "--data", str(data)), text=True
            ).strip()
            for kind in ("client", "server", "read")
        }
        with closing(Loader(url, keys["client"], keys["server"])) as loader, _http(url, keys["read"]) as http:
            load(loader, data / "state.json")
            yield _asker(http), loader, data / "state.json"
    finally:
        process.kill()
        process.wait()


def _listening(process: subprocess.Popen[bytes], output: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"listens on (http://\S+),", output.read_text()):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(f"the server did not start:\n{output.read_text()}")


def _http(url: str, key: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {key}"}
    return httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)


def _asker(http: httpx.Client) -> Ask:
    def ask(path: str, **parameters: Any) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = []
        cursor: str | None = ""
        while cursor is not None:
            given = parameters | ({"cursor": cursor} if cursor else {})
            page = http.get(f"/api/v1/{path}", params=given).raise_for_status().json()
            items += page["items"]
            cursor = page["next_cursor"]
        return items

    return ask


def test_everything_is_there_as_the_manifest_says_and_of_the_last_day(
    loaded: tuple[Ask, Loader, Path],
) -> None:
    ask, _, _ = loaded
    counts = Manifest.of(ARCHIVE).counts
    sessions = ask("sessions", limit=1000)
    traces = ask("traces", limit=1000)
    turns = ask("turns", limit=200)
    evaluations = ask("evaluations", limit=1000)

    assert len(sessions) == counts.sessions
    assert sum(session["has_replay"] for session in sessions) == counts.replays
    assert len(traces) == counts.traces
    assert sum(bool(trace["session_ids"]) for trace in traces) == counts.linked_traces
    assert sum(turn["felt"] is not None for turn in turns) == counts.answers
    assert sum(len(turn["reactions"]) for turn in turns) == counts.reactions
    judged = [evaluation for evaluation in evaluations if evaluation["source"] == "code"]
    assert len(judged) == counts.evaluations
    assert sum(evaluation["assessment"] == "fail" for evaluation in judged) == counts.failed_evaluations
    hours = {session["first_seen"][:13] for session in sessions}
    assert len(hours) >= 10


def test_a_visit_keeps_its_own_time_on_both_sides(loaded: tuple[Ask, Loader, Path]) -> None:
    ask, _, _ = loaded
    joined = [
        turn
        for turn in ask("turns", limit=200)
        if turn["felt"] and turn["served"] and turn["match"] == "trace"
    ]
    assert joined
    for turn in joined:
        began_after_ms = turn["served"]["start_ns"] / 1e6 - turn["felt"]["asked_ms"]
        assert 0 <= began_after_ms < 60_000


def test_loading_again_changes_nothing(loaded: tuple[Ask, Loader, Path]) -> None:
    ask, loader, state = loaded
    before = len(ask("sessions", limit=1000))
    assert "was loaded" in load(loader, state)
    assert len(ask("sessions", limit=1000)) == before


def test_moments_move_and_nothing_else_does() -> None:
    body = b'{"date":1795977952395,"id":17,"text":"1795977952395","t":[1795977952400.5],"old":1700000000000}'
    later = moved(body, 1795977952000, 1795977960000, 5_000)
    assert later == (
        b'{"date":1795977957395,"id":17,"text":"1795977952395","t":[1795977957400.5],"old":1700000000000}'
    )


def test_the_recording_names_no_folder_of_the_machine_that_made_it() -> None:
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.status.message = "in /home/ada/shop/agent.py"
    stack = span.events.add().attributes.add(key="exception.stacktrace")
    stack.value.string_value = 'File "/home/ada/shop/.venv/lib/a.py", File "/home/ada/shopping.py"'
    without_places(request, {"/home/ada/shop": "/srv", "/home/ada/shop/.venv": "/usr"})
    assert span.status.message == "in /srv/agent.py"
    assert stack.value.string_value == 'File "/usr/lib/a.py", File "/home/ada/shopping.py"'

    folders = re.compile(rb"/(?:home|root|tmp|Users)/[\w.-]+")
    assert {found for _, body in recorded() for found in folders.findall(body)} == set()


def test_a_visit_is_over_before_now() -> None:
    start = Start(recorded_ms=1_000, ago_ms=60_000, ends_ms=100_000)
    assert shift_ms(start, now_ms=1_000_000) == 1_000_000 - 2_000 - 100_000


def test_requests_are_read_as_they_were_written() -> None:
    file = BytesIO()
    written = [(Frame("rum", 1, visit=3), b'{"a":1}\n{"b":2}'), (Frame("traces", 2), b"\x00\n\xff")]
    for frame, body in written:
        write(file, frame, body)
    file.seek(0)
    assert list(read(file)) == written
    with pytest.raises(ValueError, match="expected 3 bytes"):
        list(read(BytesIO(file.getvalue()[:-1])))
