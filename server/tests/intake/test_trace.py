"""Spans over OTLP: both encodings, whole traces, damaged parts, limits."""

import gzip
import json
import random
from typing import Any

import pytest
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from .conftest import Sender
from .samples import TRACE_ID, attribute, otlp, sample, sample_bytes, span, span_event

PROTOBUF = "application/x-protobuf"


def protobuf(body: bytes) -> bytes:
    """The same request in protobuf; ids are hex in our JSON and base64 in protobuf's own."""
    request = json.loads(body)
    ids: list[tuple[str, str, str]] = []
    for resource in request["resourceSpans"]:
        for scope in resource["scopeSpans"]:
            for each in scope["spans"]:
                ids += [(each.pop("traceId"), each.pop("spanId"), each.pop("parentSpanId", ""))]
    message = Parse(json.dumps(request), ExportTraceServiceRequest())
    spans = [s for r in message.resource_spans for c in r.scope_spans for s in c.spans]
    for made, (trace_id, span_id, parent_id) in zip(spans, ids, strict=True):
        made.trace_id, made.span_id = bytes.fromhex(trace_id), bytes.fromhex(span_id)
        made.parent_span_id = bytes.fromhex(parent_id)
    return message.SerializeToString()


def without_times(row: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value for name, value in row.items() if name not in ("received_at", "seen_at", "precedence")
    }


@pytest.mark.parametrize("encoding", ["json", "protobuf", "json gzip", "protobuf gzip"])
async def test_the_sample_trace_is_stored_whole(sender: Sender, encoding: str) -> None:
    body = sample_bytes("otlp-trace.json")
    content_type = "application/json"
    if encoding.startswith("protobuf"):
        body, content_type = protobuf(body), PROTOBUF
    packed = encoding.endswith("gzip")
    answer = sender.traces(
        gzip.compress(body) if packed else body,
        content_type,
        {"content-encoding": "gzip"} if packed else {},
    )
    assert answer.status_code == 200
    assert answer.headers["content-type"] == content_type
    assert answer.content == (b"{}" if content_type == "application/json" else b"")
    rows = await sender.rows("spans", order="start_ns")
    assert [(row["name"], row["kind"], row["duration_ns"] // 1_000_000) for row in rows] == [
        ("agent_loop", "agent", 2450),
        ("search_catalogue", "retrieval", 50),
        ("chat claude-sonnet-4-5", "llm", 1030),
        ("wind_test", "tool", 40),
    ]
    agent, _, chat, tool = rows
    assert {row["trace_id"] for row in rows} == {TRACE_ID}
    assert [row["parent_id"] for row in rows] == ["00f067aa0ba902b7", *["a1b2c3d4e5f60718"] * 3]
    assert {(row["service"], row["ml_app"], row["scope"]) for row in rows} == {
        ("concierge", "concierge", "diptych")
    }
    assert (agent["session_id"], agent["session_source"]) == (
        "2ac6be95-a9a7-4690-98f0-19c958e83e96",
        "explicit",
    )
    assert (chat["ttft_ms"], chat["has_usage"]) == (310.0, 1)
    assert chat["cost_usd"] == pytest.approx(200 * 3e-6 + 1000 * 0.3e-6 + 64 * 15e-6)
    assert json.loads(tool["output"]) == {"km_h": 110}


async def test_both_encodings_make_the_same_rows(sender: Sender) -> None:
    body = otlp(
        span(
            {
                "text": "ç😀",
                "int": -(2**63),
                "float": 1.5,
                "yes": True,
                "list": [1, "two", [3]],
                "map": {"a": {"b": 1}},
            },
            events=[span_event("exception", {"exception.type": "ValueError", "exception.message": "no"}, 7)],
            links=[{"traceId": "", "spanId": "", "attributes": [attribute("why", "retry")]}],
            status={"code": 2, "message": "failed"},
        )
    )
    sender.traces(body)
    as_json = await sender.rows("spans")
    sender.traces(protobuf(body), PROTOBUF)
    rows = await sender.rows("spans", order="precedence")
    assert len(rows) in (1, 2)
    assert without_times(rows[-1]) == without_times(as_json[0])
    raw = json.loads(rows[0]["raw"])
    assert raw["attributes"]["map"] == {"a": {"b": 1}}
    assert raw["attributes"]["int"] == -(2**63)
    assert raw["events"][0]["attributes"]["exception.type"] == "ValueError"
    assert raw["links"][0]["attributes"] == {"why": "retry"}


async def test_a_trace_of_5000_spans_is_stored_whole(sender: Sender) -> None:
    spans = [span({"n": number}, spanId=f"{number + 1:016x}") for number in range(5_000)]
    assert sender.traces(protobuf(otlp(*spans)), PROTOBUF).status_code == 200
    assert await sender.rows("spans", "count() AS spans, uniqExact(span_id) AS ids", "spans") == [
        {"spans": 5_000, "ids": 5_000}
    ]


@pytest.mark.parametrize("key", ["input.value", "http.body", "gen_ai.input.messages"])
@pytest.mark.parametrize("character", ["x", "ç"])
async def test_a_text_of_1_mb_is_cut_with_a_mark(sender: Sender, key: str, character: str) -> None:
    text = character * 1_000_000
    size = len(text.encode())
    value = (
        json.dumps([{"role": "user", "parts": [{"type": "text", "content": text}]}])
        if "messages" in key
        else text
    )
    assert sender.traces(otlp(span({key: value, "after": "kept"}))).json() == {}
    (row,) = await sender.rows("spans")
    held = row["input"] + row["raw"]
    assert f"…[cut by diptych: 524288 of {size} bytes kept]" in held
    assert len(held.encode()) < 530_000
    assert json.loads(row["raw"])["attributes"]["after"] == "kept"


async def test_a_conversation_of_1_mb_in_many_messages_is_kept_whole(sender: Sender) -> None:
    said = [
        {"role": "user", "parts": [{"type": "text", "content": f"{n} " + "x" * 10_000}]} for n in range(100)
    ]
    sender.traces(otlp(span({"gen_ai.operation.name": "chat", "gen_ai.input.messages": json.dumps(said)})))
    (row,) = await sender.rows("spans")
    assert json.loads(row["input"]) == said
    assert row["input_preview"].startswith("99 xxx")
    assert len(row["input_preview"]) == 300


BAD_SPANS: list[tuple[dict[str, Any], str]] = [
    ({"traceId": "00" * 16}, "$.trace_id"),
    ({"traceId": "abc"}, "$.trace_id"),
    ({"traceId": "z" * 32}, "$.trace_id"),
    ({"spanId": ""}, "$.span_id"),
    ({"spanId": "1" * 5_000}, "$.span_id"),
    ({"startTimeUnixNano": str(2**64)}, "$.start_time_unix_nano"),
    ({"startTimeUnixNano": "noon"}, "$.start_time_unix_nano"),
    ({"endTimeUnixNano": -1}, "$.end_time_unix_nano"),
    ({"name": 5}, "$.name"),
    ({"attributes": [{"value": {}}]}, "$.attributes[0].key"),
    ({"attributes": {"a": 1}}, "$.attributes"),
    ({"traceId": None}, "$.traceId"),
]


@pytest.mark.parametrize(("change", "where"), BAD_SPANS)
async def test_a_bad_span_is_told_and_the_others_are_kept(
    sender: Sender, change: dict[str, Any], where: str
) -> None:
    body = otlp(span(spanId="00000000000000a1"), span(**change), span(spanId="00000000000000a2"))
    answer = sender.traces(body)
    assert answer.status_code == 200
    partial = answer.json()["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert partial["errorMessage"].startswith(f"span 1: {where}: expected ")
    assert [row["span_id"] for row in await sender.rows("spans", order="span_id")] == [
        "00000000000000a1",
        "00000000000000a2",
    ]


HOSTILE_VALUES = {
    "not UTF-8": b'{"stringValue":"\xff"}',
    "a lone surrogate": b'{"stringValue":"\\ud800"}',
}


@pytest.mark.parametrize("name", HOSTILE_VALUES)
async def test_a_hostile_value_costs_its_own_span_alone(sender: Sender, name: str) -> None:
    body = otlp(span(spanId="00000000000000a1"), span({"hostile": "HERE"}))
    answer = sender.traces(body.replace(b'{"stringValue":"HERE"}', HOSTILE_VALUES[name]))
    assert answer.json()["partialSuccess"]["rejectedSpans"] == "1"
    assert len(await sender.rows("spans")) == 1


@pytest.mark.parametrize("hostile", HOSTILE_VALUES.values(), ids=HOSTILE_VALUES)
async def test_a_hostile_value_of_a_resource_costs_no_span(sender: Sender, hostile: bytes) -> None:
    body = otlp(span(spanId="00000000000000a1"), span(spanId="00000000000000a2"))
    request = json.loads(body)
    (resource,) = request["resourceSpans"]
    resource["resource"]["attributes"] += [attribute("hostile", "HERE"), attribute("list", "HERE")]
    resource["scopeSpans"][0]["scope"] = {"name": "lib\ud800", "version": "1"}
    text = json.dumps(request, separators=(",", ":")).encode()
    assert sender.traces(text.replace(b'{"stringValue":"HERE"}', hostile)).json() == {}
    rows = await sender.rows("spans", order="span_id")
    assert [row["span_id"] for row in rows] == ["00000000000000a1", "00000000000000a2"]
    assert {row["scope"] for row in rows} == {"lib\ufffd"}


async def test_null_stands_for_what_is_not_given(sender: Sender) -> None:
    sent = span(attributes=None, events=None, links=None, status=None, parentSpanId=None)
    request = {"resourceSpans": [{"resource": None, "scopeSpans": [{"scope": None, "spans": [sent]}]}]}
    assert sender.traces(json.dumps(request).encode()).json() == {}
    assert len(await sender.rows("spans")) == 1


async def test_nan_as_a_word_is_taken_as_its_text(sender: Sender) -> None:
    body = otlp(span({"score": "HERE"}))
    assert sender.traces(body.replace(b'{"stringValue":"HERE"}', b'{"doubleValue":NaN}')).json() == {}
    (row,) = await sender.rows("spans")
    assert json.loads(row["raw"])["attributes"] == {"score": None}


def test_10000_levels_take_the_request_with_them(sender: Sender) -> None:
    """Nobody can find the end of such a span without walking all its levels."""
    deep = b'{"arrayValue":{"values":[' * 10_000 + b"]}}" * 10_000
    answer = sender.traces(otlp(span({"a": "HERE"})).replace(b'{"stringValue":"HERE"}', deep))
    assert answer.status_code == 400
    assert answer.json()["detail"] == "expected fewer nested levels, got a value nested too deeply"


@pytest.mark.parametrize(
    "value",
    [
        {"doubleValue": "NaN"},
        {"doubleValue": "-Infinity"},
        {"intValue": str(2**80)},
        {"intValue": "many"},
        {"intValue": 5},
        {"bytesValue": "AAEC"},
        {},
        {"stringValue": "[" * 10_000 + "]" * 10_000},
        {"stringValue": "\x00\x1f"},
    ],
)
@pytest.mark.parametrize(
    "key",
    [
        "any",
        "gen_ai.usage.input_tokens",
        "gen_ai.input.messages",
        "session.id",
        "diptych.tags",
        "input.value",
    ],
)
async def test_odd_values_are_stored_and_can_be_read(sender: Sender, key: str, value: dict[str, Any]) -> None:
    sent = span({"gen_ai.operation.name": "chat"})
    sent["attributes"].append({"key": key, "value": value})
    assert sender.traces(otlp(sent)).json() == {}
    (row,) = await sender.rows("spans")
    json.loads(row["raw"])


async def test_a_text_that_is_no_utf8_costs_its_own_span_alone_in_protobuf_too(sender: Sender) -> None:
    body = protobuf(
        otlp(span(spanId="00000000000000a1"), span({"hostile": "HERE"}), span(spanId="00000000000000a2"))
    )
    answer = sender.traces(body.replace(b"HERE", b"\xff\xfe\xff\xff"), PROTOBUF)
    assert answer.status_code == 200
    partial = ExportTraceServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_spans == 1
    assert partial.error_message == "span 1: $: expected protobuf with texts in UTF-8, got damaged bytes"
    rows = await sender.rows("spans", order="span_id")
    assert [row["span_id"] for row in rows] == ["00000000000000a1", "00000000000000a2"]
    assert rows[0]["service"] == "svc"


def test_protobuf_that_is_cut_off_is_400(sender: Sender) -> None:
    whole = protobuf(sample_bytes("otlp-trace.json"))
    for end in (1, len(whole) // 3, len(whole) - 1):
        answer = sender.traces(whole[:end], PROTOBUF)
        assert answer.status_code == 400
        assert "cut off" in answer.json()["detail"]


def test_random_bytes_are_never_an_error_of_ours(sender: Sender) -> None:
    source = random.Random(7)
    whole = protobuf(sample_bytes("otlp-trace.json"))
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(source.randrange(1, 12)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        assert sender.traces(bytes(damaged), PROTOBUF).status_code in (200, 400)
        assert sender.traces(source.randbytes(200), PROTOBUF).status_code in (200, 400)


@pytest.mark.parametrize(
    "body", [b"[]", b"{", b'{"resourceSpans":5}', b'{"resourceSpans":[{"scopeSpans":{}}]}']
)
def test_json_that_is_no_request_is_400(sender: Sender, body: bytes) -> None:
    assert sender.traces(body).status_code == 400


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"status": {"code": 2, "message": "failed"}}, ("error", "", "failed")),
        ({"status": {"code": "STATUS_CODE_ERROR"}}, ("error", "", "")),
        (
            {
                "status": {"code": 2},
                "events": [
                    span_event("exception", {"exception.type": "ValueError", "exception.message": "no"})
                ],
            },
            ("error", "ValueError", "no"),
        ),
        (
            {"status": {"code": 2, "message": "m"}, "attributes": [attribute("error.type", "timeout")]},
            ("error", "timeout", "m"),
        ),
        ({"status": {"code": 1}}, ("ok", "", "")),
        ({"events": [span_event("exception", {"exception.type": "Handled"})]}, ("ok", "", "")),
    ],
)
async def test_why_a_span_failed(
    sender: Sender, fields: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    sender.traces(otlp(span(**fields)))
    (row,) = await sender.rows("spans")
    assert (row["status"], row["error_type"], row["error_message"]) == expected


@pytest.mark.parametrize(
    ("attributes", "resource", "expected"),
    [
        ({"session.id": "s"}, {}, ("", "", "s")),
        ({"session.id": "s" * 128}, {}, ("", "", "s" * 128)),
        ({"session.id": "s" * 10_000}, {}, ("", "", "")),
        ({"session.id": 7}, {}, ("", "", "7")),
        ({}, {"session.id": "r"}, ("", "", "r")),
        ({"session.id": "s"}, {"session.id": "r"}, ("", "", "s")),
        ({"diptych.session.id": "d"}, {}, ("d", "explicit", "")),
        ({"diptych.session.id": "d", "diptych.session.source": "spam"}, {}, ("d", "explicit", "")),
        ({"diptych.session.id": "d", "session.id": "s"}, {}, ("d", "explicit", "s")),
    ],
)
async def test_what_a_span_says_of_its_session(
    sender: Sender, attributes: dict[str, Any], resource: dict[str, Any], expected: tuple[str, str, str]
) -> None:
    sender.traces(otlp(span(attributes), resource={"service.name": "svc"} | resource))
    (row,) = await sender.rows("spans")
    assert (row["session_id"], row["session_source"], row["session_claim"]) == expected


async def test_a_span_that_ends_before_it_starts_lasts_no_time(sender: Sender) -> None:
    sender.traces(otlp(span(startTimeUnixNano="2000000000", endTimeUnixNano="1000000000")))
    (row,) = await sender.rows("spans")
    assert row["duration_ns"] == 0
    assert (row["received_at"] - row["seen_at"]).total_seconds() == 86_400


async def test_the_sample_is_a_request_of_otlp() -> None:
    assert {
        scope["scope"]["name"]
        for r in sample("otlp-trace.json")["resourceSpans"]
        for scope in r["scopeSpans"]
    }
    ExportTraceServiceRequest.FromString(protobuf(sample_bytes("otlp-trace.json")))
