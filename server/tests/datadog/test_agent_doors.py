"""The doors that ddtrace takes for its agent's: answers it understands, and input that it would not send."""

import json
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from .conftest import Door

MSGPACK = "application/msgpack"
JSON = "application/json"
NS = 1_000_000_000
START_NS = 1_795_384_000 * NS


def apm_span(span_id: int, event: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    meta_struct = {} if event is None else {"meta_struct": {"_llmobs": msgspec.msgpack.encode(event)}}
    return {
        "service": "shop",
        "name": "step",
        "resource": "task",
        "type": "llm",
        "trace_id": 1,
        "span_id": span_id,
        "start": START_NS,
        "duration": NS,
        **meta_struct,
        **more,
    }


def inner(trace_id: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "step",
        "trace_id": trace_id,
        "parent_id": "undefined",
        "ml_app": "shop",
        "meta": {"span": {"kind": "task"}, "input": {"value": "in"}},
        "tags": {"ml_app": "shop"},
        "_dd": {"sampling_decision": "1"},
    } | more


def llm_event(trace_id: str, span_id: str, **more: Any) -> dict[str, Any]:
    outer = {"span_id": span_id, "start_ns": START_NS, "duration": NS, "status": "ok"}
    return inner(trace_id, tags=["ml_app:shop"]) | outer | more


def envelope(*events: Any) -> dict[str, Any]:
    return {"_dd.stage": "raw", "event_type": "span", "spans": list(events)}


@pytest.fixture
def trace_id() -> str:
    return uuid4().hex


def span_ids(door: Door, trace_id: str) -> list[str]:
    return sorted(span["span_id"] for span in door.get(f"/traces/{trace_id}")["spans"])


def test_info_names_what_the_client_looks_for_and_asks_for_no_key(door: Door) -> None:
    info = httpx.get(f"{door.server.url}/info").json()
    assert {"/v0.4/traces", "/evp_proxy/v2/"} <= set(info["endpoints"])


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_traces_are_answered_with_rates_so_that_the_client_counts_none_as_lost(
    door: Door, method: str
) -> None:
    url = f"{door.server.url}/k/{door.server.server_key}/v0.4/traces"
    answer = httpx.request(method, url, content=msgspec.msgpack.encode([]), headers={"content-type": MSGPACK})
    assert (answer.status_code, answer.json()) == (200, {"rate_by_service": {"service:,env:": 1.0}})


@pytest.mark.parametrize(
    ("path", "expected"), [("/telemetry/proxy/api/v2/apmtelemetry", 202), ("/v0.7/config", 200)]
)
def test_what_the_client_sends_without_its_key_is_answered(door: Door, path: str, expected: int) -> None:
    answer = httpx.post(door.server.url + path, content=b"{}", headers={"content-type": JSON})
    assert (answer.status_code, answer.json()) == (expected, {})


def test_a_client_key_does_not_open_the_doors_of_agents(door: Door) -> None:
    answer = httpx.post(
        f"{door.server.url}/api/v2/llmobs", content=b"[]", headers={"dd-api-key": door.server.client_key}
    )
    assert answer.status_code == 403


def test_one_bad_span_costs_no_other(door: Door, trace_id: str) -> None:
    before = door.dropped().get("trace.malformed", 0)
    chunks = [
        [apm_span(1, inner(trace_id)), apm_span(2, inner(trace_id), meta={"a": 5})],
        [apm_span(3, inner("")), apm_span(4, inner(trace_id)), apm_span(5, {"meta": 7})],
        [apm_span(6, meta_struct={"_llmobs": b"\xc1"}), apm_span(2**64 - 1, inner(trace_id))],
    ]
    answer = door.post("/v0.4/traces", msgspec.msgpack.encode(chunks), MSGPACK)
    assert answer.status_code == 200
    assert span_ids(door, trace_id) == ["1", "18446744073709551615", "4"]
    assert door.dropped()["trace.malformed"] == before + 4


def test_a_text_that_is_no_utf8_or_a_chunk_that_is_none_costs_no_other_span(
    door: Door, trace_id: str
) -> None:
    before = door.dropped().get("trace.malformed", 0)
    hostile = apm_span(2, inner(trace_id), meta={"a": "HERE"})
    packed = msgspec.msgpack.encode(
        [[apm_span(1, inner(trace_id)), hostile], 7, [apm_span(3, inner(trace_id))]]
    )
    answer = door.post("/v0.4/traces", packed.replace(b"HERE", b"\xff" * 4), MSGPACK)
    assert answer.status_code == 200
    assert span_ids(door, trace_id) == ["1", "3"]
    assert door.dropped()["trace.malformed"] == before + 2


def test_a_text_that_is_no_utf8_within_an_event_costs_its_own_span(door: Door, trace_id: str) -> None:
    hostile = apm_span(2, inner(trace_id, name="HERE"))
    packed = msgspec.msgpack.encode([[apm_span(1, inner(trace_id)), hostile]]).replace(b"HERE", b"\xff" * 4)
    assert door.post("/v0.4/traces", packed, MSGPACK).status_code == 200
    assert span_ids(door, trace_id) == ["1"]


def test_the_older_format_is_answered_whatever_its_texts_are(door: Door) -> None:
    span = [0, 1, 0, 1, 1, 0, START_NS, NS, 0, {}, {}, 2]
    body = msgspec.msgpack.encode([["shop", "HERE", "web"], [[span]]]).replace(b"HERE", b"\xff" * 4)
    assert door.post("/v0.5/traces", body, MSGPACK).status_code == 200


@pytest.mark.parametrize("path", ["/v0.4/traces", "/v0.5/traces"])
@pytest.mark.parametrize("body", [b"", b"\x93\x91", b"\x81\xa1a\x01", b"\x91" * 100_000, b"\xff" * 10])
def test_truncated_and_foreign_msgpack_is_a_400(door: Door, path: str, body: bytes) -> None:
    answer = door.post(path, body, MSGPACK)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad request")


def test_the_older_format_is_counted_since_it_has_no_place_for_an_event(door: Door) -> None:
    before = door.dropped().get("datadog.apm_span", 0)
    span = [0, 1, 0, 1, 1, 0, START_NS, NS, 0, {}, {}, 2]
    body = msgspec.msgpack.encode([["shop", "web.request", "web"], [[span, span]]])
    assert door.post("/v0.5/traces", body, MSGPACK).status_code == 200
    assert door.dropped()["datadog.apm_span"] == before + 2


def test_a_session_that_only_the_chunk_knows_is_the_session_of_its_spans(door: Door, trace_id: str) -> None:
    chunk = [
        apm_span(1, inner(trace_id), meta={"_dd.p.llmobs_sid": "chat-1", "_dd.p.tid": "6b03652a00000000"})
    ]
    door.post("/v0.4/traces", msgspec.msgpack.encode([chunk]), MSGPACK)
    trace = door.get(f"/traces/{trace_id}")
    assert trace["conversation_id"] == "chat-1"
    assert trace["spans"][0]["attributes"]["apm_trace_id"] == "6b03652a000000000000000000000001"


def test_json_events_are_kept_whatever_stands_beside_them(door: Door, trace_id: str) -> None:
    body = json.dumps(
        [
            envelope(llm_event(trace_id, "1", session_id=123), {"trace_id": trace_id}, 7),
            envelope(llm_event(trace_id, "2", meta={"span.kind": "llm", "input": {"value": float("nan")}})),
            envelope(llm_event(trace_id, "3", meta={"span": {"kind": "experiment"}, "output": {"raw": [1]}})),
            envelope(),
        ]
    )
    answer = door.post("/evp_proxy/v4/api/v2/llmobs", body.encode(), JSON)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (3, 2)
    spans = {span["span_id"]: span for span in door.get(f"/traces/{trace_id}")["spans"]}
    assert spans["1"]["conversation_id"] == "123"
    assert (spans["2"]["kind"], spans["3"]["kind"]) == ("llm", "workflow")
    assert spans["3"]["output"] == '{"raw":[1]}'
    assert spans["3"]["attributes"]["ddtrace.span.kind"] == "experiment"


@pytest.mark.parametrize("bad", [7, "text", None, [], {"spans": 5}, {"spans": None}, {"spans": {}}])
def test_one_bad_envelope_costs_no_other(door: Door, trace_id: str, bad: Any) -> None:
    before = door.dropped().get("trace.malformed", 0)
    body = json.dumps([envelope(llm_event(trace_id, "1")), bad, envelope(llm_event(trace_id, "2"))])
    answer = door.post("/evp_proxy/v2/api/v2/llmobs", body.encode(), JSON)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2, 1)
    [reason] = answer.json()["reasons"]
    assert (reason["index"], reason["where"][:4]) == (1, "$[1]")
    assert span_ids(door, trace_id) == ["1", "2"]
    assert door.dropped()["trace.malformed"] == before + 1


def test_both_transports_of_one_span_leave_one(door: Door, trace_id: str) -> None:
    door.post("/v0.4/traces", msgspec.msgpack.encode([[apm_span(9, inner(trace_id))]]), MSGPACK)
    body = json.dumps([envelope(llm_event(trace_id, "9"))]).encode()
    for _ in range(2):
        door.post("/evp_proxy/v2/api/v2/llmobs", body, JSON)
    assert span_ids(door, trace_id) == ["9"]


@pytest.mark.parametrize(
    ("path", "lost"),
    [
        ("/api/v2/llmobs", "llmobs.unreadable"),
        ("/api/intake/llm-obs/v2/eval-metric", "eval-metric.unreadable"),
    ],
)
@pytest.mark.parametrize("body", [b"", b"{", b'"text"', b"\xff\xfe\xfa", b"[" * 100_000])
def test_what_is_no_json_of_the_client_is_a_400_and_counted(
    door: Door, path: str, lost: str, body: bytes
) -> None:
    before = door.dropped().get(lost, 0)
    answer = door.post(path, body, JSON)
    assert (answer.status_code, answer.json()["title"]) == (400, "Bad request")
    assert door.dropped()[lost] == before + 1


def test_one_bad_judgement_costs_no_other(door: Door, trace_id: str) -> None:
    def metric(**more: Any) -> dict[str, Any]:
        join = {"span": {"span_id": "1", "trace_id": trace_id}}
        return {"label": "tone", "metric_type": "score", "score_value": 1, "join_on": join} | more

    metrics = [
        metric(timestamp_ms=START_NS // 1_000_000),
        metric(score_value="no number"),
        metric(metric_type="mood"),
        metric(join_on=None),
        metric(label=""),
        {},
        metric(label="later", timestamp_ms=None),
    ]
    body = {"data": {"type": "evaluation_metric", "attributes": {"metrics": metrics}}}
    answer = door.post("/evp_proxy/v2/api/intake/llm-obs/v2/eval-metric", json.dumps(body).encode(), JSON)
    assert answer.status_code == 202
    assert (answer.json()["accepted"], answer.json()["rejected"]) == (2, 5)
    found = door.get("/evaluations", trace_id=trace_id)["items"]
    assert sorted(each["label"] for each in found) == ["later", "tone"]


@pytest.mark.parametrize(
    "path",
    [
        "/evp_proxy/v2/api/unstable/llm-obs/v1/projects",
        "/evp_proxy/v2/api/v2/llm-obs/v1/shop/datasets",
        "/api/unstable/llm-obs/v1/prompts/greeting",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH"])
def test_datasets_experiments_and_prompts_are_501(door: Door, path: str, method: str) -> None:
    answer = httpx.request(method, f"{door.server.url}/k/{door.server.server_key}{path}")
    assert (answer.status_code, answer.json()["title"]) == (501, "Not implemented")
