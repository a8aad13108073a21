"""What there is to play of a session, and the recorded events themselves."""

import gzip
from typing import Any

import pytest

from diptych_server.query import replay_events
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database
from diptych_server.store.rows import first_wins

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, blob, deliver, rum, segment, span, view

START_MS = ASKED_MS - 10_000


def snapshot(at_ms: int, **data: Any) -> dict[str, Any]:
    return {"type": 2, "timestamp": at_ms, "data": data}


async def test_views_come_in_order_of_time_with_their_segments_and_gaps(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id, version=2, view_url="http://shop/now"),
            view(project_id, version=1, view_url="http://shop/then"),
            *(segment(project_id, index, has_full_snapshot=int(index == 5)) for index in (1, 2, 5)),
            segment(project_id, 0, view_id="v0", start=START_MS - 900, end=START_MS - 100, tab_id="other"),
        ],
    )
    replay = (await ask("sessions", "s1", "replay")).json()
    assert replay["session_id"] == "s1"
    first, second = replay["views"]
    assert (first["view_id"], first["view_url"], first["tab_id"], first["gaps"]) == ("v0", "", "other", [])
    assert second == {
        "view_id": "v1",
        "view_url": "http://shop/now",
        "tab_id": "tab",
        "format": "rrweb",
        "start": START_MS + 5_000,
        "end": START_MS + 30_000,
        "segments": [
            {"index": index, "start": START_MS + 5_000 * index, "end": START_MS + 5_000 * (index + 1)}
            | {"records": 2, "has_full_snapshot": index == 5}
            for index in (1, 2, 5)
        ],
        "gaps": [
            {"from_index": 0, "to_index": 0, "reason": "not_received"},
            {"from_index": 3, "to_index": 4, "reason": "not_received"},
        ],
    }


async def test_the_length_of_a_replay_leaves_gaps_out_and_pauses_in(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            # 4 s, a pause of 1 s, 5 s; then two segments are missing; then 5 s.
            segment(project_id, 0, end=START_MS + 4_000),
            segment(project_id, 1),
            segment(project_id, 4),
            # Another view, 0.5 s.
            segment(project_id, 0, view_id="v2", start=START_MS, end=START_MS + 500),
        ],
    )
    assert (await ask("sessions", "s1")).json()["replay_ms"] == 15_500


async def test_the_first_delivery_of_a_segment_stays(
    database: Database, blobs: Blobs, project_id: str, ask: Ask
) -> None:
    first = segment(
        project_id, 0, content_hash="b", precedence=first_wins(NOW_MS), blob_key=f"{project_id}/b"
    )
    forged = segment(
        project_id,
        0,
        content_hash="a",
        precedence=first_wins(NOW_MS + 1),
        blob_key=f"{project_id}/a",
        end=START_MS + 9_000,
        records=99,
    )
    await deliver(database, [forged, first])
    await blobs.put(first.blob_key, blob([snapshot(START_MS)]))
    await blobs.put(forged.blob_key, blob([snapshot(1)]))
    [shown] = (await ask("sessions", "s1", "replay")).json()["views"]
    assert shown["segments"] == [
        {"index": 0, "start": START_MS, "end": START_MS + 5_000, "records": 2, "has_full_snapshot": True},
    ]
    events = (await ask("sessions", "s1", "replay", "events", view_id="v1")).json()["events"]
    assert events == [snapshot(START_MS)]


async def test_a_recording_shows_before_the_rum_of_its_session(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(database, [segment(project_id, 0)])
    assert len((await ask("sessions", "s1", "replay")).json()["views"]) == 1
    assert (await ask("sessions", "nobody", "replay")).status_code == 404
    other = f"{project_id}-other"
    assert (await ask("sessions", "s1", "replay", project=other)).status_code == 404


async def test_a_session_that_was_not_recorded_has_an_empty_replay(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(database, [rum(project_id, "click", clock_offset_ms=None), span(project_id)])
    assert (await ask("sessions", "s1", "replay")).json() == {
        "session_id": "s1",
        "views": [],
        "clock": {"offset_ms": 0.0, "error_ms": None},
    }


async def test_events_are_those_of_the_run_of_segments_as_recorded(
    database: Database, blobs: Blobs, project_id: str, ask: Ask
) -> None:
    recorded = {
        index: [snapshot(START_MS + index, node={"text": "ü\u2028", "n": 1.5}), {"type": 3, "data": {}}]
        for index in (0, 1, 3)
    }
    await deliver(database, [segment(project_id, index) for index in recorded])
    for index, events in recorded.items():
        await blobs.put(f"{project_id}/s1/v1/{index}-hash", blob(events))

    async def get(**parameters: Any) -> dict[str, Any]:
        answer = await ask("sessions", "s1", "replay", "events", view_id="v1", **parameters)
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    assert await get() == {
        "view_id": "v1",
        "from_index": 0,
        "to_index": 3,
        "events": recorded[0] + recorded[1] + recorded[3],
    }
    assert (await get(from_index=1, to_index=2))["events"] == recorded[1]
    assert (await get(from_index=3))["events"] == recorded[3]


@pytest.mark.parametrize(
    ("parameters", "status"),
    [
        ({"view_id": "v1", "from_index": 7}, 404),
        ({"view_id": "v1", "from_index": 0, "to_index": 0}, 404),
        ({"view_id": "nobody"}, 404),
        ({}, 400),
        ({"view_id": "v1", "from_index": -1}, 400),
        ({"view_id": "v1", "to_index": 2**32}, 400),
    ],
)
async def test_what_cannot_be_played_says_why(
    database: Database, project_id: str, ask: Ask, parameters: dict[str, Any], status: int
) -> None:
    await deliver(database, [segment(project_id, 1)])
    answer = await ask("sessions", "s1", "replay", "events", **parameters)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_blob_that_is_gone_is_not_found(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, [segment(project_id, 0)])
    answer = await ask("sessions", "s1", "replay", "events", view_id="v1")
    assert (answer.status_code, answer.json()["detail"]) == (404, "the recording of this segment is gone")


async def test_a_broken_line_costs_no_other_line(
    database: Database, blobs: Blobs, project_id: str, ask: Ask
) -> None:
    body = gzip.compress(b'{"format":"rrweb"}\n{"type":2}\n{"type":\n\n{"type":3}')
    await deliver(database, [segment(project_id, 0)])
    await blobs.put(f"{project_id}/s1/v1/0-hash", body)
    events = (await ask("sessions", "s1", "replay", "events", view_id="v1")).json()["events"]
    assert events == [{"type": 2}, {"type": 3}]


async def test_a_long_run_is_answered_up_to_what_fits(
    database: Database, blobs: Blobs, project_id: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_events, "MAX_ANSWER_BYTES", 2_500)
    await deliver(database, [segment(project_id, index) for index in range(3)])
    for index in range(3):
        await blobs.put(f"{project_id}/s1/v1/{index}-hash", blob([snapshot(index, text="x" * 1_000)]))
    first = (await ask("sessions", "s1", "replay", "events", view_id="v1")).json()
    assert (first["to_index"], len(first["events"])) == (1, 2)
    rest = (await ask("sessions", "s1", "replay", "events", view_id="v1", from_index=2)).json()
    assert (rest["to_index"], len(rest["events"])) == (2, 1)


async def test_a_segment_that_inflates_without_end_is_refused(
    database: Database, blobs: Blobs, project_id: str, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay_events, "MAX_ANSWER_BYTES", 2_500)
    await deliver(database, [segment(project_id, 0)])
    await blobs.put(f"{project_id}/s1/v1/0-hash", gzip.compress(b"\n" * 5_000_000))
    answer = await ask("sessions", "s1", "replay", "events", view_id="v1")
    assert answer.status_code == 413
