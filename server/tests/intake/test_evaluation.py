"""Judgements: of every type, joined in every way, before or after what they judge."""

import json
from typing import Any

import pytest

from .conftest import Sender, lines
from .samples import TRACE_ID, sample_bytes

AT_MS = 1795375290000


def body(*items: dict[str, Any]) -> bytes:
    return lines({"evaluations": list(items)})


def item(**changes: Any) -> dict[str, Any]:
    return {
        "label": "helpful",
        "metric_type": "boolean",
        "value": True,
        "join_on": {"trace": TRACE_ID},
    } | changes


async def test_the_sample_fills_its_columns(sender: Sender) -> None:
    answer = sender.post("/v1/evaluations", sample_bytes("evaluation.json"), key=sender.server_key)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 2, "rejected": 0, "reasons": []})
    score, helpful = await sender.rows("evaluations", order="label")
    expected = {
        "label": "faithfulness",
        "metric_type": "score",
        "value": "0.42",
        "score": 0.42,
        "assessment": "fail",
        "reasoning": "The answer names a tent that the documents do not.",
        "source": "judge",
        "submitter": "claude-sonnet-4-5",
        "trace_id": TRACE_ID,
        "span_id": "00f067aa0ba902b7",
        "tags": {"suite": "nightly"},
        "metadata": '{"threshold":0.7}',
    }
    assert {name: score[name] for name in expected} == expected
    assert helpful["value"] == "false"
    assert (helpful["session_id"], helpful["source"]) == ("2ac6be95-a9a7-4690-98f0-19c958e83e96", "human")
    assert helpful["submitter"] == "support-7"


@pytest.mark.parametrize(
    ("metric_type", "value"),
    [
        ("categorical", "good"),
        ("text", "It was fine."),
        ("score", 3),
        ("score", 0.25),
        ("boolean", False),
        ("json", {"a": [1, None, {"b": "ç"}]}),
        ("json", None),
    ],
)
async def test_every_type_of_value(sender: Sender, metric_type: str, value: Any) -> None:
    sender.post("/v1/evaluations", body(item(metric_type=metric_type, value=value)), key=sender.server_key)
    (row,) = await sender.rows("evaluations")
    assert json.loads(row["value"]) == value
    assert row["score"] == (value if metric_type == "score" else None)


@pytest.mark.parametrize(
    ("join_on", "columns"),
    [
        ({"span": {"span_id": "42", "trace_id": TRACE_ID.upper()}}, {"span_id": "42", "trace_id": TRACE_ID}),
        ({"trace": TRACE_ID}, {"trace_id": TRACE_ID}),
        ({"session": "s-1"}, {"session_id": "s-1"}),
        ({"turn": "t-1"}, {"turn_id": "t-1"}),
        ({"tag": {"key": "order", "value": "7"}}, {"join_tag_key": "order", "join_tag_value": "7"}),
        ({"feedback_key": "f-1"}, {"feedback_key": "f-1"}),
    ],
)
async def test_every_way_to_join(sender: Sender, join_on: dict[str, Any], columns: dict[str, str]) -> None:
    sender.post("/v1/evaluations", body(item(join_on=join_on)), key=sender.server_key)
    (row,) = await sender.rows("evaluations")
    assert {name: row[name] for name in columns} == columns


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"join_on": {}}, "$.join_on"),
        ({"join_on": {"spam": "x"}}, "$.join_on"),
        ({"join_on": {"session": ""}}, "$.join_on.session"),
        ({"metric_type": "vibes"}, "$.metric_type"),
        ({"value": "yes"}, "$.value"),
        ({"metric_type": "score", "value": True}, "$.value"),
        ({"metric_type": "score", "value": "0.3"}, "$.value"),
        ({"label": ""}, "$.label"),
        ({"label": "x" * 10_000}, "$.label"),
        ({"assessment": "maybe"}, "$.assessment"),
        ({"timestamp_ms": -1}, "$.timestamp_ms"),
        ({"source": "oracle"}, "$.source"),
    ],
)
async def test_a_bad_item_is_explained_and_the_others_kept(
    sender: Sender, change: dict[str, Any], where: str
) -> None:
    answer = sender.post("/v1/evaluations", body(item(), item(**change)), key=sender.server_key).json()
    assert (answer["accepted"], answer["rejected"]) == (1, 1)
    assert (answer["reasons"][0]["index"], answer["reasons"][0]["where"]) == (1, where)
    assert len(await sender.rows("evaluations")) == 1


@pytest.mark.parametrize("hostile", [b"NaN", b"-Infinity", b"1e999", b'"\xff"'])
async def test_a_score_that_is_no_json_costs_its_own_item_alone(sender: Sender, hostile: bytes) -> None:
    bad = item(value="HERE", label="bad", metric_type="score")
    sent = body(item(label="a"), bad, item(label="b")).replace(b'"HERE"', hostile)
    answer = sender.post("/v1/evaluations", sent, key=sender.server_key)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2, 1)
    [reason] = answer.json()["reasons"]
    assert (reason["index"], reason["where"]) == (1, "$.value")
    assert [row["label"] for row in await sender.rows("evaluations", order="label")] == ["a", "b"]


@pytest.mark.parametrize("hostile", [b"\xff", b"\\ud800"])
async def test_half_a_character_in_a_reasoning_costs_nothing_else(sender: Sender, hostile: bytes) -> None:
    sent = body(item(reasoning="cut HERE")).replace(b"HERE", hostile)
    assert sender.post("/v1/evaluations", sent, key=sender.server_key).json()["accepted"] == 1
    [row] = await sender.rows("evaluations")
    assert row["reasoning"] == "cut \ufffd"


@pytest.mark.parametrize("sent", [b"", b"[]", b"{}", b"\xff", b'{"evaluations":1}', b"[" * 20_000])
def test_another_body_is_400(sender: Sender, sent: bytes) -> None:
    assert sender.post("/v1/evaluations", sent, key=sender.server_key).status_code == 400


async def test_a_retry_counts_once_and_a_later_verdict_of_the_same_judge_wins_in_any_order(
    sender: Sender,
) -> None:
    first = item(timestamp_ms=AT_MS, value=False, source="judge", submitter="m")
    revised = item(timestamp_ms=AT_MS + 1, value=True, source="judge", submitter="m")
    other = item(timestamp_ms=AT_MS, value=False, source="human", submitter="p")
    for sent in (revised, first, revised, other, first):
        sender.post("/v1/evaluations", body(sent), key=sender.server_key)
    rows = await sender.rows("evaluations FINAL", "source, value", "source")
    assert rows == [{"source": "human", "value": "false"}, {"source": "judge", "value": "true"}]


async def test_a_page_speaks_for_a_person_and_overwrites_nothing(sender: Sender) -> None:
    verdict = item(source="judge", submitter="m", evaluation_id="mine")
    sender.post("/v1/evaluations", body(verdict), key=sender.server_key)
    forged = item(source="judge", submitter="m", evaluation_id="mine", value=False)
    assert sender.post("/v1/evaluations", body(forged), key=sender.client_key).status_code == 202
    rows = await sender.rows("evaluations FINAL", "source, value, evaluation_id", "source")
    assert [(row["source"], row["value"]) for row in rows] == [("human", "false"), ("judge", "true")]
    assert rows[1]["evaluation_id"] == "mine"
    assert rows[0]["evaluation_id"].startswith("page-")
