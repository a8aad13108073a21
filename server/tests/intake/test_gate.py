"""Who may pass a door, and how a refusal reads."""

import httpx
import pytest

from diptych_server.intake.limits import Limits
from diptych_server.store.database import Database

from .conftest import House, OpenDoors, Sender, lines, sender_of
from .samples import event, otlp, span

PAGE = "https://shop.example.com"


@pytest.mark.parametrize("door", ["/v1/rum", "/v1/replay", "/v1/traces", "/v1/evaluations"])
@pytest.mark.parametrize("key", ["", "dip_client_wrong"])
def test_a_request_without_a_good_key_is_401(sender: Sender, door: str, key: str) -> None:
    answer = sender.post(door, b"{}", {"authorization": f"Bearer {key}"} if key else {})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["title"] == "Unauthorized"
    assert "dip_client_wrong" not in answer.text


@pytest.mark.parametrize(
    ("door", "kind"),
    [("/v1/traces", "client"), ("/v1/rum", "server"), ("/v1/replay", "server")],
)
def test_a_key_of_the_wrong_kind_is_403(sender: Sender, door: str, kind: str) -> None:
    key = sender.client_key if kind == "client" else sender.server_key
    answer = sender.post(door, b"{}", {"authorization": f"Bearer {key}"})
    assert answer.status_code == 403
    assert f"got a {kind} key" in answer.json()["detail"]


async def test_the_key_may_come_four_ways(sender: Sender) -> None:
    body = lines(event())
    key = sender.client_key
    answers = [
        sender.post("/v1/rum", body, key=key),
        sender.post("/v1/rum", body, {"authorization": f"Bearer {key}"}),
        sender.post("/v1/rum", body, {"dd-api-key": key}),
        sender.post(f"/k/{key}/v1/rum", body),
    ]
    assert [answer.status_code for answer in answers] == [202] * 4


def test_spans_enter_by_a_key_in_the_path(sender: Sender) -> None:
    answer = sender.post(
        f"/k/{sender.server_key}/v1/traces", otlp(span()), {"content-type": "application/json"}
    )
    assert answer.status_code == 200


@pytest.fixture
def shop(house: House, database: Database, project_id: str) -> Sender:
    """A sender whose client key is good on one origin."""
    return sender_of(house, database, project_id, (PAGE,))


@pytest.mark.parametrize(
    ("origin", "status"),
    [(PAGE, 202), (PAGE.upper(), 202), ("https://evil.example.com", 403), ("null", 403), (None, 202)],
)
def test_a_page_of_a_foreign_origin_is_403_and_can_read_why(
    shop: Sender, origin: str | None, status: int
) -> None:
    answer = shop.rum(lines(event()), {"origin": origin} if origin else {})
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == (origin or "*")
    assert answer.headers["vary"] == "Origin"


@pytest.mark.parametrize("door", ["/v1/rum", "/v1/replay", "/v1/evaluations"])
@pytest.mark.parametrize("body", [b"", b"\xff", b"{"])
def test_every_answer_of_a_page_door_can_be_read_by_the_page(sender: Sender, door: str, body: bytes) -> None:
    for key in (sender.client_key, "wrong"):
        answer = sender.post(door, body, {"origin": PAGE}, key=key)
        assert answer.headers["access-control-allow-origin"] == PAGE
        assert answer.status_code in (202, 400, 401)


def test_a_preflight_is_answered(sender: Sender) -> None:
    answer = httpx.options(
        f"{sender.house.url}/v1/rum",
        headers={"origin": PAGE, "access-control-request-headers": "x-own,content-type"},
    )
    assert answer.status_code == 204
    assert answer.headers["access-control-allow-origin"] == PAGE
    assert answer.headers["access-control-allow-headers"] == "x-own,content-type"
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_the_spans_door_is_for_servers_alone(sender: Sender) -> None:
    answer = sender.traces(otlp(span()), headers={"origin": PAGE})
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


def test_another_method_is_405(sender: Sender) -> None:
    answer = httpx.get(f"{sender.house.url}/v1/rum", params={"key": sender.client_key})
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    "path",
    [
        "/api/unstable/llm-obs/v1/projects",
        "/evp_proxy/v2/api/v2/llm-obs/v1/shop/datasets",
        "/evp_proxy/v4/api/unstable/llm-obs/v1/experiments",
        "/v0.6/stats",
        "/v1/metrics",
    ],
)
def test_what_is_known_and_absent_is_501(sender: Sender, path: str) -> None:
    answer = httpx.post(sender.house.url + path)
    assert answer.status_code == 501
    assert answer.json()["title"] == "Not implemented"


def test_an_unknown_door_is_404(sender: Sender) -> None:
    assert sender.post("/v1/nothing", b"").status_code == 404


def test_a_key_over_its_rate_is_429_and_told_when_to_come_again(
    open_doors: OpenDoors, database: Database, project_id: str
) -> None:
    sender = sender_of(open_doors(Limits(requests_per_second=2)), database, project_id)
    answers = [sender.rum(b"") for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 202
    assert refused
    assert refused[0].headers["retry-after"] == "1"
    assert refused[0].headers["access-control-allow-origin"] == "*"


def test_a_revoked_key_is_refused(open_doors: OpenDoors, database: Database, project_id: str) -> None:
    house = open_doors()
    sender = sender_of(house, database, project_id)
    assert sender.rum(b"").status_code == 202
    (key_id,) = (key.id for key in house.accounts.list_keys() if key.kind == "client")
    house.accounts.revoke_key(key_id)
    house.keyring.refresh()
    assert sender.rum(b"").status_code == 401
