"""Saved views: what a person saves, everyone in the project sees, and nobody elsewhere. Over real HTTP."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.tests.conftest import RunningServer

VIEWS = "/api/v1/saved-views"


@pytest.fixture
def person(server: RunningServer) -> Iterator[httpx.Client]:
    """A browser that is signed in, in a project of its own."""
    with server.signed_in("views") as client:
        yield client
        for view in client.get(VIEWS).json()["items"]:
            client.delete(f"{VIEWS}/{view['id']}")


def save(person: httpx.Client, name: str, **changes: Any) -> dict[str, Any]:
    body = {"name": name, "signal": "sessions", "search": "query=errors%3A%3E0&from=now-7d"} | changes
    answer = person.post(VIEWS, json=body)
    assert answer.status_code == 201, answer.text
    view: dict[str, Any] = answer.json()
    return view


def test_a_view_is_saved_renamed_moved_and_deleted(person: httpx.Client) -> None:
    view = save(person, " Angry ")
    assert (view["name"], view["signal"], view["is_default"]) == ("Angry", "sessions", False)
    changed = person.patch(f"{VIEWS}/{view['id']}", json={"name": "Calm", "search": "query=x"}).json()
    assert changed == view | {"name": "Calm", "search": "query=x"}
    assert person.get(VIEWS).json()["items"] == [changed]
    assert person.delete(f"{VIEWS}/{view['id']}").status_code == 204
    assert person.get(VIEWS).json()["items"] == []
    assert person.delete(f"{VIEWS}/{view['id']}").status_code == 404
    assert person.patch(f"{VIEWS}/{view['id']}", json={}).status_code == 404


def test_a_list_opens_with_one_view_at_most(person: httpx.Client) -> None:
    save(person, "a", is_default=True)
    second = save(person, "b")
    save(person, "c", signal="traces", is_default=True)
    person.patch(f"{VIEWS}/{second['id']}", json={"is_default": True})
    items = person.get(VIEWS).json()["items"]
    assert [(item["name"], item["is_default"]) for item in items] == [("a", False), ("b", True), ("c", True)]
    person.patch(f"{VIEWS}/{second['id']}", json={"is_default": False})
    assert not any(item["is_default"] for item in person.get(VIEWS).json()["items"][:2])


def test_a_name_is_taken_once_a_list(person: httpx.Client) -> None:
    first = save(person, "Slow")
    save(person, "Slow", signal="traces")
    body = {"name": "Slow", "signal": "sessions", "search": ""}
    refused = person.post(VIEWS, json=body)
    assert (refused.status_code, refused.json()["where"]) == (400, "name")
    other = save(person, "Slower")
    assert person.patch(f"{VIEWS}/{other['id']}", json={"name": "Slow"}).status_code == 400
    assert person.patch(f"{VIEWS}/{first['id']}", json={"name": "Slow"}).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "signal": "sessions", "search": ""},
        {"name": "x" * 81, "signal": "sessions", "search": ""},
        {"name": "x", "signal": "pages", "search": ""},
        {"name": "x", "signal": "sessions", "search": "x" * 4_001},
        {"name": "x", "signal": "sessions", "search": "", "project_id": "other"},
    ],
)
def test_what_is_no_view_is_refused(person: httpx.Client, body: dict[str, Any]) -> None:
    assert person.post(VIEWS, json=body).status_code == 400


def test_a_view_is_of_its_project_and_changed_by_people_alone(
    person: httpx.Client, server: RunningServer
) -> None:
    view = save(person, "Ours")
    assert view["id"] not in person.get(VIEWS, params={"project": "default"}).text
    elsewhere = {"project": "default"}
    assert person.delete(f"{VIEWS}/{view['id']}", params=elsewhere).status_code == 404
    assert person.patch(f"{VIEWS}/{view['id']}", json={"name": "x"}, params=elsewhere).status_code == 404
    assert person.post(VIEWS, json={}, headers={"origin": "https://evil.example.com"}).status_code == 403

    key = server.command("keys", "create", "read", "--project", "views")
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {key}"}) as program:
        assert [item["name"] for item in program.get(VIEWS).json()["items"]] == ["Ours"]
        body = {"name": "x", "signal": "sessions", "search": ""}
        assert program.post(VIEWS, json=body).status_code == 403
        assert program.patch(f"{VIEWS}/{view['id']}", json={"name": "x"}).status_code == 403
        assert program.delete(f"{VIEWS}/{view['id']}").status_code == 403
