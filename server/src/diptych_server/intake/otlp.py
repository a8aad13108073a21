"""OTLP requests, protobuf or JSON, in one neutral shape: groups of spans with plain Python attributes."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from diptych_server.errors import BadRequest
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.wire import otlp as wire

STATUS_ERROR = 2
MAX_INT64 = 2**63 - 1

Attributes = dict[str, Any]

_is_hex = re.compile("[0-9a-f]+").fullmatch


class Event(NamedTuple):
    """An event on a span, or a log record."""

    name: str
    time_ns: int
    attributes: Attributes


class Link(NamedTuple):
    """A link to another span; ids in lower hex."""

    trace_id: str
    span_id: str
    attributes: Attributes


class OtlpSpan(NamedTuple):
    """One span as sent; ids in lower hex, `parent_id` empty at a root."""

    trace_id: str
    span_id: str
    parent_id: str
    name: str
    start_ns: int
    end_ns: int
    attributes: Attributes
    events: list[Event]
    links: list[Link]
    is_error: bool
    status_message: str


@dataclass(frozen=True, slots=True)
class Group:
    """Spans of one resource and scope."""

    resource: Attributes
    scope_name: str
    scope_version: str
    spans: list[OtlpSpan]


def read_protobuf(body: bytes, reasons: Reasons) -> Iterator[Group]:
    """Groups of an ExportTraceServiceRequest.

    Raises:
        BadRequest: it is no such message, or it is cut off.
    """
    try:
        request = ExportTraceServiceRequest.FromString(body)
    except DecodeError as exc:
        raise BadRequest(
            "expected an ExportTraceServiceRequest in protobuf: it is damaged or cut off"
        ) from exc
    index = -1
    for resource_spans in request.resource_spans:
        resource = _attributes(resource_spans.resource.attributes)
        for scope_spans in resource_spans.scope_spans:
            spans = []
            for span in scope_spans.spans:
                index += 1
                try:
                    spans.append(_span(span))
                except _BadSpan as exc:
                    reasons.add(index, exc.where, exc.expected, exc.got)
            scope = scope_spans.scope
            yield Group(resource, scope.name, scope.version, spans)


class _BadSpan(Exception):
    def __init__(self, where: str, expected: str, got: str) -> None:
        super().__init__(where)
        self.where, self.expected, self.got = where, expected, got


def _span(span: Any) -> OtlpSpan:
    trace_id: bytes = span.trace_id
    span_id: bytes = span.span_id
    return OtlpSpan(
        _id(trace_id.hex(), 32, "trace_id"),
        _id(span_id.hex(), 16, "span_id"),
        span.parent_span_id.hex() if any(span.parent_span_id) else "",
        span.name,
        _time_ns(span.start_time_unix_nano),
        _time_ns(span.end_time_unix_nano),
        _attributes(span.attributes),
        [Event(e.name, _time_ns(e.time_unix_nano), _attributes(e.attributes)) for e in span.events],
        [Link(link.trace_id.hex(), link.span_id.hex(), _attributes(link.attributes)) for link in span.links],
        span.status.code == STATUS_ERROR,
        span.status.message,
    )


def _attributes(pairs: Iterable[Any]) -> Attributes:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: Any) -> Any:
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


_decode_json = msgspec.json.Decoder(wire.TracesRequest).decode
_decode_loose = msgspec.json.Decoder(wire.TracesRequestLoose).decode
_decode_span = msgspec.json.Decoder(wire.Span).decode


def read_json(body: bytes, reasons: Reasons) -> Iterator[Group]:
    """Groups of a request in the JSON mapping. A span that cannot be read costs no other span anything.

    Raises:
        BadRequest: the body is no such request.
    """
    take: Callable[[Any], wire.Span] = _as_it_is
    try:
        request: Any = _decode_json(body)
    except DECODE_ERRORS:
        take = _decode_span
        try:
            request = _decode_loose(body)
        except DECODE_ERRORS as exc:
            where, expected, got = explain(exc)
            raise BadRequest(f"expected {expected}, got {got}", where=where) from exc
    index = -1
    for resource_spans in request.resource_spans:
        resource = _json_attributes(resource_spans.resource.attributes) if resource_spans.resource else {}
        for scope_spans in resource_spans.scope_spans:
            spans = []
            for span in scope_spans.spans:
                index += 1
                try:
                    spans.append(_json_span(take(span)))
                except _BadSpan as exc:
                    reasons.add(index, exc.where, exc.expected, exc.got)
                except DECODE_ERRORS as exc:
                    reasons.add_error(index, exc)
            scope = scope_spans.scope or wire.Scope()
            yield Group(resource, scope.name, scope.version, spans)


def _as_it_is(span: wire.Span) -> wire.Span:
    return span


def _json_span(span: wire.Span) -> OtlpSpan:
    status = span.status or wire.Status()
    return OtlpSpan(
        _id(span.trace_id.lower(), 32, "trace_id"),
        _id(span.span_id.lower(), 16, "span_id"),
        _parent(span.parent_span_id.lower()),
        span.name,
        _time_ns(span.start_time_unix_nano),
        _time_ns(span.end_time_unix_nano),
        _json_attributes(span.attributes),
        [Event(e.name, _time_ns(e.time_unix_nano), _json_attributes(e.attributes)) for e in span.events],
        [
            Link(link.trace_id.lower(), link.span_id.lower(), _json_attributes(link.attributes))
            for link in span.links
        ],
        status.code in (STATUS_ERROR, "STATUS_CODE_ERROR"),
        status.message,
    )


def _json_attributes(pairs: Iterable[wire.KeyValue]) -> Attributes:
    return {pair.key: _json_value(pair.value) for pair in pairs}


def _json_value(value: wire.AnyValue | None) -> Any:
    if value is None:
        return None
    if (text := value.string_value) is not None:
        return text
    if value.bool_value is not None:
        return value.bool_value
    if value.int_value is not None:
        return _integer(value.int_value)
    if value.double_value is not None:
        return _double(value.double_value)
    if value.array_value is not None:
        return [_json_value(item) for item in value.array_value.values]
    if value.kvlist_value is not None:
        return _json_attributes(value.kvlist_value.values)
    return value.bytes_value


def _integer(value: int | str) -> int | str:
    """A number where it is one; else the text that was sent, which a reader can at least see."""
    try:
        return int(value)
    except ValueError:
        return value


def _double(value: float | str) -> float | str:
    try:
        return float(value)
    except (ValueError, OverflowError):
        return str(value)


def _time_ns(value: int | str) -> int:
    number = _integer(value)
    if isinstance(number, str) or not 0 <= number <= MAX_INT64:
        raise _BadSpan("$.start_time_unix_nano", "nanoseconds since 1970", str(value)[:40])
    return number


def _id(value: str, digits: int, name: str) -> str:
    if len(value) == digits and value.strip("0") and _is_hex(value) is not None:
        return value
    raise _BadSpan(f"$.{name}", f"{digits} hex digits that are not all 0", value[:40] or "nothing")


def _parent(value: str) -> str:
    return value if value.strip("0") and _is_hex(value) is not None else ""
