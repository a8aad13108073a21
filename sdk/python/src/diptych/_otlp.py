"""Finished spans as one OTLP request.

OpenTelemetry's own encoder builds each message by itself and copies it into the one around it; filling them
in place takes a third of the time (measured: 11 attributes 5 µs in place of 20), and that time is the host's.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage
from opentelemetry.proto.trace.v1.trace_pb2 import SpanFlags, Status
from opentelemetry.trace import SpanKind, StatusCode

from ._text import cut, safe_str
from ._twins import CHUNK_EVENTS

if TYPE_CHECKING:
    from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans

    from ._outgoing import Outgoing

_HAS_IS_REMOTE: int = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
_IS_REMOTE: int = SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK

_KINDS = {
    SpanKind.INTERNAL: SpanMessage.SPAN_KIND_INTERNAL,
    SpanKind.SERVER: SpanMessage.SPAN_KIND_SERVER,
    SpanKind.CLIENT: SpanMessage.SPAN_KIND_CLIENT,
    SpanKind.PRODUCER: SpanMessage.SPAN_KIND_PRODUCER,
    SpanKind.CONSUMER: SpanMessage.SPAN_KIND_CONSUMER,
}

_STATUSES = {StatusCode.OK: Status.STATUS_CODE_OK, StatusCode.ERROR: Status.STATUS_CODE_ERROR}

_INT64 = range(-(2**63), 2**63)


class KeyValues(Protocol):
    """A repeated `KeyValue` field."""

    def add(self) -> KeyValue:
        """Appends an empty one."""


def encode_request(
    spans: Iterable[tuple[Outgoing, Mapping[str, Any]]],
    resource_attributes: Mapping[str, Any],
    max_text_bytes: int,
) -> bytes:
    """The body of an OTLP request.

    Args:
        spans: each with the attributes to send in place of its own.
        resource_attributes: go before those of a span's resource.
        max_text_bytes: longer texts of a status or an event are cut.
    """
    request = ExportTraceServiceRequest()
    resources: dict[int, Any] = {}
    scopes: dict[tuple[int, object], ScopeSpans] = {}
    for span, attributes in spans:
        scope = span.scope
        place = (id(span.resource), scope)
        group = scopes.get(place)
        if group is None:
            resource = resources.get(place[0])
            if resource is None:
                resource = resources[place[0]] = request.resource_spans.add()
                resource.schema_url = span.resource.schema_url
                _fill(resource.resource.attributes, {**span.resource.attributes, **resource_attributes})
            group = scopes[place] = resource.scope_spans.add()
            if scope is not None:
                group.scope.name = sendable(scope.name)
                group.scope.version = scope.version or ""
                group.schema_url = scope.schema_url or ""
                _fill(group.scope.attributes, scope.attributes or {})
        _fill_span(group.spans.add(), span, attributes, max_text_bytes)
    return request.SerializeToString()


def _fill_span(
    message: SpanMessage, span: Outgoing, attributes: Mapping[str, Any], max_text_bytes: int
) -> None:
    message.trace_id = span.trace_id.to_bytes(16, "big")
    message.span_id = span.span_id.to_bytes(8, "big")
    message.trace_state = span.trace_state
    if span.parent_id:
        message.parent_span_id = span.parent_id.to_bytes(8, "big")
    message.flags = _flags(span.is_parent_remote)
    message.name = sendable(span.name)
    message.kind = _KINDS[span.kind]
    message.start_time_unix_nano = span.start_ns
    message.end_time_unix_nano = span.end_ns
    message.dropped_attributes_count = span.dropped_attributes
    if span.status_code is not StatusCode.UNSET:
        message.status.code = _STATUSES[span.status_code]
        message.status.message = sendable(cut(span.status_text, max_text_bytes))
    _fill(message.attributes, attributes)
    for event in span.events:
        if event.name in CHUNK_EVENTS:
            continue
        written = message.events.add()
        written.name = sendable(event.name)
        written.time_unix_nano = event.timestamp
        for key, value in (event.attributes or {}).items():
            item = written.attributes.add()
            item.key = sendable(key)
            _fill_value(item.value, _shortened(value, max_text_bytes))
    for link in span.links:
        linked = message.links.add()
        linked.trace_id = link.context.trace_id.to_bytes(16, "big")
        linked.span_id = link.context.span_id.to_bytes(8, "big")
        linked.flags = _flags(link.context.is_remote)
        _fill(linked.attributes, link.attributes or {})


def _shortened(value: Any, max_text_bytes: int) -> Any:
    if isinstance(value, str):
        return cut(value, max_text_bytes)
    if isinstance(value, (list, tuple)):
        return [_shortened(item, max_text_bytes) for item in value]
    return value


def _flags(is_remote: bool) -> int:
    return _HAS_IS_REMOTE | _IS_REMOTE if is_remote else _HAS_IS_REMOTE


def _fill(target: KeyValues, attributes: Mapping[str, Any]) -> None:
    for key, value in attributes.items():
        item = target.add()
        item.key = sendable(key)
        if type(value) is str:  # nearly all are
            item.value.string_value = value if value.isascii() else sendable(value)
        else:
            _fill_value(item.value, value)


def _fill_value(target: AnyValue, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int) and value in _INT64:
        target.int_value = value
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, bytes):
        target.bytes_value = value
    elif isinstance(value, Mapping):
        target.kvlist_value.SetInParent()
        _fill(target.kvlist_value.values, value)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        target.array_value.SetInParent()
        for element in value:
            _fill_value(target.array_value.values.add(), element)
    else:
        target.string_value = sendable(safe_str(value))


def sendable(text: str) -> str:
    """`text` without lone surrogates, which protobuf refuses."""
    if text.isascii():
        return text
    return text.encode("utf-8", "replace").decode("utf-8")
