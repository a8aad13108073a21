"""How a server starts, stops, is killed and starts again; on real processes."""

import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from server.tests.conftest import RunningServer, run_diptych

Start = Callable[..., RunningServer]

SENDERS = 8


def send_view(url: str, key: str, session_id: str, view_url: str = "http://shop/") -> int:
    """Send one view event and give the status of the answer."""
    event = (
        f'{{"type":"view","date":{time.time_ns() // 1_000_000},"application":{{"id":"a"}},'
        f'"session":{{"id":"{session_id}"}},"view":{{"id":"v-{session_id}","url":"{view_url}"}},'
        '"_dd":{"format_version":2,"document_version":1}}'
    )
    return httpx.post(f"{url}/v1/rum", params={"key": key}, content=event, timeout=30).status_code


def stored_sessions(server: RunningServer) -> set[str]:
    """Ids of all sessions that the server knows."""
    return {item["session_id"] for item in server.api("/sessions", limit=1000).json()["items"]}


class Senders:
    """Threads that send one session after the other, each a connection, until they are cut off."""

    def __init__(self, url: str, key: str) -> None:
        self.acknowledged: set[str] = set()
        self.refused: list[int] = []
        self._threads = [
            threading.Thread(target=self._send, args=(url, key, number)) for number in range(SENDERS)
        ]

    def _send(self, url: str, key: str, number: int) -> None:
        for count in range(10_000):
            session_id = f"s-{number}-{count}"
            try:
                status = send_view(url, key, session_id)
            except httpx.TransportError:
                return
            if status == 202:
                self.acknowledged.add(session_id)
            else:
                self.refused.append(status)

    def __enter__(self) -> "Senders":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        for thread in self._threads:
            thread.join(90)

    def wait_for(self, count: int) -> None:
        """Wait until so many were acknowledged."""
        deadline_s = time.monotonic() + 90
        while len(self.acknowledged) < count:
            assert time.monotonic() < deadline_s, f"{len(self.acknowledged)} of {count} acknowledged"
            time.sleep(0.01)


def test_the_first_start_says_how_to_go_on_and_later_ones_show_no_key(start_server: Start) -> None:
    first = start_server()
    words = first.output.split()
    link = next(word for word in words if "/sign-in?token=" in word)
    [client_key] = [word for word in words if word.startswith("dip_client_")]
    [server_key] = [word for word in words if word.startswith("dip_server_")]
    assert send_view(first.url, client_key, "s") == 202
    answer = httpx.post(f"{first.url}/v1/traces", json={}, headers={"authorization": f"Bearer {server_key}"})
    assert answer.status_code == 200
    token = link.partition("token=")[2]
    assert httpx.post(f"{first.url}/api/v1/sign-in", json={"token": token}).status_code == 204
    assert first.stop(signal.SIGINT) == 0

    second = start_server()
    assert "dip_" not in second.output
    assert "diptych link" in second.output
    assert send_view(second.url, client_key, "s") == 202


def test_a_server_that_is_told_to_stop_answers_and_stores_what_it_has_taken(start_server: Start) -> None:
    server = start_server()
    key = server.command("keys", "create", "client")
    with Senders(server.url, key) as senders:
        senders.wait_for(30)
        assert server.stop(signal.SIGTERM) == 0
    assert set(senders.refused) <= {503}
    assert server.output.rstrip().endswith("stopped")
    assert "Traceback" not in server.output

    again = start_server()
    again.read_key = again.command("keys", "create", "read")
    assert senders.acknowledged <= stored_sessions(again)


def test_nothing_acknowledged_is_lost_when_the_server_is_killed(start_server: Start) -> None:
    server = start_server()
    key = server.command("keys", "create", "client")
    with Senders(server.url, key) as senders:
        senders.wait_for(30)
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL

    again = start_server()
    again.read_key = again.command("keys", "create", "read")
    assert senders.acknowledged <= stored_sessions(again)
    assert again.command("link").startswith(again.url)


def test_a_second_server_on_the_same_folder_says_so_and_leaves_the_first_alone(server: RunningServer) -> None:
    second = run_diptych("serve", "--port", "0", "--data", str(server.data), check=False)
    assert second.returncode == 1
    assert second.stdout == ""
    message = second.stderr.splitlines()[-1]
    assert message.startswith("diptych: ")
    assert str(server.data) in message
    assert "another diptych process is using it" in message
    assert "Traceback" not in second.stderr
    assert httpx.get(f"{server.url}/health").status_code == 200
    assert server.command("link").startswith(server.url)


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run_diptych("serve", "--port", str(port), "--data", str(tmp_path), check=False)
    assert answer.returncode == 1
    assert f"cannot listen on 127.0.0.1:{port}" in answer.stderr
    assert "--port" in answer.stderr
    assert "Traceback" not in answer.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--port", "many"], "--port: Expected `int`"),
        (["--data", "/proc/nowhere"], "the data folder /proc/nowhere cannot be made"),
        (["--store", "nosuch://x"], "store: expected chdb:///FOLDER"),
        (["--accounts", "mysql://x"], "SQLite or PostgreSQL"),
        (["--host", "203.0.113.7", "--port", "0"], "cannot listen on 203.0.113.7"),
    ],
)
def test_a_server_that_cannot_start_says_why_in_a_line(
    tmp_path: Path, arguments: list[str], message: str
) -> None:
    answer = run_diptych("serve", "--data", str(tmp_path), *arguments, check=False)
    assert answer.returncode == 1
    assert message in answer.stderr.splitlines()[-1]
    assert "Traceback" not in answer.stderr


def test_the_second_listener_serves_the_doors_of_browsers_and_the_sdk_alone(start_server: Start) -> None:
    server = start_server("--intake", "127.0.0.1:0")
    line = next(line for line in server.output.splitlines() if line.startswith("The doors of browsers"))
    intake = line.split()[-1]
    client_key, server_key, read_key = (
        server.command("keys", "create", kind) for kind in ("client", "server", "read")
    )
    assert send_view(intake, client_key, "s") == 202
    assert httpx.get(f"{intake}/sdk/diptych.js").status_code in (200, 404)
    preflight = httpx.options(f"{intake}/v1/replay", headers={"origin": "https://shop.example.com"})
    assert preflight.headers["access-control-allow-origin"] == "https://shop.example.com"

    bearer = {"authorization": f"Bearer {read_key}", "accept": "text/html"}
    for path in ("/", "/health", "/api/v1/me", "/api/v1/sessions", "/replay-frame", "/info", "/v1/nothing"):
        assert httpx.get(f"{intake}{path}", headers=bearer).status_code == 404, path
    sent = httpx.post(f"{intake}/v1/traces", json={}, headers={"authorization": f"Bearer {server_key}"})
    assert sent.status_code == 404
    assert httpx.post(f"{intake}/k/{server_key}/v1/traces", json={}).status_code == 404


def test_limits_and_privacy_rules_of_the_settings_hold(start_server: Start) -> None:
    server = start_server("--browser-body-mb", "1", DIPTYCH_PRIVACY="email")
    key = server.command("keys", "create", "client")
    server.read_key = server.command("keys", "create", "read")
    too_large = httpx.post(f"{server.url}/v1/rum", params={"key": key}, content=b" " * 1_100_000)
    assert too_large.status_code == 413
    assert send_view(server.url, key, "s", "http://shop/?mail=eve@example.com") == 202
    assert server.api("/sessions/s").json()["first_view_url"] == "http://shop/?mail=[email]"


def test_health_says_how_the_server_is_and_what_was_lost(server: RunningServer) -> None:
    lost = httpx.post(f"{server.url}/v1/rum?key={server.client_key}", content="no json")
    assert (lost.status_code, lost.json()["rejected"]) == (202, 1)
    answer = httpx.get(f"{server.url}/health")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    health = answer.json()
    assert (health["status"], health["store"]) == ("ok", "chdb")
    assert sum(health["dropped"].values()) >= 1


def test_a_path_that_is_none_is_404(server: RunningServer) -> None:
    for path in ("/nothing", "/sessions/x/nothing", "/"):
        answer = server.api(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_a_method_that_is_none_is_405(server: RunningServer, method: str) -> None:
    headers = {"authorization": f"Bearer {server.read_key}"}
    answer = httpx.request(method, f"{server.url}/api/v1/sessions", headers=headers)
    assert answer.status_code == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "GET" in answer.headers["allow"]


def test_the_openapi_document_is_served(server: RunningServer) -> None:
    document = server.api("/openapi.json").json()
    assert document["info"]["title"] == "Diptych"
    assert "/api/v1/sessions" in document["paths"]
    assert document["security"] == [{"readKey": []}, {"signIn": []}]


def test_bytes_that_are_no_http_do_no_harm(server: RunningServer) -> None:
    address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
    for request in (
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\nAccept: text/html\r\n\r\n",
        b"GET /\xff\xfe%00%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /api/v1/me?project=%ff%00 HTTP/1.1\r\nHost: localhost\r\nCookie: diptych_sign_in=\xff\r\n\r\n",
    ):
        with socket.create_connection(address, timeout=10) as connection:
            connection.sendall(request)
            answer = connection.recv(65_536)
        assert answer.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 ", b"HTTP/1.1 404 "))
    assert httpx.get(f"{server.url}/health").status_code == 200
    assert "Traceback" not in server.output
