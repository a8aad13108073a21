"""GenAI events told as log records: messages beside their spans, evaluation results."""

import json
from typing import Any

import httpx
import pytest
from google.protobuf.json_format import Parse
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
    ExportLogsServiceResponse,
)

from .conftest import Sender, lines
from .samples import TRACE_ID, attribute, otlp, span, span_event

SPAN_ID = "c1b2c3d4e5f60718"
AT_NS = 1795375281_000000000

USER = {"role": "user", "parts": [{"type": "text", "content": "Hello?"}]}
SYSTEM = {"role": "system", "parts": [{"type": "text", "content": "Be brief."}]}
ASSISTANT = {"role": "assistant", "parts": [{"type": "text", "content": "Hi."}], "finish_reason": "stop"}


def record(name: str, attributes: dict[str, Any], body: Any = None, /, **fields: Any) -> dict[str, Any]:
    made = {
        "traceId": TRACE_ID,
        "spanId": SPAN_ID,
        "timeUnixNano": str(AT_NS),
        "eventName": name,
        "attributes": [attribute(key, value) for key, value in attributes.items()],
    }
    if body is not None:
        made["body"] = attribute("", body)["value"]
    return made | fields


def details() -> dict[str, Any]:
    return record(
        "gen_ai.client.inference.operation.details",
        {
            "gen_ai.system_instructions": [{"type": "text", "content": "Be brief."}],
            "gen_ai.input.messages": [USER],
            "gen_ai.output.messages": [ASSISTANT],
        },
    )


def body_of(*records: dict[str, Any]) -> bytes:
    return lines({"resourceLogs": [{"scopeLogs": [{"scope": {"name": "s"}, "logRecords": list(records)}]}]})


def protobuf(body: bytes) -> bytes:
    request = json.loads(body)
    records = [r for g in request["resourceLogs"] for s in g["scopeLogs"] for r in s["logRecords"]]
    ids = [(each.pop("traceId"), each.pop("spanId")) for each in records]
    message = Parse(json.dumps(request), ExportLogsServiceRequest())
    made = [r for g in message.resource_logs for s in g.scope_logs for r in s.log_records]
    for each, (trace_id, span_id) in zip(made, ids, strict=True):
        each.trace_id, each.span_id = bytes.fromhex(trace_id), bytes.fromhex(span_id)
    return message.SerializeToString()


def send(sender: Sender, body: bytes, content_type: str = "application/json") -> httpx.Response:
    headers = {"content-type": content_type, "authorization": f"Bearer {sender.server_key}"}
    return sender.post("/v1/logs", body, headers)


@pytest.mark.parametrize("encoding", ["json", "protobuf"])
async def test_the_messages_of_a_call_are_kept_for_its_span(sender: Sender, encoding: str) -> None:
    body = body_of(details())
    is_json = encoding == "json"
    answer = send(
        sender,
        body if is_json else protobuf(body),
        "application/json" if is_json else "application/x-protobuf",
    )
    assert (answer.status_code, answer.content) == (200, b"{}" if is_json else b"")
    (row,) = await sender.rows("span_messages")
    assert (row["trace_id"], row["span_id"], row["time_ns"]) == (TRACE_ID, SPAN_ID, AT_NS)
    assert json.loads(row["input"]) == [SYSTEM, USER]
    assert json.loads(row["output"]) == [ASSISTANT]


async def test_message_events_of_the_past_are_one_row_each_in_the_order_of_their_times(
    sender: Sender,
) -> None:
    older = [
        record("", {"event.name": "gen_ai.user.message"}, {"content": "Hello?"}, timeUnixNano=str(AT_NS + 1)),
        record("gen_ai.system.message", {}, {"content": "Be brief."}),
        record(
            "gen_ai.choice",
            {},
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Hi."}},
            timeUnixNano=str(AT_NS + 2),
        ),
    ]
    assert send(sender, body_of(*older)).json() == {}
    rows = await sender.rows("span_messages", order="time_ns")
    assert [json.loads(row["input"] or "[]") for row in rows] == [[SYSTEM], [USER], []]
    assert json.loads(rows[2]["output"]) == [ASSISTANT]


async def test_a_retry_is_one_row(sender: Sender) -> None:
    for _ in range(2):
        send(sender, body_of(details()))
    assert len(await sender.rows("span_messages FINAL")) == 1


async def test_other_records_are_refused_and_said_to_be(sender: Sender) -> None:
    no_span = details() | {"spanId": ""}
    plain = record("", {"level": "info"}, "Server started")
    bad = details() | {"timeUnixNano": "noon"}
    answer = send(sender, body_of(plain, details(), no_span, bad, plain)).json()["partialSuccess"]
    assert answer["rejectedLogRecords"] == "4"
    assert "no event of a model call: 2" in answer["errorMessage"]
    assert "no span: 1" in answer["errorMessage"]
    assert "record 3: $.time_unix_nano" in answer["errorMessage"]
    assert len(await sender.rows("span_messages")) == 1


async def test_the_refusal_is_told_in_protobuf_too(sender: Sender) -> None:
    answer = send(sender, protobuf(body_of(record("x", {}))), "application/x-protobuf")
    partial = ExportLogsServiceResponse.FromString(answer.content).partial_success
    assert partial.rejected_log_records == 1


RESULT = {
    "gen_ai.evaluation.name": "faithfulness",
    "gen_ai.evaluation.score.value": 0.4,
    "gen_ai.evaluation.score.label": "fail",
    "gen_ai.evaluation.explanation": "Invented a tent.",
}


@pytest.mark.parametrize("by", ["log record", "span event"])
async def test_an_evaluation_result_is_an_evaluation_of_its_span(sender: Sender, by: str) -> None:
    if by == "log record":
        assert send(sender, body_of(record("gen_ai.evaluation.result", RESULT))).json() == {}
    else:
        judged = span(spanId=SPAN_ID, events=[span_event("gen_ai.evaluation.result", RESULT, AT_NS)])
        assert sender.traces(otlp(judged)).json() == {}
    (row,) = await sender.rows("evaluations")
    expected = {
        "label": "faithfulness",
        "metric_type": "score",
        "score": 0.4,
        "assessment": "fail",
        "reasoning": "Invented a tent.",
        "source": "judge",
        "trace_id": TRACE_ID,
        "span_id": SPAN_ID,
    }
    assert {name: row[name] for name in expected} == expected


async def test_a_label_alone_is_a_category(sender: Sender) -> None:
    result = {"gen_ai.evaluation.name": "tone", "gen_ai.evaluation.score.label": "rude"}
    send(sender, body_of(record("gen_ai.evaluation.result", result)))
    (row,) = await sender.rows("evaluations")
    assert (row["metric_type"], row["value"], row["assessment"]) == ("categorical", '"rude"', "")


@pytest.mark.parametrize("missing", ["gen_ai.evaluation.name", "gen_ai.evaluation.score.value"])
def test_a_result_that_says_nothing_is_refused(sender: Sender, missing: str) -> None:
    said = {
        key: value for key, value in RESULT.items() if key not in (missing, "gen_ai.evaluation.score.label")
    }
    answer = send(sender, body_of(record("gen_ai.evaluation.result", said))).json()
    assert answer["partialSuccess"]["rejectedLogRecords"] == "1"


async def test_openinference_annotations_are_evaluations(sender: Sender) -> None:
    judged = span(
        {
            "openinference.span.kind": "LLM",
            "session.id": "s-1",
            "annotations.0.annotation.name": "faithfulness",
            "annotations.0.annotation.score": 0.4,
            "annotations.0.annotation.label": "unfaithful",
            "annotations.0.annotation.explanation": "Invented a tent.",
            "annotations.0.annotation.annotator_kind": "LLM",
            "annotations.1.annotation.name": "no result",
            "trace.annotations.0.annotation.name": "tone",
            "trace.annotations.0.annotation.label": "kind",
            "trace.annotations.0.annotation.annotator_kind": "HUMAN",
            "session.evaluations.0.evaluation.name": "solved",
            "session.evaluations.0.evaluation.score": 1,
        },
        spanId=SPAN_ID,
    )
    sender.traces(otlp(judged))
    rows = await sender.rows("evaluations", order="label")
    assert [
        (row["label"], row["value"], row["source"], row["trace_id"], row["span_id"], row["session_id"])
        for row in rows
    ] == [
        ("faithfulness", "0.4", "judge", TRACE_ID, SPAN_ID, ""),
        ("solved", "1.0", "judge", "", "", "s-1"),
        ("tone", '"kind"', "human", TRACE_ID, "", ""),
    ]
    assert (rows[0]["reasoning"], rows[0]["metadata"]) == ("Invented a tent.", '{"label":"unfaithful"}')


async def test_a_carrier_span_judges_the_span_that_it_links_to(sender: Sender) -> None:
    other = "d" * 32
    carrier = span(
        {"annotations.0.annotation.name": "a", "annotations.0.annotation.score": 1.5},
        links=[{"traceId": other, "spanId": "e" * 16}],
    )
    sender.traces(otlp(carrier))
    (row,) = await sender.rows("evaluations")
    assert (row["trace_id"], row["span_id"], row["score"]) == (other, "e" * 16, 1.5)
