"""OTLP requests in protobuf. One damaged item costs no other item anything."""

from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as LogMessage
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

from diptych_server.errors import BadRequest
from diptych_server.intake.otlp import (
    STATUS_ERROR,
    Attributes,
    BadItem,
    Event,
    Group,
    Items,
    Link,
    LogRecord,
    OtlpSpan,
    time_ns,
)
from diptych_server.intake.protobuf_fields import Damaged, parts
from diptych_server.intake.reasons import Reasons

TRACE_BYTES = 16
SPAN_BYTES = 8

RESOURCE_FIELD = SCOPE_FIELD = ATTRIBUTES_FIELD = 1
ITEMS_FIELD = 2
"""The same numbers in ResourceSpans and ResourceLogs, in ScopeSpans and ScopeLogs."""

DAMAGED = ("protobuf with texts in UTF-8", "damaged bytes")
"""Expected, got."""


def span_groups(body: bytes, reasons: Reasons) -> Iterator[Group]:
    """Groups of an ExportTraceServiceRequest.

    Raises:
        BadRequest: it is no such message, or it is cut off.
    """
    items = Items(reasons)
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError:
        for sent in _salvaged(body, items):
            resource = _resource(sent.message, items)
            for message, found in sent.scopes:
                scope = _scope(message, items)
                spans = items.made(found, lambda item: _span(_parsed(SpanMessage, item, "$")))
                yield Group(resource, scope.name, scope.version, spans)
        return
    for resource_spans in request.resource_spans:
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope
            spans = items.made(scope_spans.spans, _span)
            yield Group(_attributes(resource_spans.resource.attributes), scope.name, scope.version, spans)


def log_records(body: bytes, reasons: Reasons) -> Iterator[LogRecord]:
    """Records of an ExportLogsServiceRequest.

    Raises:
        BadRequest: it is no such message, or it is cut off.
    """
    items = Items(reasons)
    try:
        request = ExportLogsServiceRequest.FromString(body)
    except DecodeError:
        for sent in _salvaged(body, items):
            for _, found in sent.scopes:
                yield from items.made(found, lambda item: _record(_parsed(LogMessage, item, "$")))
        return
    for resource_logs in request.resource_logs:
        for scope_logs in resource_logs.scope_logs:
            yield from items.made(scope_logs.log_records, _record)


class SentResource(NamedTuple):
    """One resource, all of it still as bytes."""

    message: bytes
    scopes: list[tuple[bytes, list[bytes]]]
    """Each with its items."""


def _salvaged(body: bytes, items: Items) -> Iterator[SentResource]:
    """What can be found in a request in which something is damaged, such as a text that is no UTF-8.

    Raises:
        BadRequest: the frame around the resources is damaged or cut off, or that of each resource is.
    """
    try:
        for group in parts(body, 1):
            try:
                scopes = [
                    (b"".join(parts(each, SCOPE_FIELD)), list(parts(each, ITEMS_FIELD)))
                    for each in parts(group, ITEMS_FIELD)
                ]
                sent = SentResource(b"".join(parts(group, RESOURCE_FIELD)), scopes)
            except Damaged:
                items.refuse(BadItem("$", "a group of an OTLP request in protobuf", "damaged bytes"))
                continue
            yield sent
    except Damaged as exc:
        raise BadRequest("expected an OTLP request in protobuf: it is damaged or cut off") from exc
    items.end()


def _resource(message: bytes, items: Items) -> Attributes:
    """Attributes of a resource, without those that are damaged."""
    pairs = []
    try:
        for pair in parts(message, ATTRIBUTES_FIELD):
            try:
                pairs.append(_parsed(KeyValue, pair, "an attribute of a resource"))
            except BadItem as bad:
                items.lose(bad)
    except Damaged:
        items.lose(BadItem("a resource", *DAMAGED))
    return _attributes(pairs)


def _scope(message: bytes, items: Items) -> Any:
    try:
        return _parsed(InstrumentationScope, message, "a scope")
    except BadItem as bad:
        items.lose(bad)
        return InstrumentationScope()


def _parsed(kind: Any, message: bytes, where: str) -> Any:
    try:
        return kind.FromString(message)
    except DecodeError as exc:
        raise BadItem(where, *DAMAGED) from exc


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
