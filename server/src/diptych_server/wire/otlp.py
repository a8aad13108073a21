"""OTLP/HTTP in JSON, as far as the intake reads it (opentelemetry-proto 1.x, its JSON mapping).

Unknown fields are skipped, 64-bit integers come as strings or numbers, ids are hex. `gc=False` as in `rum`.
"""

import msgspec

Int64 = int | str
"""A 64-bit integer; the JSON mapping of protobuf writes it as a string."""


class AnyValue(msgspec.Struct, rename="camel", gc=False):
    """One value of an attribute; one field is set, or none for null."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Int64 | None = None
    double_value: float | int | str | None = None
    """A string for NaN and the infinities."""
    array_value: "ArrayValue | None" = None
    kvlist_value: "KeyValueList | None" = None
    bytes_value: str | None = None
    """base64"""


class ArrayValue(msgspec.Struct, gc=False):
    """A list of values."""

    values: list[AnyValue] = []


class KeyValue(msgspec.Struct, gc=False):
    """One attribute."""

    key: str
    value: AnyValue | None = None


class KeyValueList(msgspec.Struct, gc=False):
    """A map of values."""

    values: list[KeyValue] = []


class Status(msgspec.Struct, gc=False):
    """Status of a span; code 2 or `STATUS_CODE_ERROR` is an error."""

    code: int | str = 0
    message: str = ""


class Event(msgspec.Struct, rename="camel", gc=False):
    """An event on a span."""

    name: str = ""
    time_unix_nano: Int64 = 0
    attributes: list[KeyValue] = []


class Link(msgspec.Struct, rename="camel", gc=False):
    """A link to another span."""

    trace_id: str = ""
    span_id: str = ""
    attributes: list[KeyValue] = []


class Span(msgspec.Struct, rename="camel", gc=False):
    """One span."""

    trace_id: str
    span_id: str
    parent_span_id: str = ""
    name: str = ""
    start_time_unix_nano: Int64 = 0
    end_time_unix_nano: Int64 = 0
    attributes: list[KeyValue] = []
    events: list[Event] = []
    links: list[Link] = []
    status: Status | None = None


class Resource(msgspec.Struct, gc=False):
    """The process that sends."""

    attributes: list[KeyValue] = []


class Scope(msgspec.Struct, gc=False):
    """The instrumentation that made the spans."""

    name: str = ""
    version: str = ""


class ScopeSpans(msgspec.Struct, gc=False):
    """Spans of one scope."""

    scope: Scope | None = None
    spans: list[Span] = []


class ResourceSpans(msgspec.Struct, rename="camel", gc=False):
    """Spans of one resource."""

    resource: Resource | None = None
    scope_spans: list[ScopeSpans] = []


class TracesRequest(msgspec.Struct, rename="camel", gc=False):
    """Body of `/v1/traces`."""

    resource_spans: list[ResourceSpans] = []


class LogRecord(msgspec.Struct, rename="camel", gc=False):
    """One log record; `event_name` says what it is where it is an event."""

    trace_id: str = ""
    span_id: str = ""
    event_name: str = ""
    time_unix_nano: Int64 = 0
    observed_time_unix_nano: Int64 = 0
    body: AnyValue | None = None
    attributes: list[KeyValue] = []


class ScopeLogs(msgspec.Struct, rename="camel", gc=False):
    """Records of one scope."""

    log_records: list[LogRecord] = []


class ResourceLogs(msgspec.Struct, rename="camel", gc=False):
    """Records of one resource."""

    scope_logs: list[ScopeLogs] = []


class LogsRequest(msgspec.Struct, rename="camel", gc=False):
    """Body of `/v1/logs`."""

    resource_logs: list[ResourceLogs] = []


class PartialSuccess(msgspec.Struct, rename="camel", omit_defaults=True):
    """What was refused; 64-bit counts are strings in this mapping."""

    rejected_spans: str = ""
    rejected_log_records: str = ""
    error_message: str = ""


class ExportAnswer(msgspec.Struct, rename="camel", omit_defaults=True):
    """ExportTraceServiceResponse and ExportLogsServiceResponse."""

    partial_success: PartialSuccess | None = None
