"""Replay segments: a blob under a key that holds its hash, and a row that points to it."""

import gzip
from typing import Any

import msgspec
import pytest

from diptych_server.intake.limits import Limits
from diptych_server.store.database import Database

from .conftest import OpenDoors, Sender, lines, sender_of
from .samples import sample_bytes, segment_lines


async def blob_lines(sender: Sender, key: str) -> list[Any]:
    content = gzip.decompress(await sender.house.blobs.get(key))
    return [msgspec.json.decode(line) for line in content.splitlines()]


@pytest.mark.parametrize("packed", [True, False])
async def test_a_segment_is_stored_as_it_was_recorded(sender: Sender, packed: bool) -> None:
    body = sample_bytes("replay-segment.ndjson")
    answer = sender.replay(gzip.compress(body), encoding="gzip") if packed else sender.replay(body)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 4, "rejected": 0, "reasons": []})
    (row,) = await sender.rows("replay_segments")
    expected = {
        "session_id": "2ac6be95-a9a7-4690-98f0-19c958e83e96",
        "view_id": "558ef563-24d6-4471-9078-d1b8521e1b20",
        "tab_id": "0db7c831-68d5-4d3a-9e85-b7bd23b521de",
        "segment_index": 0,
        "records": 4,
        "has_full_snapshot": 1,
        "format": "rrweb",
    }
    assert {name: row[name] for name in expected} == expected
    assert (row["end"] - row["start"]).total_seconds() == 1.2
    assert row["content_hash"] in row["blob_key"]
    assert row["bytes"] == len(await sender.house.blobs.get(row["blob_key"]))
    assert await blob_lines(sender, row["blob_key"]) == segment_lines()


async def test_the_same_segment_twice_is_one_blob_and_one_row(sender: Sender) -> None:
    for _ in range(2):
        assert sender.replay(lines(*segment_lines())).json()["accepted"] == 4
    rows = await sender.rows("replay_segments", "DISTINCT blob_key")
    assert len(rows) == 1
    assert len(await sender.rows("replay_segments FINAL")) == 1


async def test_nobody_overwrites_what_is_stored(sender: Sender) -> None:
    mine = segment_lines()
    forged = [*segment_lines(), {"type": 5, "timestamp": 1795375281000, "data": {"tag": "x", "payload": {}}}]
    sender.replay(lines(*mine))
    sender.replay(lines(*forged))
    rows = await sender.rows("replay_segments", order="precedence DESC")
    assert len(rows) == 2
    assert await blob_lines(sender, rows[0]["blob_key"]) == mine


async def test_bad_records_are_explained_and_the_others_kept(sender: Sender) -> None:
    header, *records = segment_lines()
    broken = [
        b'{"type":',
        b'{"type":3}',
        b'{"type":"x","timestamp":1}',
        b'{"type":3,"timestamp":1,"d":"\\ud800"}',
    ]
    answer = sender.replay(lines(header, *records[:2], *broken, *records[2:])).json()
    assert (answer["accepted"], answer["rejected"]) == (4, 4)
    assert [reason["index"] for reason in answer["reasons"]] == [2, 3, 4, 5]
    (row,) = await sender.rows("replay_segments")
    assert await blob_lines(sender, row["blob_key"]) == segment_lines()


@pytest.mark.parametrize(("levels", "is_kept"), [(500, True), (900, False), (10_000, False)])
async def test_a_deep_page_is_kept_and_a_bottomless_one_is_not(
    sender: Sender, levels: int, is_kept: bool
) -> None:
    deep = b'{"type":2,"timestamp":1795375281000,"data":' + b"[" * levels + b"]" * levels + b"}"
    answer = sender.replay(lines(*segment_lines(), deep)).json()
    assert (answer["accepted"], answer["rejected"]) == ((5, 0) if is_kept else (4, 1))


@pytest.mark.parametrize(
    ("header", "where"),
    [
        ({"format": "video"}, "$.format"),
        ({"session": {"id": "s" * 10_000}}, "$.session.id"),
        ({"view": {}}, "$.view.id"),
        ({"index_in_view": -1}, "$.index_in_view"),
        ({"index_in_view": 2**70}, "$.index_in_view"),
        ({"start": "now"}, "$.start"),
        ({"end": 10**17}, "$.end"),
    ],
)
async def test_a_header_that_says_nothing_is_400(sender: Sender, header: dict[str, Any], where: str) -> None:
    answer = sender.replay(lines(*segment_lines(**header)))
    assert answer.status_code == 400
    assert answer.json()["where"] == where


@pytest.mark.parametrize("body", [b"", b"\n\n", b"\xff\xff", b"[]", b"{" * 20_000, b'{"format":"rrweb"}'])
def test_a_body_without_a_header_is_400(sender: Sender, body: bytes) -> None:
    assert sender.replay(body).status_code == 400


def test_a_segment_without_records_is_refused(sender: Sender) -> None:
    answer = sender.replay(lines(segment_lines()[0]))
    assert (answer.status_code, answer.json()["accepted"], answer.json()["rejected"]) == (202, 0, 1)


async def test_ids_that_are_no_file_names_lie_safely(sender: Sender) -> None:
    for session_id in ("../../etc", "a/b", "..", "日本", "x" * 128, ".", "CON"):
        answer = sender.replay(lines(*segment_lines(session={"id": session_id})))
        assert answer.json()["accepted"] == 4
    rows = await sender.rows("replay_segments")
    assert len(rows) == 7
    for row in rows:
        assert row["blob_key"].count("/") == 4
        assert "." not in row["blob_key"].split("/")[2]
        assert len(await blob_lines(sender, row["blob_key"])) == 5


async def test_replay_counts_against_the_share_of_its_session(
    open_doors: OpenDoors, database: Database, project_id: str
) -> None:
    sender = sender_of(open_doors(Limits(session_bytes=2_000)), database, project_id)
    answers = [sender.replay(lines(*segment_lines(index_in_view=index))).json() for index in range(3)]
    assert [answer["accepted"] for answer in answers] == [4, 0, 0]
    assert answers[1]["reasons"][0]["where"] == "$.session.id"
