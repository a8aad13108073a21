"""RUM events: lines become rows, and a bad line costs no other line anything."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from diptych_server.access.keys import MAX_APPLICATIONS
from diptych_server.intake.limits import Limits
from diptych_server.store.database import Database

from .conftest import OpenDoors, Sender, lines, sender_of
from .samples import RUM_TYPES, TRACE_ID, event, sample

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
DAY_MS = 24 * 60 * 60 * 1000

SHARED = {
    "application_id": "5f1c9d0e-7a53-4c6e-9b1a-2d6f1a7c0001",
    "session_id": "2ac6be95-a9a7-4690-98f0-19c958e83e96",
    "view_id": "558ef563-24d6-4471-9078-d1b8521e1b20",
    "tab_id": "0db7c831-68d5-4d3a-9e85-b7bd23b521de",
    "service": "shop",
    "env": "production",
    "version": "1.4.2",
    "browser": "Chrome 131",
    "os": "Linux",
    "device": "desktop",
    "user_id": "u-42",
    "user_name": "Ada Lovelace",
    "user_email": "ada@example.com",
    "view_url": "https://shop.example.com/tents?sort=price",
}

OWN: dict[str, dict[str, Any]] = {
    "view": {
        "event_id": "558ef563-24d6-4471-9078-d1b8521e1b20:4",
        "document_version": 4,
        "name": "/tents",
        "duration_ns": 3_614_000_000,
    },
    "action": {
        "event_id": "0ab1bc13-b254-4b36-874c-dcef2d0097f7",
        "name": "Add to cart",
        "action_type": "click",
        "frustrations": ["rage_click"],
        "duration_ns": 380_000_000,
    },
    "resource": {
        "event_id": "259638fd-4889-41ec-b333-d9ad2a08abbb",
        "name": "https://shop.example.com/api/chat",
        "resource_type": "fetch",
        "method": "POST",
        "status_code": 200,
        "duration_ns": 854_000_000,
        "trace_id": TRACE_ID,
        "span_id": "00f067aa0ba902b7",
    },
    "error": {
        "event_id": "5bc11dd7-9115-420b-bab6-7f445de899a9",
        "name": "Cannot read properties of undefined (reading 'price')",
        "error_type": "TypeError",
    },
    "long_task": {
        "event_id": "06ff65cf-dff2-4b27-b9e8-d70fda3c464a",
        "name": "177 ms task",
        "duration_ns": 177_500_000,
    },
    "vital": {
        "event_id": "ecea653e-6a8e-473d-8ace-ca6b055648ee",
        "name": "checkout",
        "duration_ns": 124_000_000,
    },
    "answer": {
        "event_id": "7c1f1c36-8d3e-4f4b-9df1-5f3c3c9f0a10",
        "name": "Which tent survives a storm?",
        "first_byte_ms": 310,
        "first_paint_ms": 342,
        "done_ms": 2470,
        "end_reason": "done",
        "trace_id": TRACE_ID,
    },
    "reaction": {
        "event_id": "d6f0c1de-4a0b-4d43-8a6e-0f4a0f3b7a55",
        "name": "thumbs down",
        "reaction": "thumbs_down",
        "trace_id": TRACE_ID,
    },
}


@pytest.mark.parametrize("kind", RUM_TYPES)
async def test_each_type_fills_its_columns(sender: Sender, kind: str) -> None:
    sent = sample(f"rum-{kind}.json")
    answer = sender.rum(lines(sent), {"user-agent": CHROME})
    assert answer.json() == {"accepted": 1, "rejected": 0, "reasons": []}
    (row,) = await sender.rows("rum_events")
    expected = SHARED | OWN[kind] | {"type": kind, "ts": datetime.fromtimestamp(sent["date"] / 1000, UTC)}
    assert {name: row[name] for name in expected} == expected
    assert row["raw"].encode() == lines(sent)


async def test_three_bad_lines_of_ten_are_explained_and_seven_stored(sender: Sender) -> None:
    good = [event(action={"id": f"a{number}"}) for number in range(7)]
    no_session = {key: value for key, value in event().items() if key != "session"}
    batch = [*good[:3], b'{"type":', *good[3:5], no_session, *good[5:], event(date="noon")]
    answer = sender.rum(lines(*batch))
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (7, 3)
    assert answer.json()["reasons"] == [
        {"index": 3, "where": "$", "expected": "one JSON object", "got": "Input data was truncated"},
        {"index": 6, "where": "$.session", "expected": "a value", "got": "nothing"},
        {"index": 9, "where": "$.date", "expected": "int | float", "got": "str"},
    ]
    assert len(await sender.rows("rum_events")) == 7


HOSTILE: dict[str, bytes] = {
    "not UTF-8": b'{"context":{"note":"\xff\xfe"},%s',
    "half of a UTF-8 character": b'{"context":{"note":"\xf0\x9f"},%s',
    "NaN": b'{"context":{"n":NaN},%s',
    "Infinity": b'{"context":{"n":-Infinity},%s',
    "a lone high surrogate": b'{"context":{"note":"\\ud800"},%s',
    "a lone low surrogate": b'{"context":{"note":"\\uDC00!"},%s',
    "10,000 levels": b'{"context":' + b"[" * 10_000 + b"]" * 10_000 + b",%s",
    "10,000 objects": b'{"context":' + b'{"a":' * 10_000 + b"1" + b"}" * 10_000 + b",%s",
    "200 levels": b'{"context":' + b"[" * 200 + b"]" * 200 + b",%s",
    "a number beyond a double": b'{"context":{"n":1e999},%s',
    "two documents": b'{"a":1} {"b":2} %s',
    "an array": b"[%s]",
    "a string": b'"event" %s',
    "nothing known": b'{"x":1}%s',
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_a_hostile_line_is_a_reason_and_its_neighbours_are_kept(sender: Sender, name: str) -> None:
    rest = lines(event())[1:]
    body = lines(
        event(action={"id": "before"}), HOSTILE[name].replace(b"%s", rest), event(action={"id": "after"})
    )
    answer = sender.rum(body)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2, 1)
    assert answer.json()["reasons"][0]["index"] == 1
    assert [row["event_id"] for row in await sender.rows("rum_events", order="event_id")] == [
        "after",
        "before",
    ]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"session": {"id": "s" * 10_000}}, "$.session.id"),
        ({"session": {"id": ""}}, "$.session.id"),
        ({"view": {"id": 7}}, "$.view.id"),
        ({"application": {"id": "a" * 129}}, "$.application.id"),
        ({"date": 10**15}, "$.date"),
        ({"date": -1}, "$.date"),
        ({"date": 2**70}, "$.date"),
        ({"type": ""}, "$.type"),
        ({"type": "t" * 65}, "$.type"),
        ({"type": None}, "$.type"),
        ({"action": {"id": "a" * 129}}, "$.action.id"),
        ({"tab": "zero"}, "$.tab"),
    ],
)
async def test_a_bad_field_is_named(sender: Sender, change: dict[str, Any], where: str) -> None:
    answer = sender.rum(lines(event(**change), event("view"))).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert answer["reasons"][0]["where"] == where


@pytest.mark.parametrize(
    "change",
    [
        {"session": {"id": "s" * 128}},
        {"session": {"id": "session/../%00 '\"\\ 日本"}},
        {"context": [[[[[[[[[[[[[[[[[[[["deep"]]]]]]]]]]]]]]]]]]]]},
        {"context": [[number] for number in range(500)]},
        {"context": {"big": 2**80, "deep": [[[[[]]]]], "nul": "\x00", "emoji": "😀"}},
        {"usr": {"id": 42, "name": None, "email": True}},
        {"usr": {}},
        {"usr": None},
        {"resource": {"duration": 2**80, "status_code": 10**9}},
        {"resource": {"duration": -5, "status_code": -1}},
        {"action": {"id": []}},
        {"action": {"id": ["one", "two"]}},
        {"view": {"id": "v", "url": "x" * 100_000, "name": 5}},
        {"_dd": {"trace_id": "not a number"}},
        {"_dd": {"document_version": 2**70}},
        {"dip": {"trace_id": "zz"}},
        {"ddtags": ",,::,env:"},
        {"date": 1795375280000.75},
        {"date": 0},
        {"unknown": {"": {"__proto__": 1}}},
    ],
)
async def test_odd_and_allowed_is_kept(sender: Sender, change: dict[str, Any]) -> None:
    for kind in ("action", "resource", "view"):
        assert sender.rum(lines(event(kind, **change))).json()["accepted"] == 1
    assert len(await sender.rows("rum_events")) >= 2


async def test_unknown_types_are_kept_and_counted(sender: Sender) -> None:
    before = sender.house.drops.unknown_counts().get("rum.hologram", 0)
    assert sender.rum(lines(event("view", type="hologram"))).json()["accepted"] == 1
    (row,) = await sender.rows("rum_events")
    assert (row["type"], row["name"]) == ("hologram", "hologram")
    assert sender.house.drops.unknown_counts()["rum.hologram"] == before + 1


async def test_what_is_refused_is_counted(sender: Sender) -> None:
    before = sender.house.drops.counts().get("rum.malformed", 0)
    sender.rum(b"{\n{\n{")
    assert sender.house.drops.counts()["rum.malformed"] == before + 3


async def test_the_reasons_stop_at_100(sender: Sender) -> None:
    answer = sender.rum(b"\n".join([b"{"] * 250)).json()
    assert (answer["rejected"], len(answer["reasons"])) == (250, 100)


async def test_150_days_in_one_batch_are_stored(sender: Sender) -> None:
    now_ms = time.time_ns() // 1_000_000
    batch = [event(date=now_ms - day * DAY_MS, action={"id": f"day-{day}"}) for day in range(-75, 75)]
    assert sender.rum(lines(*batch)).json()["accepted"] == 150
    rows = await sender.rows("rum_events", "event_id, ts, seen_at, received_at")
    assert len(rows) == 150
    for row in rows:
        assert abs(row["ts"].timestamp() * 1000 - (now_ms - int(row["event_id"][4:]) * DAY_MS)) < 1
        early_s = (row["received_at"] - row["seen_at"]).total_seconds()
        assert -300 <= early_s <= 86_400


@pytest.mark.parametrize("error_ms", [7_000, -7_000, 365 * DAY_MS, -365 * DAY_MS])
async def test_a_wrong_clock_is_corrected_by_when_the_batch_was_sent(sender: Sender, error_ms: int) -> None:
    page_now_ms = time.time_ns() // 1_000_000 + error_ms
    sender.rum(lines(event(date=page_now_ms - 2_000)), sent_at=page_now_ms)
    (row,) = await sender.rows("rum_events")
    seconds_ago = (row["received_at"] - row["seen_at"]).total_seconds()
    assert 1.9 < seconds_ago < 3
    assert abs(row["clock_offset_ms"] + error_ms) < 1_000
    assert row["ts"].timestamp() * 1000 == pytest.approx(page_now_ms - 2_000, abs=1)


@pytest.mark.parametrize("sent_at", ["", "noon", "-5", "9" * 40, "٣"])
async def test_a_sent_at_that_is_no_time_is_ignored(sender: Sender, sent_at: str) -> None:
    assert sender.rum(lines(event()), sent_at=sent_at).json()["accepted"] == 1
    (row,) = await sender.rows("rum_events")
    assert row["clock_offset_ms"] is None


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            {"dip": {"trace_id": TRACE_ID.upper(), "span_id": "00F067AA0BA902B7"}},
            (TRACE_ID, "00f067aa0ba902b7"),
        ),
        (
            {"_dd": {"trace_id": "15831396780430801194", "span_id": "8081551333668549421"}},
            (format(15831396780430801194, "032x"), format(8081551333668549421, "016x")),
        ),
        ({"dip": {"trace_id": "0" * 32}}, ("", "")),
        ({"dip": {"trace_id": "+" + "1" * 31}}, ("", "")),
        ({"_dd": {"trace_id": "0"}}, ("", "")),
        ({"_dd": {"trace_id": str(2**128)}}, ("", "")),
    ],
)
async def test_trace_ids(sender: Sender, change: dict[str, Any], expected: tuple[str, str]) -> None:
    sender.rum(lines(event("long_task", **change)))
    (row,) = await sender.rows("rum_events")
    assert (row["trace_id"], row["span_id"]) == expected


async def test_events_without_an_id_are_named_by_ours_or_by_their_content(sender: Sender) -> None:
    named = event("answer", answer={"url": "/chat"}, dip={"event_id": "our-own"})
    nameless = event("vital", vital={"name": "x"})
    for _ in range(2):
        sender.rum(lines(named, nameless, event("view", type="view_update")))
    rows = await sender.database.query(
        "SELECT DISTINCT event_id FROM rum_events WHERE project_id = {p:String} ORDER BY event_id",
        {"p": sender.project_id},
    )
    ids = [row["event_id"] for row in rows]
    assert len(ids) == 3
    assert "our-own" in ids
    assert "558ef563-24d6-4471-9078-d1b8521e1b20:4:update" in ids


async def test_the_first_write_of_an_event_wins(sender: Sender) -> None:
    at = event()["date"]
    sender.rum(lines(event(date=at, action={"id": "one", "target": {"name": "first"}})))
    await asyncio.sleep(0.01)
    sender.rum(lines(event(date=at, action={"id": "one", "target": {"name": "overwritten"}})))
    rows = await sender.rows("rum_events FINAL", "name")
    assert rows == [{"name": "first"}]


async def test_an_application_is_made_on_first_sight_and_they_are_bounded(sender: Sender) -> None:
    batch = [event(application={"id": f"app-{number}"}) for number in range(MAX_APPLICATIONS + 3)]
    answer = sender.rum(lines(*batch)).json()
    assert (answer["accepted"], answer["rejected"]) == (MAX_APPLICATIONS, 3)
    assert answer["reasons"][0]["where"] == "$.application.id"


async def test_a_session_over_its_share_is_refused_and_others_are_not(
    open_doors: OpenDoors, database: Database, project_id: str
) -> None:
    sender = sender_of(open_doors(Limits(session_events=5)), database, project_id)
    for _ in range(2):
        answer = sender.rum(lines(*[event(action={"id": f"a{number}"}) for number in range(3)])).json()
    assert (answer["accepted"], answer["rejected"]) == (0, 3)
    assert answer["reasons"][0]["where"] == "$.session.id"
    assert sender.rum(lines(event(session={"id": "another"}))).json()["accepted"] == 1
    assert sender.house.drops.counts()["rum.session_over_quota"] == 3


async def test_a_body_above_1_mb_is_read_like_any_other(sender: Sender) -> None:
    batch = [event(action={"id": f"a{number}"}, context={"pad": "x" * 5_000}) for number in range(400)]
    body = lines(*batch, b"{")
    assert len(body) > 2_000_000
    answer = sender.rum(body).json()
    assert (answer["accepted"], answer["rejected"]) == (400, 1)
    rows = await sender.rows("rum_events", "count() AS events", "events")
    assert rows == [{"events": 400}]
