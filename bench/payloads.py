"""Requests for the load: OTLP traces and RUM batches, made once before the clock starts."""

import random
import time
from typing import Any

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

SPANS_A_TRACE = 5
TRACES_A_REQUEST = 20
SPANS_A_REQUEST = SPANS_A_TRACE * TRACES_A_REQUEST
EVENTS_A_REQUEST = 50

RAGE_SHARE = 0.02
"""Of clicks."""

WORDS = [
    "tent",
    "stove",
    "pack",
    "ridge",
    "lantern",
    "return",
    "policy",
    "refund",
    "weather",
    "alpine",
    "litre",
    "gram",
    "waterproof",
    "warranty",
    "order",
    "delivery",
    "answer",
    "question",
    "customer",
    "season",
    "cotton",
    "titanium",
    "summit",
    "valley",
    "river",
    "morning",
    "compare",
    "price",
]

KINDS = ("invoke_agent", "retrieval", "chat", "execute_tool", "chat")
"""The operations of one trace's five spans; the first is the root."""


SOUP = " ".join(random.Random(0).choices(WORDS, k=200_000))
"""Words to cut texts from: choosing each word anew would take longer than what is measured."""


def text(source: random.Random, size: int, soup: str = SOUP) -> str:
    """Plain words, `size` characters of them."""
    begin = source.randrange(len(soup) - size)
    return soup[begin : begin + size]


def attribute(key: str, value: str | int | float) -> KeyValue:
    """One OTLP attribute."""
    if isinstance(value, str):
        return KeyValue(key=key, value=AnyValue(string_value=value))
    if isinstance(value, int):
        return KeyValue(key=key, value=AnyValue(int_value=value))
    return KeyValue(key=key, value=AnyValue(double_value=value))


def messages(role: str, content: str) -> str:
    """Messages in the schema of the GenAI semantic conventions."""
    message = {"role": role, "parts": [{"type": "text", "content": content}]}
    return msgspec.json.encode([message]).decode()


def trace_spans(
    source: random.Random,
    start_ns: int,
    session_id: str,
    *,
    trace_id: bytes | None = None,
    parent: bytes = b"",
    model: str = "claude-haiku-4-5",
    soup: str = SOUP,
) -> list[Span]:
    """One trace: an agent over a retrieval, two model calls and a tool; about 3 kB a span on the wire."""
    trace_id = trace_id or source.randbytes(16)
    ids = [source.randbytes(8) for _ in KINDS]
    spans = []
    for index, operation in enumerate(KINDS):
        begin = start_ns + index * 40_000_000
        span = Span(
            trace_id=trace_id,
            span_id=ids[index],
            parent_span_id=parent if index == 0 else ids[0],
            name=f"{operation} bench",
            start_time_unix_nano=begin,
            end_time_unix_nano=begin + (400_000_000 if index == 0 else 35_000_000),
        )
        span.attributes.append(attribute("gen_ai.operation.name", operation))
        if index == 0:
            span.attributes.append(attribute("diptych.session.id", session_id))
        if operation == "chat":
            span.attributes.extend(
                [
                    attribute("gen_ai.request.model", model),
                    attribute("gen_ai.provider.name", "anthropic"),
                    attribute("gen_ai.usage.input_tokens", source.randint(200, 4000)),
                    attribute("gen_ai.usage.output_tokens", source.randint(20, 800)),
                    attribute("gen_ai.input.messages", messages("user", text(source, 1500, soup))),
                    attribute("gen_ai.output.messages", messages("assistant", text(source, 1000, soup))),
                ]
            )
        else:
            span.attributes.append(attribute("input.value", text(source, 1600, soup)))
            span.attributes.append(attribute("output.value", text(source, 1100, soup)))
        spans.append(span)
    return spans


def _moments_ns(requests: int, over_s: float) -> list[int]:
    """When each of the requests is about: all a second ago, or from then on evenly."""
    first_ns = time.time_ns() - 1_000_000_000
    return [first_ns + int(number / requests * over_s * 1e9) for number in range(requests)]


def otlp_requests(spans: int, sessions: list[str], *, seed: int = 1, over_s: float = 0) -> list[bytes]:
    """`spans` spans as protobuf bodies of 100, of now or of the next `over_s` seconds."""
    source = random.Random(seed)
    bodies = []
    for moment_ns in _moments_ns(max(1, spans // SPANS_A_REQUEST), over_s):
        request = ExportTraceServiceRequest()
        resource = request.resource_spans.add()
        resource.resource.attributes.append(attribute("service.name", "bench-agent"))
        scope = resource.scope_spans.add()
        scope.scope.name = "bench"
        for _ in range(TRACES_A_REQUEST):
            scope.spans.extend(trace_spans(source, moment_ns, source.choice(sessions)))
        bodies.append(request.SerializeToString())
    return bodies


def rum_event(source: random.Random, date_ms: int, session_id: str) -> dict[str, object]:
    """One RUM event of about 1.7 kB: a view now and then, else an action, resource or error."""
    kind = source.choices(("view", "action", "resource", "error"), (1, 4, 8, 1))[0]
    view_id = f"{session_id[:24]}{source.randrange(4):012d}"
    return event_of_kind(source, kind, date_ms, session_id, view_id, source.randrange(5000))


def event_of_kind(
    source: random.Random,
    kind: str,
    date_ms: int,
    session_id: str,
    view_id: str,
    user: int,
    soup: str = SOUP,
) -> dict[str, Any]:
    """One RUM event of this type."""
    event: dict[str, Any] = {
        "type": kind,
        "date": date_ms,
        "application": {"id": "bench"},
        "session": {"id": session_id, "type": "user"},
        "view": {"id": view_id, "url": f"https://shop.example.com/{source.choice(WORDS)}", "referrer": ""},
        "tab": {"id": f"tab-{session_id[:8]}"},
        "service": "bench-shop",
        "version": "1.0.0",
        "source": "browser",
        "ddtags": "sdk_version:0.1.0,env:bench,service:bench-shop,version:1.0.0",
        "usr": {"id": f"user-{user}", "email": f"u{user}@example.com"},
        "context": {"note": text(source, 700, soup), "cart": source.choices(WORDS, k=20)},
        "_dd": {"format_version": 2, "drift": 0, "configuration": {"session_sample_rate": 100}},
    }
    event_id = f"{source.getrandbits(128):032x}"
    if kind == "view":
        event["_dd"] = {"format_version": 2, "document_version": source.randrange(1, 1_000_000), "drift": 0}
    elif kind == "action":
        event["action"] = {"id": event_id, "type": "click", "target": {"name": source.choice(WORDS)}}
        if source.random() < RAGE_SHARE:
            event["action"]["frustration"] = {"type": ["rage_click"]}
    elif kind == "resource":
        event["resource"] = {
            "id": event_id,
            "type": "fetch",
            "url": f"https://shop.example.com/api/{source.choice(WORDS)}",
            "method": "GET",
            "status_code": 200,
            "duration": source.randrange(1_000_000, 900_000_000),
            "padding": text(source, 400, soup),
        }
    elif kind == "error":
        event["error"] = {
            "id": event_id,
            "message": text(source, 60, soup),
            "source": "source",
            "type": "TypeError",
            "stack": text(source, 500, soup),
        }
    return event


def rum_requests(events: int, sessions: list[str], *, seed: int = 2, over_s: float = 0) -> list[bytes]:
    """`events` events as NDJSON bodies of 50, of now or of the next `over_s` seconds."""
    source = random.Random(seed)
    encode = msgspec.json.encode
    return [
        b"\n".join(
            encode(rum_event(source, moment_ns // 1_000_000, source.choice(sessions)))
            for _ in range(EVENTS_A_REQUEST)
        )
        for moment_ns in _moments_ns(max(1, events // EVENTS_A_REQUEST), over_s)
    ]


def session_ids(count: int, seed: int = 3) -> list[str]:
    """Session ids of the shape that browsers make."""
    source = random.Random(seed)
    return [f"{source.getrandbits(128):032x}" for _ in range(count)]
