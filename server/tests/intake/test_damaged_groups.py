"""What is damaged above the spans of an OTLP request: its resources, its scopes, its groups."""

import json
from typing import Any

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from .conftest import Sender
from .samples import TRACE_ID, attribute, span
from .test_log import body_of, details, send

PROTOBUF = "application/x-protobuf"
SERVICE = attribute("service.name", "svc")

FIRST, LAST = "00000000000000a1", "00000000000000a3"
DAMAGED = "00000000000000a2"


def group(span_id: str, **changes: Any) -> dict[str, Any]:
    """The spans of one resource: one."""
    scopes = [{"scope": {"name": "lib"}, "spans": [span(spanId=span_id)]}]
    return {"resource": {"attributes": [SERVICE]}, "scopeSpans": scopes} | changes


async def test_a_damaged_resource_is_told_once_for_all_its_scopes(sender: Sender) -> None:
    scopes = [{"spans": [span(spanId=each)]} for each in (FIRST, LAST)]
    answer = sender.traces(body({"resource": [], "scopeSpans": scopes}))
    message = "kept without $.resourceSpans[0].resource: expected object, got array"
    assert answer.json() == {"partialSuccess": {"errorMessage": message}}
    assert len(await stored(sender)) == 2


def body(*groups: Any) -> bytes:
    return json.dumps({"resourceSpans": list(groups)}).encode()


async def stored(sender: Sender) -> list[tuple[str, str, str]]:
    rows = await sender.rows("spans", order="span_id")
    return [(row["span_id"], row["service"], row["scope"]) for row in rows]


@pytest.mark.parametrize(
    ("change", "where", "service", "scope"),
    [
        ({"resource": 5}, "$.resourceSpans[1].resource", "", "lib"),
        (
            {"resource": {"attributes": [SERVICE, {"\ud800": 1}]}},
            "$.resourceSpans[1].resource.attributes[1].key",
            "svc",
            "lib",
        ),
        ({"resource": {"attributes": {}}}, "$.resourceSpans[1].resource.attributes", "", "lib"),
        (
            {"resource": {"attributes": [SERVICE, {"key": "a", "value": "text"}]}},
            "$.resourceSpans[1].resource.attributes[1].value",
            "svc",
            "lib",
        ),
        (
            {"scopeSpans": [{"scope": {"name": 5}, "spans": [span(spanId=DAMAGED)]}]},
            "$.resourceSpans[1].scopeSpans[0].scope.name",
            "svc",
            "",
        ),
    ],
)
async def test_what_is_damaged_around_spans_costs_none_of_them_and_is_told(
    sender: Sender, change: dict[str, Any], where: str, service: str, scope: str
) -> None:
    before = sender.house.drops.counts().get("trace.malformed_part", 0)
    answer = sender.traces(body(group(FIRST), group(DAMAGED, **change), group(LAST)))
    partial = answer.json()["partialSuccess"]
    assert "rejectedSpans" not in partial
    assert partial["errorMessage"].startswith(f"kept without {where}: expected ")
    assert await stored(sender) == [
        (FIRST, "svc", "lib"),
        (DAMAGED, service, scope),
        (LAST, "svc", "lib"),
    ]
    assert sender.house.drops.counts()["trace.malformed_part"] == before + 1


@pytest.mark.parametrize(
    ("damaged", "where"),
    [
        (7, "$.resourceSpans[1]"),
        ({"scopeSpans": {}}, "$.resourceSpans[1].scopeSpans"),
        ({"scopeSpans": ["spans"]}, "$.resourceSpans[1].scopeSpans[0]"),
        ({"scopeSpans": [{"spans": "all"}]}, "$.resourceSpans[1].scopeSpans[0].spans"),
    ],
)
async def test_a_group_whose_spans_cannot_be_found_costs_no_other(
    sender: Sender, damaged: Any, where: str
) -> None:
    answer = sender.traces(body(group(FIRST), damaged, group(LAST)))
    partial = answer.json()["partialSuccess"]
    assert partial["rejectedSpans"] == "1"
    assert partial["errorMessage"].startswith(f"span 1: {where}: expected ")
    assert [row[0] for row in await stored(sender)] == [FIRST, LAST]


async def test_a_damaged_group_of_log_records_costs_no_other(sender: Sender) -> None:
    [good] = json.loads(body_of(details()))["resourceLogs"]
    request = {"resourceLogs": [7, {"scopeLogs": [{"logRecords": 7}]}, good]}
    partial = send(sender, json.dumps(request).encode()).json()["partialSuccess"]
    assert partial["rejectedLogRecords"] == "2"
    assert len(await sender.rows("span_messages")) == 1


def in_protobuf(*span_ids: str) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    for span_id in span_ids:
        made = request.resource_spans.add()
        for key, value in (("service.name", "svc"), ("command", "HERE")):
            made.resource.attributes.add(key=key).value.string_value = value
        scope = made.scope_spans.add()
        scope.scope.name = "lib"
        sent = scope.spans.add(trace_id=bytes.fromhex(TRACE_ID), span_id=bytes.fromhex(span_id))
        sent.start_time_unix_nano, sent.end_time_unix_nano = 1, 2
    return request


def partial_of(content: bytes) -> tuple[int, str]:
    partial = ExportTraceServiceResponse.FromString(content).partial_success
    return partial.rejected_spans, partial.error_message


@pytest.mark.parametrize(
    ("hurt", "what", "service", "scope"),
    [
        (b"HERE", "an attribute of a resource", "svc", "lib"),
        (b"service.name", "an attribute of a resource", "", "lib"),
        (b"lib", "a scope", "svc", ""),
    ],
)
async def test_bytes_that_are_no_text_around_spans_cost_none_of_them(
    sender: Sender, hurt: bytes, what: str, service: str, scope: str
) -> None:
    [whole] = in_protobuf(DAMAGED).resource_spans
    bad = whole.SerializeToString().replace(hurt, b"\xff" * len(hurt))
    sent = in_protobuf(FIRST).SerializeToString() + field(bad) + in_protobuf(LAST).SerializeToString()
    answer = sender.traces(sent, PROTOBUF)
    assert answer.status_code == 200
    count, message = partial_of(answer.content)
    assert count == 0
    assert message == f"kept without {what}: expected protobuf with texts in UTF-8, got damaged bytes"
    assert await stored(sender) == [
        (FIRST, "svc", "lib"),
        (DAMAGED, service, scope),
        (LAST, "svc", "lib"),
    ]


def field(message: bytes) -> bytes:
    """Field 1 of a message, at most 16383 bytes long."""
    assert len(message) < 1 << 14
    return bytes([0x0A, len(message) & 0x7F | 0x80, len(message) >> 7]) + message


async def test_a_group_that_is_damaged_within_its_length_costs_no_other(sender: Sender) -> None:
    damaged = field(ResourceSpans(schema_url="x").SerializeToString() + b"\x12\x7f\x00")
    sent = in_protobuf(FIRST).SerializeToString() + damaged + in_protobuf(LAST).SerializeToString()
    answer = sender.traces(sent, PROTOBUF)
    assert answer.status_code == 200
    assert partial_of(answer.content) == (
        1,
        "span 1: $: expected a group of an OTLP request in protobuf, got damaged bytes",
    )
    assert [row[0] for row in await stored(sender)] == [FIRST, LAST]


async def test_log_records_outlive_what_is_damaged_around_them(sender: Sender) -> None:
    request = ExportLogsServiceRequest()
    group = request.resource_logs.add()
    group.resource.attributes.add(key="command").value.string_value = "HERE"
    record = group.scope_logs.add().log_records.add(
        trace_id=bytes.fromhex(TRACE_ID),
        span_id=b"\1" * 8,
        event_name="gen_ai.user.message",
        time_unix_nano=1,
    )
    record.attributes.add(key="content").value.string_value = "Hello?"
    sent = request.SerializeToString().replace(b"HERE", b"\xff" * 4)
    answer = send(sender, sent, PROTOBUF)
    assert answer.status_code == 200
    assert ExportLogsServiceResponse.FromString(answer.content).partial_success.rejected_log_records == 0
    assert len(await sender.rows("span_messages")) == 1


def test_a_request_in_which_nothing_can_be_read_is_400(sender: Sender) -> None:
    unreadable: list[list[Any]] = [[7], [{"scopeSpans": {}}], [{"scopeSpans": [{"spans": 5}]}, "x"]]
    for groups in unreadable:
        answer = sender.traces(body(*groups))
        assert answer.status_code == 400
        assert "$.resourceSpans[0]" in answer.text
