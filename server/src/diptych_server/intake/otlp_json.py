"""OTLP requests in the JSON mapping. One bad item costs no other item anything."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from diptych_server.errors import BadRequest
from diptych_server.intake.otlp import (
    SPAN_DIGITS,
    STATUS_ERROR,
    TRACE_DIGITS,
    Attributes,
    BadItem,
    Event,
    Group,
    Items,
    Link,
    LogRecord,
    OtlpSpan,
    integer,
    optional_id,
    required_id,
    time_ns,
)
from diptych_server.intake.otlp_json_loose import (
    LOGS,
    TRACES,
    LooseResource,
    loose_resources,
    without_null,
)
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.wire import otlp as wire

_decode_traces = msgspec.json.Decoder(wire.TracesRequest).decode
_decode_logs = msgspec.json.Decoder(wire.LogsRequest).decode


def span_groups(body: bytes, reasons: Reasons) -> Iterator[Group]:
    """Groups of spans.

    Raises:
        BadRequest: the body is no such request.
    """
    items = Items(reasons)
    request = _request(body, _decode_traces)
    if not isinstance(request, wire.TracesRequest):
        for loose in loose_resources(request, TRACES, items):
            yield from _loose_groups(loose, items)
        items.end()
        return
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes) if resource_spans.resource else {}
        for scope_spans in resource_spans.scope_spans:
            scope = scope_spans.scope or wire.Scope()
            yield Group(resource, scope.name, scope.version, items.made(scope_spans.spans, _span))


def log_records(body: bytes, reasons: Reasons) -> Iterator[LogRecord]:
    """Log records.

    Raises:
        BadRequest: the body is no such request.
    """
    items = Items(reasons)
    request = _request(body, _decode_logs)
    if not isinstance(request, wire.LogsRequest):
        for loose in loose_resources(request, LOGS, items):
            for scope in loose.scopes:
                yield from items.made(scope.items, lambda item: _record(_checked(item, wire.LogRecord)))
        items.end()
        return
    for resource_logs in request.resource_logs:
        for scope_logs in resource_logs.scope_logs:
            yield from items.made(scope_logs.log_records, _record)


def _request(body: bytes, decode: Callable[[bytes], Any]) -> Any:
    """The whole request; as it was read, where something in it is bad."""
    try:
        return decode(body)
    except DECODE_ERRORS as error:
        try:
            # Python's own parser also takes what RFC 8259 does not; bytes that are no UTF-8 become halves of
            # surrogate pairs, which no item may hold. NaN has a text in the JSON mapping of protobuf.
            text = body.decode("utf-8", "surrogateescape")
            return json.loads(text, parse_constant=str, object_pairs_hook=without_null)
        except (ValueError, RecursionError):
            where, expected, got = explain(error)
            raise BadRequest(f"expected {expected}, got {got}", where=where) from error


def _loose_groups(loose: LooseResource, items: Items) -> Iterator[Group]:
    """Groups of a request in which something is bad. What many spans share costs none of them anything."""
    resource = _attributes(loose.attributes(items))
    for each in loose.scopes:
        scope = each.read(items)
        spans = items.made(each.items, lambda item: _span(_checked(item, wire.Span)))
        yield Group(resource, scope.name, scope.version, spans)


def _checked(item: Any, kind: type[Any]) -> Any:
    try:
        msgspec.json.encode(item)
    except UnicodeEncodeError as exc:
        raise BadItem("$", "texts in UTF-8", "other bytes, or half of a surrogate pair") from exc
    return msgspec.convert(item, kind)


def _span(span: wire.Span) -> OtlpSpan:
    status = span.status or wire.Status()
    return OtlpSpan(
        required_id(span.trace_id.lower(), TRACE_DIGITS, "trace_id"),
        required_id(span.span_id.lower(), SPAN_DIGITS, "span_id"),
        optional_id(span.parent_span_id.lower()),
        span.name,
        time_ns(span.start_time_unix_nano, "start_time_unix_nano"),
        time_ns(span.end_time_unix_nano, "end_time_unix_nano"),
        _attributes(span.attributes),
        [Event(e.name, time_ns(e.time_unix_nano, "events"), _attributes(e.attributes)) for e in span.events],
        [_link(link) for link in span.links],
        status.code in (STATUS_ERROR, "STATUS_CODE_ERROR"),
        status.message,
    )


def _link(link: wire.Link) -> Link:
    return Link(link.trace_id.lower(), link.span_id.lower(), _attributes(link.attributes))


def _record(record: wire.LogRecord) -> LogRecord:
    return LogRecord(
        optional_id(record.trace_id.lower()),
        optional_id(record.span_id.lower()),
        record.event_name,
        time_ns(record.time_unix_nano or record.observed_time_unix_nano, "time_unix_nano"),
        _value(record.body),
        _attributes(record.attributes),
    )


def _attributes(pairs: Iterable[wire.KeyValue]) -> Attributes:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: wire.AnyValue | None) -> Any:
    if value is None:
        return None
    if (text := value.string_value) is not None:
        return text
    if value.bool_value is not None:
        return value.bool_value
    if value.int_value is not None:
        return integer(value.int_value)
    if value.double_value is not None:
        return _double(value.double_value)
    if value.array_value is not None:
        return [_value(item) for item in value.array_value.values]
    if value.kvlist_value is not None:
        return _attributes(value.kvlist_value.values)
    return value.bytes_value


def _double(value: float | str) -> float | str:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return str(value)
