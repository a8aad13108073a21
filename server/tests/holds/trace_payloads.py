"""What the agent's side sends: OTLP requests, JSON and protobuf from one description, and evaluations."""

import json
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from diptych_server.wire import attributes as own

from .scenario import Evaluation, Span, Trace

Json = dict[str, Any]
Attributes = dict[str, str | int | float | bool]

US_NS = 1_000
MS_NS = 1_000_000

SpanOfTrace = tuple[Trace, Span]

OPERATIONS = {
    "llm": "chat",
    "embedding": "embeddings",
    "retrieval": "retrieval",
    "agent": "invoke_agent",
    "workflow": "invoke_workflow",
    "tool": "execute_tool",
}
"""`gen_ai.operation.name` of each kind that has one; a task has only our own attribute."""

UNPLACED = "holds.extra"
"""An attribute that has no place of its own: it must come back as it was sent."""


def attributes_of(trace: Trace, span: Span) -> Attributes:
    """Give the attributes of a span."""
    found: Attributes = {UNPLACED: f"extra of {span.id}"}
    if trace.ml_app:
        found[own.ML_APP] = trace.ml_app
    if span.kind != "span":
        found[own.SPAN_KIND] = span.kind
    if span.kind in OPERATIONS:
        found["gen_ai.operation.name"] = OPERATIONS[span.kind]
    found |= _model_attributes(span) | _text_attributes(span) | _identity_attributes(span)
    if span.error:
        found["error.type"] = span.error[0]
    if span.tags:
        found[own.TAGS] = json.dumps(span.tags)
    if span.metadata:
        found[own.METADATA] = json.dumps(span.metadata)
    return found


def _model_attributes(span: Span) -> Attributes:
    found: Attributes = {}
    if span.model:
        found["gen_ai.request.model"] = span.model
        found["gen_ai.provider.name"] = span.provider
    if span.usage:
        found["gen_ai.usage.input_tokens"] = span.usage.input
        found["gen_ai.usage.output_tokens"] = span.usage.output
        found["gen_ai.usage.cache_read.input_tokens"] = span.usage.cache_read
        found["gen_ai.usage.cache_creation.input_tokens"] = span.usage.cache_write
        found["gen_ai.usage.reasoning.output_tokens"] = span.usage.reasoning
    if span.ttft_ms is not None:
        found["gen_ai.response.time_to_first_chunk"] = span.ttft_ms / 1_000
    return found


def _text_attributes(span: Span) -> Attributes:
    found: Attributes = {}
    if span.kind == "llm":
        if span.asked is not None:
            found["gen_ai.input.messages"] = json.dumps([message("user", span.asked)])
        if span.answered is not None:
            found["gen_ai.output.messages"] = json.dumps(
                [message("assistant", span.answered) | {"finish_reason": "stop"}]
            )
        return found
    if span.asked is not None:
        found["input.value"] = span.asked
    if span.answered is not None:
        found["output.value"] = span.answered
    return found


def message(role: str, text: str) -> Json:
    """Give a message of the GenAI message schema."""
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def _identity_attributes(span: Span) -> Attributes:
    found: Attributes = {}
    if span.session:
        found[own.SESSION_ID] = span.session.session_id
        found[own.SESSION_SOURCE] = span.session.source
    if span.claim:
        found["session.id"] = span.claim
    if span.conversation_id:
        found["gen_ai.conversation.id"] = span.conversation_id
    if span.user_id:
        found["user.id"] = span.user_id
    return found


def start_ns(span: Span, began_ms: int) -> int:
    """Give the start of a span, epoch ns."""
    return began_ms * MS_NS + span.start_us * US_NS


def otlp_protobuf(spans: list[SpanOfTrace], began_ms: int) -> bytes:
    """Give an ExportTraceServiceRequest with these spans, each resource and scope once."""
    request = ExportTraceServiceRequest()
    for (resource, scope), group in _groups(spans).items():
        resource_spans = request.resource_spans.add()
        resource_spans.resource.attributes.extend(_pair(key, value) for key, value in resource)
        scope_spans = resource_spans.scope_spans.add()
        scope_spans.scope.name = scope
        for trace, span in group:
            sent = scope_spans.spans.add()
            sent.trace_id = bytes.fromhex(trace.id)
            sent.span_id = bytes.fromhex(span.id)
            sent.parent_span_id = bytes.fromhex(span.parent_id or "")
            sent.name = span.name
            sent.start_time_unix_nano = start_ns(span, began_ms)
            sent.end_time_unix_nano = start_ns(span, began_ms) + span.duration_us * US_NS
            sent.attributes.extend(_pair(key, value) for key, value in attributes_of(trace, span).items())
            if span.error:
                sent.status.code = sent.status.STATUS_CODE_ERROR
                sent.status.message = span.error[1]
    return request.SerializeToString()


def _pair(key: str, value: str | float) -> KeyValue:
    if isinstance(value, bool):
        return KeyValue(key=key, value=AnyValue(bool_value=value))
    if isinstance(value, int):
        return KeyValue(key=key, value=AnyValue(int_value=value))
    if isinstance(value, float):
        return KeyValue(key=key, value=AnyValue(double_value=value))
    return KeyValue(key=key, value=AnyValue(string_value=value))


def otlp_json(spans: list[SpanOfTrace], began_ms: int) -> bytes:
    """Give the same request in the JSON mapping: ids in hex, 64-bit integers as strings."""
    resources = [
        {
            "resource": {"attributes": [_json_pair(key, value) for key, value in resource]},
            "scopeSpans": [
                {
                    "scope": {"name": scope},
                    "spans": [_json_span(trace, span, began_ms) for trace, span in group],
                }
            ],
        }
        for (resource, scope), group in _groups(spans).items()
    ]
    return json.dumps({"resourceSpans": resources}).encode()


def _json_span(trace: Trace, span: Span, began_ms: int) -> Json:
    sent: Json = {
        "traceId": trace.id,
        "spanId": span.id,
        "name": span.name,
        "kind": 1,
        "startTimeUnixNano": str(start_ns(span, began_ms)),
        "endTimeUnixNano": str(start_ns(span, began_ms) + span.duration_us * US_NS),
        "attributes": [_json_pair(key, value) for key, value in attributes_of(trace, span).items()],
    }
    if span.parent_id:
        sent["parentSpanId"] = span.parent_id
    if span.error:
        sent["status"] = {"code": 2, "message": span.error[1]}
    return sent


def _json_pair(key: str, value: str | float) -> Json:
    if isinstance(value, bool):
        return {"key": key, "value": {"boolValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    if isinstance(value, float):
        return {"key": key, "value": {"doubleValue": value}}
    return {"key": key, "value": {"stringValue": value}}


def resource_of(trace: Trace) -> dict[str, str]:
    """Give the attributes of the process that sent a trace."""
    named = {"service.name": trace.service, "session.id": trace.claim or ""}
    return {key: value for key, value in named.items() if value}


Resource = tuple[tuple[str, str], ...]


def _groups(spans: list[SpanOfTrace]) -> dict[tuple[Resource, str], list[SpanOfTrace]]:
    groups: dict[tuple[Resource, str], list[SpanOfTrace]] = {}
    for trace, span in spans:
        groups.setdefault((tuple(resource_of(trace).items()), span.scope), []).append((trace, span))
    return groups


def evaluations_body(evaluations: list[Evaluation], began_ms: int) -> bytes:
    """Give the body of `/v1/evaluations`."""
    return json.dumps({"evaluations": [_evaluation(each, began_ms) for each in evaluations]}).encode()


def _evaluation(evaluation: Evaluation, began_ms: int) -> Json:
    join: Json = {}
    if evaluation.span_id:
        join["span"] = {"trace_id": evaluation.trace_id, "span_id": evaluation.span_id}
    elif evaluation.trace_id:
        join["trace"] = evaluation.trace_id
    if evaluation.session_id:
        join["session"] = evaluation.session_id
    if evaluation.turn_id:
        join["turn"] = evaluation.turn_id
    if evaluation.tag:
        join["tag"] = {"key": evaluation.tag[0], "value": evaluation.tag[1]}
    if evaluation.feedback_key:
        join["feedback_key"] = evaluation.feedback_key
    sent: Json = {
        "evaluation_id": evaluation.id,
        "label": evaluation.label,
        "metric_type": evaluation.metric_type,
        "value": evaluation.value,
        "join_on": join,
        "timestamp_ms": began_ms + evaluation.at_ms,
        "tags": evaluation.tags,
        "metadata": evaluation.metadata,
    }
    for name in ("assessment", "reasoning", "source", "submitter"):
        if (value := getattr(evaluation, name)) is not None:
            sent[name] = value
    return sent
