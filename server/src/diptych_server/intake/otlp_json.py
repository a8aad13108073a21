"""OTLP requests in the JSON mapping. One bad item costs no other item anything."""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

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
    Link,
    LogRecord,
    OtlpSpan,
    integer,
    optional_id,
    required_id,
    time_ns,
)
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.wire import otlp as wire

Made = TypeVar("Made")

_decode_traces = msgspec.json.Decoder(wire.TracesRequest).decode
_decode_logs = msgspec.json.Decoder(wire.LogsRequest).decode


def span_groups(body: bytes, reasons: Reasons) -> Iterator[Group]:
    """Groups of spans.

    Raises:
        BadRequest: the body is no such request.
    """
    request = _request(body, _decode_traces, wire.TracesRequestLoose)
    index = 0
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes) if resource_spans.resource else {}
        for scope_spans in resource_spans.scope_spans:
            spans, index = _made(scope_spans.spans, index, wire.Span, _span, reasons)
            scope = scope_spans.scope or wire.Scope()
            group = Group(resource, scope.name, scope.version, spans)
            # What many spans share costs none of them anything.
            yield _whole(group) if isinstance(request, wire.TracesRequestLoose) else group


def log_records(body: bytes, reasons: Reasons) -> Iterator[LogRecord]:
    """Log records.

    Raises:
        BadRequest: the body is no such request.
    """
    request = _request(body, _decode_logs, wire.LogsRequestLoose)
    index = 0
    for resource_logs in request.resource_logs:
        for scope_logs in resource_logs.scope_logs:
            records, index = _made(scope_logs.log_records, index, wire.LogRecord, _record, reasons)
            yield from records


def _request(body: bytes, decode: Callable[[bytes], Any], loose: type[Any]) -> Any:
    """The whole request; with its items unchecked where one of them is bad."""
    try:
        return decode(body)
    except DECODE_ERRORS as error:
        try:
            # Python's own parser also takes what RFC 8259 does not; bytes that are no UTF-8 become halves of
            # surrogate pairs, which no item may hold. NaN has a text in the JSON mapping of protobuf.
            text = body.decode("utf-8", "surrogateescape")
            read = json.loads(text, parse_constant=str, object_pairs_hook=_given)
            return msgspec.convert(read, loose)
        except (ValueError, RecursionError, msgspec.ValidationError):
            where, expected, got = explain(error)
            raise BadRequest(f"expected {expected}, got {got}", where=where) from error


def _given(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The fields with a value: null stands for none (https://protobuf.dev/programming-guides/json/#null-values)."""
    return {name: value for name, value in pairs if value is not None}


def _made(
    items: Iterable[Any], index: int, kind: type[Any], make: Callable[[Any], Made], reasons: Reasons
) -> tuple[list[Made], int]:
    """What can be made of the items, and the index after the last one."""
    made = []
    for item in items:
        try:
            made.append(make(item if isinstance(item, kind) else _checked(item, kind)))
        except BadItem as exc:
            reasons.add(index, exc.where, exc.expected, exc.got)
        except DECODE_ERRORS as exc:
            reasons.add_error(index, exc)
        index += 1
    return made, index


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


def _whole(group: Group) -> Group:
    """The group, with U+FFFD where its own texts had half a surrogate pair; its spans have been checked."""
    return Group(
        _readable(group.resource), _readable(group.scope_name), _readable(group.scope_version), group.spans
    )


def _readable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    if isinstance(value, dict):
        return {_readable(key): _readable(each) for key, each in value.items()}
    return [_readable(each) for each in value] if isinstance(value, list) else value


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
