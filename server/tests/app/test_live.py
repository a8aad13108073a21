"""Live lists: who reads is told of what arrives, while they may read it. On a real server, over real HTTP."""

import contextlib
import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from diptych_server.errors import Unavailable
from diptych_server.query.live import MAX_STREAMS, RESERVED_STREAMS, require_room
from diptych_server.store.arrivals import Arrivals
from server.tests.app.test_life import send_view
from server.tests.conftest import RunningServer

TOLD_WITHIN_S = 1.0
"""After the acknowledgement; on a machine that does nothing else it is a hundredth of it."""

ENDED_WITHIN_S = 6.0


class Stream:
    """The events of one open stream, read as they come."""

    def __init__(self, answer: httpx.Response) -> None:
        self._lines = answer.iter_lines()
        self.last_id = ""

    def next(self) -> str:
        """The type of the next event; empty when the stream has ended."""
        event = ""
        for line in self._lines:
            name, _, value = line.partition(": ")
            if name == "event":
                event = value
            elif name == "id":
                self.last_id = value
            elif not line and event:
                return event
        return ""


@contextlib.contextmanager
def listening(url: str, signal: str, headers: dict[str, str]) -> Iterator[Stream]:
    """Open a stream and wait until it is open."""
    path = f"{url}/api/v1/live?signal={signal}"
    with httpx.stream("GET", path, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        stream = Stream(answer)
        assert stream.next() == "watching"
        yield stream


def commit_number(event_id: str) -> int:
    """Of an event's id, which is the run of the server and the number: as text, 99 would come after 100."""
    return int(event_id.rpartition("-")[2])


def bearer(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def test_a_reader_is_told_at_once_and_then_finds_it_in_the_list(server: RunningServer) -> None:
    with listening(server.url, "sessions", bearer(server.read_key)) as stream:
        assert send_view(server.url, server.client_key, "told-live") == 202
        acknowledged_at = time.monotonic()
        assert stream.next() == "arrival"
        assert time.monotonic() - acknowledged_at < TOLD_WITHIN_S
        assert "told-live" in server.api("/sessions", query="session_id:told-live").text


def test_who_comes_back_hears_at_once_whether_something_was_missed(server: RunningServer) -> None:
    with listening(server.url, "sessions", bearer(server.read_key)) as stream:
        seen = stream.last_id
    send_view(server.url, server.client_key, "missed")
    for last_event_id in (seen, "another-7"):
        headers = bearer(server.read_key) | {"last-event-id": last_event_id}
        with listening(server.url, "sessions", headers) as stream:
            assert stream.next() == "arrival"
            newest = stream.last_id
    with listening(server.url, "sessions", bearer(server.read_key) | {"last-event-id": newest}) as stream:
        assert stream.last_id == newest
        send_view(server.url, server.client_key, "not-missed")
        assert stream.next() == "arrival"
        assert commit_number(stream.last_id) > commit_number(newest)


def test_other_projects_and_other_lists_are_not_told(server: RunningServer) -> None:
    readers = [
        ("sessions", bearer(server.command("keys", "create", "read", "--project", "Live Elsewhere"))),
        ("spans", bearer(server.read_key)),
    ]

    def newest() -> list[str]:
        """What each list of a reader's stands at: the id with which a fresh stream opens."""
        ids = []
        for signal, headers in readers:
            with listening(server.url, signal, headers) as stream:
                ids.append(stream.last_id)
        return ids

    before = newest()
    send_view(server.url, server.client_key, "only-here")
    assert newest() == before


def test_a_stream_ends_with_its_sign_in_and_tells_nothing_after(server: RunningServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        client.post("/api/v1/sign-in", json={"token": server.link_token()})
        cookie = f"diptych_sign_in={client.cookies['diptych_sign_in']}"
        with listening(server.url, "sessions", {"cookie": cookie}) as stream:
            client.post("/api/v1/sign-out", headers={"origin": server.url}).raise_for_status()
            send_view(server.url, server.client_key, "after-sign-out")
            ended_at = time.monotonic()
            assert stream.next() == ""
            assert time.monotonic() - ended_at < ENDED_WITHIN_S


def test_open_streams_do_not_hold_up_a_server_that_stops(start_server: Callable[..., RunningServer]) -> None:
    server = start_server()
    key = server.command("keys", "create", "read")
    with listening(server.url, "traces", bearer(key)) as stream:
        assert server.stop() == 0
        assert stream.next() == ""
    # What uvicorn says where it had to cut a request off after its ten seconds of grace.
    assert "graceful shutdown exceeded" not in server.output


def test_streams_are_bounded_and_no_project_takes_them_all() -> None:
    arrivals = Arrivals()
    with contextlib.ExitStack() as open_streams:
        for _ in range(MAX_STREAMS - RESERVED_STREAMS):
            open_streams.enter_context(arrivals.watch("busy"))
        with pytest.raises(Unavailable):
            require_room(arrivals, "busy")
        for _ in range(RESERVED_STREAMS):
            require_room(arrivals, "calm")
            open_streams.enter_context(arrivals.watch("calm"))
        with pytest.raises(Unavailable):
            require_room(arrivals, "third")
    require_room(arrivals, "busy")
