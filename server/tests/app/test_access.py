"""Who gets in: keys, sign-in, our own origin, our own names. On a real server, over real HTTP."""

import time
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from server.tests.conftest import RunningServer

PROBLEM = "application/problem+json"


@pytest.fixture
def browser(server: RunningServer) -> Iterator[httpx.Client]:
    """A browser that is signed in."""
    with httpx.Client(base_url=server.url) as client:
        assert sign_in(client, server).status_code == 204
        yield client


def sign_in(client: httpx.Client, server: RunningServer, token: str = "", **headers: str) -> httpx.Response:
    return client.post("/api/v1/sign-in", json={"token": token or server.link_token()}, headers=headers)


def view_event(session_id: str) -> bytes:
    return (
        b'{"type":"view","date":%d,"application":{"id":"a"},"session":{"id":"%s"},'
        b'"view":{"id":"v-%s","url":"http://shop/"},"_dd":{"format_version":2,"document_version":1}}'
        % (time.time_ns() // 1_000_000, session_id.encode(), session_id.encode())
    )


def send(server: RunningServer, key: str, session_id: str, **headers: str) -> httpx.Response:
    parameters: dict[str, str | int] = {"key": key, "sent_at": time.time_ns() // 1_000_000}
    headers = {"content-type": "text/plain"} | headers
    return httpx.post(
        f"{server.url}/v1/rum", params=parameters, content=view_event(session_id), headers=headers
    )


def test_a_read_key_opens_the_api(server: RunningServer) -> None:
    answer = server.api("/me")
    assert answer.json() == {
        "projects": ["default"],
        "project": "default",
        "public_url": server.url,
        "version": httpx.get(f"{server.url}/health").json()["version"],
    }


@pytest.mark.parametrize("path", ["/me", "/sessions", "/nothing", "/turns", "/openapi.json", "/sign-out"])
@pytest.mark.parametrize("key", ["", "Bearer x", "Bearer dip_read_wrong", "Basic dXNlcjpwYXNz"])
def test_without_a_good_key_everything_of_the_api_is_401(server: RunningServer, path: str, key: str) -> None:
    answer = httpx.get(f"{server.url}/api/v1{path}", headers={"authorization": key} if key else {})
    assert answer.status_code == 401
    assert answer.headers["content-type"] == PROBLEM
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_keys_of_senders_do_not_read(server: RunningServer) -> None:
    for kind, key in (("client", server.client_key), ("server", server.server_key)):
        answer = httpx.get(f"{server.url}/api/v1/sessions", headers={"authorization": f"Bearer {key}"})
        assert answer.status_code == 403
        assert kind in answer.json()["detail"]


def test_a_read_key_is_of_one_project(server: RunningServer) -> None:
    other_key = server.command("keys", "create", "read", "--project", "Other Shop")
    headers = {"authorization": f"Bearer {other_key}"}
    mine = httpx.get(f"{server.url}/api/v1/me", headers=headers).json()
    assert (mine["project"], mine["projects"]) == ("other-shop", ["other-shop"])
    assert server.api("/me", project="other-shop").status_code == 403
    assert server.api("/me", project="default").status_code == 200


def test_a_new_key_is_good_at_once_and_a_revoked_one_within_a_second(server: RunningServer) -> None:
    key = server.command("keys", "create", "client")
    assert send(server, key, "effective-at-once").status_code == 202
    [line] = [line for line in server.command("keys", "list").splitlines() if key[:15] in line]
    server.command("keys", "revoke", line.split()[0])
    time.sleep(1)
    assert send(server, key, "too-late").status_code == 401


def test_a_key_with_origins_is_for_them_alone(server: RunningServer) -> None:
    key = server.command("keys", "create", "client", "--origin", "https://shop.example.com/")
    assert send(server, key, "s", origin="https://shop.example.com").status_code == 202
    assert send(server, key, "s").status_code == 202
    foreign = send(server, key, "s", origin="https://evil.example.com")
    assert foreign.status_code == 403
    assert foreign.headers["access-control-allow-origin"] == "https://evil.example.com"


def test_looking_at_a_sign_in_link_does_not_use_it_up(server: RunningServer) -> None:
    link = server.command("link")
    for _ in range(3):
        assert httpx.get(link, headers={"accept": "text/html"}).status_code == 200
    token = parse_qs(urlsplit(link).query)["token"][0]
    with httpx.Client(base_url=server.url) as client:
        assert sign_in(client, server, token).status_code == 204
        assert client.get("/api/v1/me").status_code == 200
        again = sign_in(client, server, token)
    assert again.status_code == 401
    assert "set-cookie" not in again.headers


def test_the_cookie_is_for_this_site_and_for_no_script(server: RunningServer) -> None:
    with httpx.Client(base_url=server.url) as client:
        cookie = sign_in(client, server).headers["set-cookie"].lower()
    flags = {part.strip() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= flags
    assert "secure" not in flags


def test_a_server_behind_tls_goes_by_its_public_name_and_by_those_allowed(
    start_server: Callable[..., RunningServer],
) -> None:
    server = start_server(
        DIPTYCH_PUBLIC_URL="https://diptych.example.com",
        DIPTYCH_ALLOWED_HOSTS="diptych.internal,.corp.example",
    )
    link = server.command("link")
    assert link.startswith("https://diptych.example.com/sign-in?token=")
    headers = {"host": "diptych.example.com", "origin": "https://diptych.example.com"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        answer = sign_in(client, server, parse_qs(urlsplit(link).query)["token"][0])
    assert answer.status_code == 204
    assert "secure" in answer.headers["set-cookie"].lower()

    statuses = {
        host: httpx.get(f"{server.url}/health", headers={"host": host}).status_code
        for host in ("diptych.internal", "a.corp.example:8400", "corp.example", "xcorp.example")
    }
    assert statuses == {
        "diptych.internal": 200,
        "a.corp.example:8400": 200,
        "corp.example": 400,
        "xcorp.example": 400,
    }


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b'{"token":1}', b'{"token":""}', b"\xff", b"{"])
def test_a_sign_in_that_is_none_is_400(server: RunningServer, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = httpx.post(f"{server.url}/api/v1/sign-in", content=body, headers=headers)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == PROBLEM


def test_a_page_of_another_site_cannot_sign_a_browser_in(server: RunningServer) -> None:
    token = server.link_token()
    with httpx.Client(base_url=server.url) as client:
        assert sign_in(client, server, token, origin="https://evil.example.com").status_code == 403
        assert sign_in(client, server, token, origin=server.url).status_code == 204


@pytest.mark.parametrize("origin", [None, "null", "https://evil.example.com", "http://localhost"])
def test_a_change_by_cookie_needs_our_own_origin(browser: httpx.Client, origin: str | None) -> None:
    headers = {} if origin is None else {"origin": origin}
    assert browser.post("/api/v1/sign-out", headers=headers).status_code == 403
    assert browser.get("/api/v1/me").status_code == 200


def test_after_sign_out_the_cookie_opens_nothing(browser: httpx.Client, server: RunningServer) -> None:
    stolen = dict(browser.cookies)
    assert browser.post("/api/v1/sign-out", headers={"origin": server.url}).status_code == 204
    assert browser.get("/api/v1/me").status_code == 401
    assert httpx.get(f"{server.url}/api/v1/me", cookies=stolen).status_code == 401


def test_who_is_signed_in_sees_every_project(browser: httpx.Client, server: RunningServer) -> None:
    server.command("keys", "create", "read", "--project", "second")
    me = browser.get("/api/v1/me", params={"project": "second"}).json()
    assert me["project"] == "second"
    assert {"default", "second"} <= set(me["projects"])
    assert browser.get("/api/v1/me").json()["project"] == "default"
    assert browser.get("/api/v1/me", params={"project": "gone"}).status_code == 404
    assert browser.get("/api/v1/me?project=a&project=b").status_code == 400


def test_the_api_never_answers_to_pages_of_other_sites(server: RunningServer) -> None:
    headers = {"origin": "https://shop.example.com", "authorization": f"Bearer {server.read_key}"}
    for path in ("/api/v1/me", "/api/v1/nothing", "/health"):
        answer = httpx.get(f"{server.url}{path}", headers=headers)
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/health", "/api/v1/me", "/replay-frame"])
@pytest.mark.parametrize(
    "host", ["evil.example.com", "127.0.0.1.evil.example.com", "evil.example.com:8400", ""]
)
def test_a_name_that_is_not_ours_gets_nothing(server: RunningServer, path: str, host: str) -> None:
    headers = {"host": host, "authorization": f"Bearer {server.read_key}", "accept": "text/html"}
    answer = httpx.get(f"{server.url}{path}", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["where"] == "Host"


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST:8400", "127.0.0.1:1", "[::1]:8400", "192.168.1.5", "a.localhost"]
)
def test_loopback_names_and_addresses_are_ours(server: RunningServer, host: str) -> None:
    assert httpx.get(f"{server.url}/health", headers={"host": host}).status_code == 200


def test_agents_reach_the_doors_by_any_name(server: RunningServer) -> None:
    assert send(server, server.client_key, "s", host="diptych:8400").status_code == 202


def test_no_secret_reaches_the_log(server: RunningServer) -> None:
    keys = (server.client_key, server.server_key, server.read_key)
    for key in keys:
        send(server, key, "s")
        httpx.post(
            f"{server.url}/k/{key}/v1/traces", content=b"", headers={"content-type": "application/json"}
        )
        httpx.post(f"{server.url}/k/{key}", headers={"dd-api-key": key})
        httpx.get(f"{server.url}/{key}?key={key}", headers={"authorization": f"Bearer {key}"})
        httpx.get(f"{server.url}/api/v1/{key}?key={key}", headers={"authorization": f"Bearer {key}"})
    link = server.command("link")
    httpx.get(link, headers={"accept": "text/html"})
    assert "POST /k/***/v1/traces" in server.output
    assert "GET /sign-in " in server.output
    for secret in (*keys, parse_qs(urlsplit(link).query)["token"][0]):
        assert secret not in server.output
