"""Datadog's browser doors: what the SDK sends, and what it never would."""

import json
import zlib
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx
import pytest

from .conftest import Door
from .recorder import Element, Page

BOUNDARY = "----WebKitFormBoundary7MA4YWxkTrZu0gW"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
ORIGIN = {"origin": "http://shop.example"}
START_MS = 1_795_384_000_000


def event(session_id: str, **more: Any) -> dict[str, Any]:
    return {
        "type": "action",
        "date": START_MS,
        "application": {"id": "shop"},
        "session": {"id": session_id},
        "view": {"id": "v1", "url": "http://shop/"},
        "action": {"id": uuid4().hex, "type": "click", "target": {"name": "Send"}},
    } | more


def lines(*events: dict[str, Any]) -> bytes:
    return "\n".join(json.dumps(each) for each in events).encode()


def part(name: str, content: bytes, filename: str = "blob") -> bytes:
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
    return head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + b"\r\n"


END = f"--{BOUNDARY}--\r\n".encode()


def metadata(session_id: str, index: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "application": {"id": "shop"},
        "session": {"id": session_id},
        "view": {"id": "v1"},
        "index_in_view": index,
        "start": START_MS + 1_000 * index,
        "end": START_MS + 1_000 * index + 900,
        "has_full_snapshot": index == 0,
        "records_count": 2,
        "creation_reason": "init",
        "source": "browser",
    } | more


def replay_body(records: list[dict[str, Any]], **about: Any) -> bytes:
    content = json.dumps({"records": records, **about}).encode()
    return (
        part("segment", zlib.compress(content + b"\n"), f"{about['session']['id']}-{about['start']}")
        + part("event", json.dumps(about).encode())
        + END
    )


def send_segment(door: Door, session_id: str, index: int, records: list[dict[str, Any]]) -> httpx.Response:
    return door.post("/datadog/api/v2/replay", replay_body(records, **metadata(session_id, index)), MULTIPART)


@pytest.fixture
def session_id() -> str:
    return f"session-{uuid4().hex}"


@pytest.mark.parametrize(
    "forward", ["/api/v2/rum", "https://evil.example/api/v2/rum", "evil.example/api/v2/rum", "//[/api/v2/rum"]
)
def test_of_what_is_forwarded_only_the_path_and_the_query_count(
    door: Door, session_id: str, forward: str
) -> None:
    target = f"{forward}?ddsource=browser&dd-api-key={door.server.client_key}&batch_time={START_MS}"
    url = f"{door.server.url}/datadog?ddforward={quote(target, safe='')}"
    answer = httpx.post(
        url, content=lines(event(session_id)), headers=ORIGIN | {"content-type": "text/plain"}
    )
    is_path = not forward.startswith(("evil", "//["))
    assert answer.status_code == (202 if is_path else 404)
    assert answer.headers["access-control-allow-origin"] == ORIGIN["origin"]
    assert door.server.api(f"/sessions/{session_id}").status_code == (200 if is_path else 404)


def test_a_batch_is_a_zlib_stream_where_the_query_says_so(door: Door, session_id: str) -> None:
    body = zlib.compress(lines(event(session_id), event(session_id)))
    answer = door.post("/datadog/api/v2/rum", body, "text/plain", **{"dd-evp-encoding": "deflate"})
    assert answer.json() == {"accepted": 2, "rejected": 0, "reasons": []}
    assert door.get(f"/sessions/{session_id}")["actions"] == 2


def test_older_clients_say_the_environment_in_the_query(door: Door, session_id: str) -> None:
    tags = "sdk_version:5.35.1,env:prod,service:shop,version:3"
    door.post("/datadog/api/v2/rum", lines(event(session_id)), "text/plain", ddtags=tags)
    session = door.get(f"/sessions/{session_id}")
    assert (session["env"], session["service"], session["version"]) == ("prod", "shop", "3")


def test_telemetry_of_the_sdk_is_counted_and_costs_no_event(door: Door, session_id: str) -> None:
    before = door.dropped().get("datadog.rum_telemetry", 0)
    telemetry = {"type": "telemetry", "date": 1, "telemetry": {"type": "usage"}}
    about = event(session_id, context={"type": "telemetry"})
    answer = door.post("/datadog/api/v2/rum", lines(telemetry, about, telemetry), "text/plain")
    assert answer.json()["accepted"] == 1
    assert answer.json()["rejected"] == 0
    assert door.dropped()["datadog.rum_telemetry"] == before + 2


def test_trace_ids_of_requests_are_hex_as_a_tracer_has_them(door: Door, session_id: str) -> None:
    request = event(
        session_id,
        type="resource",
        resource={"id": uuid4().hex, "type": "fetch", "url": "http://shop/ask"},
        _dd={"trace_id": "15831396780430801194", "span_id": "8081551333668549421"},
    )
    door.post("/datadog/api/v2/rum", lines(request), "text/plain")
    [found] = door.get(f"/sessions/{session_id}/events")["items"]
    assert found["trace_id"] == f"{15831396780430801194:032x}"


@pytest.mark.parametrize("track", ["profile", "logs", "exposures", "flagevaluation"])
def test_other_tracks_are_accepted_as_their_client_expects_and_counted(door: Door, track: str) -> None:
    before = door.dropped().get(f"datadog.{track}", 0)
    answer = door.post(f"/datadog/api/v2/{track}", b"anything", MULTIPART)
    assert answer.status_code == 202
    assert door.dropped()[f"datadog.{track}"] == before + 1


def test_the_profilers_quota_is_asked_after_a_preflight(door: Door) -> None:
    url = f"{door.server.url}/datadog?ddforward={quote('/api/v2/profiling/quota?session_id=1', safe='')}"
    asked = ORIGIN | {
        "access-control-request-method": "GET",
        "access-control-request-headers": "dd-client-token",
    }
    preflight = httpx.options(url, headers=asked)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-headers"] == "dd-client-token"
    answer = httpx.get(url, headers=ORIGIN | {"dd-client-token": door.server.client_key})
    assert answer.json()["data"]["attributes"]["admitted"] is False


@pytest.mark.parametrize(("kind", "status"), [("none", 401), ("server", 403), ("client", 202)])
def test_the_client_token_is_a_client_key(door: Door, session_id: str, kind: str, status: int) -> None:
    keys = {"none": "", "server": door.server.server_key, "client": door.server.client_key}
    answer = httpx.post(
        f"{door.server.url}/datadog/api/v2/rum",
        params={"dd-api-key": keys[kind]},
        content=lines(event(session_id)),
        headers=ORIGIN | {"content-type": "text/plain"},
    )
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == ORIGIN["origin"]


def recorded_page(count: int) -> list[list[dict[str, Any]]]:
    """Records of `count` segments of one view, each of which adds a paragraph."""
    page = Page()
    segments = [[page.snapshot(START_MS)]]
    for index in range(1, count):
        words = Element("P", children=[Element("#text", f"paragraph {index}")])
        segments.append([page.change(START_MS + 1_000 * index, page.add(words, page.body))])
    return segments


def test_a_view_is_played_in_runs_of_any_length_and_order_of_arrival(door: Door, session_id: str) -> None:
    segments = recorded_page(4)
    for index in (2, 0, 3, 1, 1):
        assert send_segment(door, session_id, index, segments[index]).json()["accepted"] == 1
    door.post("/datadog/api/v2/rum", lines(event(session_id, tab={"id": "tab-1"})), "text/plain")
    [view] = door.get(f"/sessions/{session_id}/replay")["views"]
    assert (view["format"], view["gaps"], len(view["segments"])) == ("datadog", [], 4)
    assert view["tab_id"] == "tab-1"

    path = f"/sessions/{session_id}/replay/events"
    whole = door.get(path, view_id="v1")["events"]
    runs = [door.get(path, view_id="v1", from_index=a, to_index=b) for a, b in [(0, 0), (1, 2), (3, 9)]]
    assert [each for run in runs for each in run["events"]] == whole
    added = [each["node"].get("textContent") for event in whole[1:] for each in event["data"]["adds"]]
    assert [text for text in added if text] == ["paragraph 1", "paragraph 2", "paragraph 3"]


def test_a_view_stops_at_a_gap(door: Door, session_id: str) -> None:
    segments = recorded_page(5)
    for index in (0, 1, 3, 4):
        send_segment(door, session_id, index, segments[index])
    [view] = door.get(f"/sessions/{session_id}/replay")["views"]
    assert view["gaps"] == [{"from_index": 2, "to_index": 2, "reason": "not_received"}]
    played = door.get(f"/sessions/{session_id}/replay/events", view_id="v1")
    assert (played["to_index"], len(played["events"])) == (4, 2)
    rest = door.get(f"/sessions/{session_id}/replay/events", view_id="v1", from_index=3)
    assert rest["events"] == []


def test_half_a_surrogate_pair_in_a_page_costs_only_itself(door: Door, session_id: str) -> None:
    page = Page()
    page.body.children = [Element("#text", "half \ud83d of a smile", parent=page.body)]
    assert send_segment(door, session_id, 0, [page.snapshot(START_MS)]).status_code == 202
    [snapshot] = door.get(f"/sessions/{session_id}/replay/events", view_id="v1")["events"]
    assert "of a smile" in json.dumps(snapshot)


GOOD = replay_body([{"type": 7, "timestamp": START_MS}], **metadata("bad-input"))
EVENT = json.dumps(metadata("bad-input")).encode()


@pytest.mark.parametrize(
    ("body", "content_type", "status", "said"),
    [
        (GOOD[: len(GOOD) // 2], MULTIPART, 400, "cut off"),
        (GOOD, "multipart/form-data", 400, "boundary"),
        (GOOD, "application/json", 415, "multipart/form-data"),
        (b"", MULTIPART, 400, "cut off"),
        (part("event", EVENT) + END, MULTIPART, 400, "segment"),
        (part("segment", b"x\x9c") + part("event", EVENT) + END, MULTIPART, 400, "cut off"),
        (part("segment", b"no zlib") + part("event", EVENT) + END, MULTIPART, 400, "damaged"),
        (part("segment", zlib.compress(b"[1]")) + part("event", EVENT) + END, MULTIPART, 400, "segment"),
        (
            part("segment", zlib.compress(b'{"records":[]}')) + part("event", EVENT) + END,
            MULTIPART,
            400,
            "records",
        ),
        (part("segment", zlib.compress(b"{}")) + part("event", b"{}") + END, MULTIPART, 400, "event"),
        (
            part("segment", zlib.compress(b"[" * 100_000)) + part("event", EVENT) + END,
            MULTIPART,
            400,
            "segment",
        ),
        (
            part("segment", zlib.compress(bytes(200_000_000), 9)) + part("event", EVENT) + END,
            MULTIPART,
            413,
            "limit",
        ),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value)[:20],
)
def test_a_bad_segment_has_a_clear_answer(
    door: Door, body: bytes, content_type: str, status: int, said: str
) -> None:
    answer = door.post("/datadog/api/v2/replay", body, content_type)
    assert (answer.status_code, said in answer.json()["detail"]) == (status, True), answer.text


def test_an_image_of_a_canvas_is_refused_without_failing(door: Door) -> None:
    before = door.dropped().get("datadog.replay_canvas_image", 0)
    about = json.dumps({"application": {"id": "shop"}, "type": "resource"}).encode()
    body = part("image", b"\x89PNG", "0123abcd") + part("event", about) + END
    answer = door.post("/datadog/api/v2/replay", body, MULTIPART)
    assert (answer.status_code, answer.json()["rejected"]) == (202, 1)
    assert door.dropped()["datadog.replay_canvas_image"] == before + 1
