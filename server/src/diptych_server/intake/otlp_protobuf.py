"""OTLP requests in protobuf. One damaged item costs no other item anything."""

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as LogMessage
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from diptych_server.errors import BadRequest
from diptych_server.intake.otlp import (
    STATUS_ERROR,
    Attributes,
    BadItem,
    Event,
    Group,
    Link,
    LogRecord,
    OtlpSpan,
    time_ns,
)
from diptych_server.intake.protobuf_fields import Damaged, parts
from diptych_server.intake.reasons import Reasons

Made = TypeVar("Made")

TRACE_BYTES = 16
SPAN_BYTES = 8

RESOURCE_FIELD = SCOPE_FIELD = 1
ITEMS_FIELD = 2
"""The same numbers in ResourceSpans and ResourceLogs, in ScopeSpans and ScopeLogs."""


def span_groups(body: bytes, reasons: Reasons) -> Iterator[Group]:
    """Groups of an ExportTraceServiceRequest.

    Raises:
        BadRequest: it is no such message, or it is cut off.
    """
    index = 0
    for resource, scope, messages in _span_messages(body):
        spans, index = _made(messages, index, SpanMessage, _span, reasons)
        yield Group(_attributes(resource.attributes), scope.name, scope.version, spans)


def log_records(body: bytes, reasons: Reasons) -> Iterator[LogRecord]:
    """Records of an ExportLogsServiceRequest.

    Raises:
        BadRequest: it is no such message, or it is cut off.
    """
    index = 0
    for messages in _log_messages(body):
        records, index = _made(messages, index, LogMessage, _record, reasons)
        yield from records


def _span_messages(body: bytes) -> Iterator[tuple[Any, Any, Iterable[Any]]]:
    """Resource, scope and spans of each group; the spans still as bytes where some part is damaged."""
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError:
        yield from _salvaged(body)
        return
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            yield resource_spans.resource, scope_spans.scope, scope_spans.spans


def _log_messages(body: bytes) -> Iterator[Iterable[Any]]:
    try:
        request = ExportLogsServiceRequest.FromString(body)
    except DecodeError:
        yield from (messages for _, _, messages in _salvaged(body))
        return
    for resource_logs in request.resource_logs:
        for scope_logs in resource_logs.scope_logs:
            yield scope_logs.log_records


def _salvaged(body: bytes) -> Iterator[tuple[Any, Any, list[bytes]]]:
    """The same from a request in which something is damaged, such as a text that is no UTF-8.

    Raises:
        BadRequest: the frame around the items is damaged, or the body is cut off.
    """
    try:
        for group in parts(body, 1):
            resource = Resource.FromString(b"".join(parts(group, RESOURCE_FIELD)))
            for scope_group in parts(group, ITEMS_FIELD):
                scope = InstrumentationScope.FromString(b"".join(parts(scope_group, SCOPE_FIELD)))
                yield resource, scope, list(parts(scope_group, ITEMS_FIELD))
    except (Damaged, DecodeError) as exc:
        raise BadRequest("expected an OTLP request in protobuf: it is damaged or cut off") from exc


def _made(
    messages: Iterable[Any], index: int, kind: Any, make: Callable[[Any], Made], reasons: Reasons
) -> tuple[list[Made], int]:
    """What can be made of the messages, and the index after the last one."""
    made = []
    for message in messages:
        try:
            made.append(make(kind.FromString(message) if isinstance(message, bytes) else message))
        except BadItem as exc:
            reasons.add(index, exc.where, exc.expected, exc.got)
        except DecodeError:
            reasons.add(index, "$", "protobuf with texts in UTF-8", "damaged bytes")
        index += 1
    return made, index


def _span(span: Any) -> OtlpSpan:
    parent_id: bytes = span.parent_span_id
    return OtlpSpan(
        _id(span.trace_id, TRACE_BYTES, "trace_id"),
        _id(span.span_id, SPAN_BYTES, "span_id"),
        parent_id.hex() if parent_id.strip(b"\0") else "",
        span.name,
        time_ns(span.start_time_unix_nano, "start_time_unix_nano"),
        time_ns(span.end_time_unix_nano, "end_time_unix_nano"),
        _attributes(span.attributes),
        [_event(event) for event in span.events] if span.events else [],
        [_link(link) for link in span.links] if span.links else [],
        span.status.code == STATUS_ERROR,
        span.status.message,
    )


def _event(event: Any) -> Event:
    return Event(event.name, time_ns(event.time_unix_nano, "events"), _attributes(event.attributes))


def _link(link: Any) -> Link:
    return Link(link.trace_id.hex(), link.span_id.hex(), _attributes(link.attributes))


def _id(value: bytes, size: int, name: str) -> str:
    if len(value) == size and value.strip(b"\0"):
        return value.hex()
    raise BadItem(f"$.{name}", f"{size} bytes that are not all 0", value[:20].hex() or "nothing")


def _record(record: Any) -> LogRecord:
    return LogRecord(
        record.trace_id.hex() if record.trace_id.strip(b"\0") else "",
        record.span_id.hex() if record.span_id.strip(b"\0") else "",
        record.event_name,
        time_ns(record.time_unix_nano or record.observed_time_unix_nano, "time_unix_nano"),
        _value(record.body),
        _attributes(record.attributes),
    )


def _attributes(pairs: Iterable[Any]) -> Attributes:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Any:
    # Nearly all values are texts; asking which field is set takes longer than reading this one.
    if text := value.string_value:
        return text
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    held = getattr(value, kind)
    if kind == "array_value":
        return [_value(item) for item in held.values]
    if kind == "kvlist_value":
        return _attributes(held.values)
    if kind == "bytes_value":
        return b64encode(held).decode()
    return held
