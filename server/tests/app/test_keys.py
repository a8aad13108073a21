"""Keys made by a person in the browser: shown once, of one project, and no program may make or see them."""

import time
from collections.abc import Iterator

import httpx
import pytest

from server.tests.conftest import RunningServer

KEYS = "/api/v1/keys"

REFUSED_WITHIN_S = 10
"""A revoked key is refused within a second; a busy machine may stall."""


@pytest.fixture
def person(server: RunningServer) -> Iterator[httpx.Client]:
    """A browser that is signed in, in a project of its own."""
    with server.signed_in("keyed") as client:
        yield client


def test_a_key_works_at_once_is_told_once_and_ends_when_it_is_revoked(person: httpx.Client) -> None:
    answer = person.post(KEYS, json={"kind": "server"})
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    secret, key = answer.json()["secret"], answer.json()["key"]
    assert secret.startswith(key["prefix"])
    assert (key["kind"], key["origins"], key["revoked_at"]) == ("server", [], None)

    def send() -> int:
        bearer = {"authorization": f"Bearer {secret}", "content-type": "application/json"}
        return person.post("/v1/traces", json={"resourceSpans": []}, headers=bearer, params={}).status_code

    assert send() == 200
    listed = person.get(KEYS)
    assert key in listed.json()["items"]
    assert secret not in listed.text
    assert person.delete(f"{KEYS}/{key['id']}").status_code == 204
    assert person.delete(f"{KEYS}/{key['id']}").status_code == 204
    [revoked] = [each for each in person.get(KEYS).json()["items"] if each["id"] == key["id"]]
    assert revoked["revoked_at"] is not None


def test_a_revoked_key_is_refused(person: httpx.Client) -> None:
    made = person.post(KEYS, json={"kind": "client"}).json()
    door = "/v1/rum"
    body = b'{"type":"action"}'
    known = {"key": made["secret"]}
    assert person.post(door, content=body, params=known).status_code == 202
    person.delete(f"{KEYS}/{made['key']['id']}")
    deadline = time.monotonic() + REFUSED_WITHIN_S
    while person.post(door, content=body, params=known).status_code != 401:
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("body", [{}, {"kind": "read"}, {"kind": "client", "project_id": "default"}])
def test_what_is_no_wish_for_a_key_is_refused(person: httpx.Client, body: dict[str, str]) -> None:
    assert person.post(KEYS, json=body).status_code == 400


def test_keys_are_of_their_project_and_of_people_alone(person: httpx.Client, server: RunningServer) -> None:
    made = person.post(KEYS, json={"kind": "client"}).json()["key"]
    elsewhere = {"project": "default"}
    assert made["id"] not in person.get(KEYS, params=elsewhere).text
    assert person.delete(f"{KEYS}/{made['id']}", params=elsewhere).status_code == 404
    forged = {"origin": "https://evil.example.com"}
    assert person.post(KEYS, json={"kind": "client"}, headers=forged).status_code == 403
    assert person.delete(f"{KEYS}/{made['id']}", headers=forged).status_code == 403

    read_key = server.command("keys", "create", "read", "--project", "keyed")
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {read_key}"}) as program:
        assert program.get(KEYS).status_code == 403
        assert program.post(KEYS, json={"kind": "client"}).status_code == 403
        assert program.delete(f"{KEYS}/{made['id']}").status_code == 403
    assert httpx.get(f"{server.url}{KEYS}").status_code == 401


def test_a_project_has_so_many_good_keys_at_most(person: httpx.Client) -> None:
    statuses = [person.post(KEYS, json={"kind": "client"}).status_code for _ in range(101)]
    assert (statuses[0], statuses[-1]) == (201, 400)
    for each in person.get(KEYS).json()["items"][-3:]:
        person.delete(f"{KEYS}/{each['id']}")
    assert person.post(KEYS, json={"kind": "client"}).status_code == 201
    for each in person.get(KEYS).json()["items"]:
        person.delete(f"{KEYS}/{each['id']}")
