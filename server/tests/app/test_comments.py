"""Comments and judgements by hand: by people who are signed in, from our own pages, and of one thing."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from server.tests.conftest import RunningServer


@pytest.fixture
def page(server: RunningServer) -> Iterator[httpx.Client]:
    """A page of ours, signed in: it sends its own origin, as browsers do."""
    with server.signed_in() as client:
        yield client


def comment(**changes: Any) -> dict[str, Any]:
    return {"author": "Ana", "text": "Look at this", "target": {"session_id": "c-1"}} | changes


def post(page: httpx.Client, **changes: Any) -> httpx.Response:
    return page.post("/api/v1/comments", json=comment(**changes))


def texts(page: httpx.Client, **target: Any) -> list[str]:
    return [each["text"] for each in page.get("/api/v1/comments", params=target).json()["items"]]


def test_a_comment_stands_at_one_thing_and_at_its_moment_until_it_is_deleted(page: httpx.Client) -> None:
    made = post(page, moment_ms=1_795_375_289_000)
    assert made.status_code == 201, made.text
    written = made.json()
    assert written["target"] == {"session_id": "c-1", "trace_id": None, "span_id": None, "turn_id": None}
    assert (written["author"], written["moment_ms"]) == ("Ana", 1_795_375_289_000)
    assert page.get("/api/v1/comments", params={"session_id": "c-1"}).json() == {
        "items": [written],
        "next_cursor": None,
    }
    path = f"/api/v1/comments/{written['comment_id']}"
    assert page.delete(path).status_code == 204
    assert page.delete(path).status_code == 404
    assert texts(page, session_id="c-1") == []


def test_a_traces_comments_are_with_those_of_its_spans_the_oldest_first(page: httpx.Client) -> None:
    post(page, text="whole", target={"trace_id": "t-1"})
    post(page, text="step", target={"trace_id": "t-1", "span_id": "s-1"})
    post(page, text="answer", target={"turn_id": "t-1"})
    assert texts(page, trace_id="t-1") == ["whole", "step"]
    assert texts(page, trace_id="t-1", span_id="s-1") == ["step"]
    assert texts(page, turn_id="t-1") == ["answer"]
    first = page.get("/api/v1/comments", params={"trace_id": "t-1", "limit": 1}).json()
    more = {"trace_id": "t-1", "limit": 1, "cursor": first["next_cursor"]}
    assert [each["text"] for each in page.get("/api/v1/comments", params=more).json()["items"]] == ["step"]


@pytest.mark.parametrize(
    "changes",
    [
        {"target": {}},
        {"target": {"session_id": "a", "turn_id": "b"}},
        {"target": {"span_id": "a"}},
        {"target": {"session_id": ""}},
        {"target": {"page": "a"}},
        {"text": ""},
        {"text": " \n "},
        {"text": "x" * 10_001},
        {"author": ""},
        {"moment_ms": -1},
        {"moment_ms": "now"},
        {"colour": "red"},
    ],
)
def test_a_comment_of_a_bad_shape_is_a_400_that_says_why(page: httpx.Client, changes: dict[str, Any]) -> None:
    refused = post(page, **changes)
    assert refused.status_code == 400, refused.text
    assert refused.headers["content-type"] == "application/problem+json"


def test_neither_another_page_nor_a_read_key_writes(server: RunningServer, page: httpx.Client) -> None:
    judged = {"submitter": "Ana", "target": {"trace_id": "a"}, "label": "helpful", "value": "yes"}
    for path, body in (("comments", comment()), ("evaluations", judged)):
        address = f"/api/v1/{path}"
        for origin in ({"origin": "https://evil.example"}, {"origin": "null"}):
            assert page.post(address, json=body, headers=origin).status_code == 403
        by_key = {"authorization": f"Bearer {server.read_key}"}
        assert httpx.post(server.url + address, json=body, headers=by_key).status_code == 403
        assert httpx.post(server.url + address, json=body).status_code == 401
    made = post(page).json()["comment_id"]
    path = f"/api/v1/comments/{made}"
    assert page.delete(path, headers={"origin": "https://evil.example"}).status_code == 403
    assert httpx.delete(server.url + path, headers=by_key).status_code == 403


def test_a_judgement_by_hand_is_human_and_a_later_one_of_the_same_person_takes_its_place(
    page: httpx.Client,
) -> None:
    def judge(**changes: Any) -> httpx.Response:
        body = {"submitter": "Ana", "target": {"trace_id": "by-hand"}, "label": "helpful", "value": "no"}
        return page.post("/api/v1/evaluations", json=body | changes)

    assert judge(assessment="fail", reasoning="It names a tent that we do not sell.").status_code == 201
    judge(submitter="Bo", value="yes", assessment="pass")
    judge(value="after all", assessment="pass")
    found = page.get("/api/v1/evaluations", params={"trace_id": "by-hand"}).json()["items"]
    told = {each["submitter"]: (each["source"], each["value"], each["assessment"]) for each in found}
    assert len(found) == 2
    assert told == {"Ana": ("human", "after all", "pass"), "Bo": ("human", "yes", "pass")}


@pytest.mark.parametrize(
    "changes",
    [
        {"target": {}},
        {"target": {"trace_id": "a", "session_id": "b"}},
        {"target": {"span_id": "a"}},
        {"label": ""},
        {"metric_type": "score", "value": "high"},
        {"assessment": "so-so"},
        {"submitter": ""},
        {"source": "judge"},
    ],
)
def test_a_judgement_of_a_bad_shape_is_a_400(page: httpx.Client, changes: dict[str, Any]) -> None:
    body = {"submitter": "Ana", "target": {"trace_id": "a"}, "label": "helpful", "value": "yes"}
    assert page.post("/api/v1/evaluations", json=body | changes).status_code == 400
