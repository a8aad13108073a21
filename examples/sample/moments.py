"""Moments inside a recorded request: finding them, and moving all of them by the same time.

A moment is a number that lies near the time of the recording: epoch milliseconds in JSON (`date` of an event,
`timestamp` of a replay record, `timestamp_ms` of an evaluation), nanoseconds in a span. Thirteen digits hit
so narrow a window hardly ever by accident; everything else stays byte for byte what the SDK wrote.
"""

import re
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

NEAR_MS = 10 * 60 * 1000
"""A number this near to the recording of a visit is a moment of it."""
NS_IN_MS = 1_000_000

_NUMBER = re.compile(rb"(?<=[:,\[])1\d{12}(?=[,\]}.])")


def moments(body: bytes, first_ms: int, last_ms: int) -> Iterator[int]:
    """Moments of a JSON body that was recorded between the two, epoch ms."""
    for match in _NUMBER.finditer(body):
        if first_ms - NEAR_MS <= (moment := int(match[0])) <= last_ms + NEAR_MS:
            yield moment


def moved(body: bytes, first_ms: int, last_ms: int, by_ms: int) -> bytes:
    """A JSON body with all its moments later by `by_ms`."""

    def move(match: re.Match[bytes]) -> bytes:
        moment = int(match[0])
        return b"%d" % (moment + by_ms) if first_ms - NEAR_MS <= moment <= last_ms + NEAR_MS else match[0]

    return _NUMBER.sub(move, body)


def span_moments(body: bytes) -> Iterator[int]:
    """Starts and ends of the spans of an OTLP request, epoch ms."""
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield from (span.start_time_unix_nano // NS_IN_MS, span.end_time_unix_nano // NS_IN_MS)


def spans_moved(body: bytes, by_ms: int) -> bytes:
    """An OTLP request with all its spans and their events later by `by_ms`."""
    request = ExportTraceServiceRequest.FromString(body)
    by_ns = by_ms * NS_IN_MS
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                span.start_time_unix_nano += by_ns
                span.end_time_unix_nano += by_ns
                for event in span.events:
                    event.time_unix_nano += by_ns
    return request.SerializeToString()
