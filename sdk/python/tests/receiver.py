"""A real HTTP server that takes OTLP and evaluations, and keeps what it decoded."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue

_KINDS = {1: "INTERNAL", 2: "SERVER", 3: "CLIENT", 4: "PRODUCER", 5: "CONSUMER"}


@dataclass(frozen=True)
class Span:
    """One span as it came over the wire."""

    name: str
    trace_id: str
    span_id: str
    parent_id: str
    scope: str
    kind: str
    start_ns: int
    end_ns: int
    status: int
    status_message: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    events: list[tuple[str, dict[str, Any]]]

    @property
    def session(self) -> tuple[str, str] | None:
        """Session id and how the SDK knew it."""
        if "diptych.session.id" not in self.attributes:
            return None
        return self.attributes["diptych.session.id"], self.attributes["diptych.session.source"]

    @property
    def session_id(self) -> str | None:
        """Session id."""
        return None if self.session is None else self.session[0]

    def json(self, key: str) -> Any:
        """The value of an attribute that holds JSON."""
        return json.loads(self.attributes[key])


@dataclass
class Reply:
    """What the receiver answers to one request."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    wait_s: float = 0


class Receiver:
    """Listens on a free port of 127.0.0.1 (or the one given) until `close()`."""

    def __init__(self, port: int = 0) -> None:
        self.spans: list[Span] = []
        self.evaluations: list[dict[str, Any]] = []
        self.requests: list[tuple[str, dict[str, str], int]] = []
        """Path, headers and body size of each request, accepted or not."""
        self.answer: Callable[[int, bytes], Reply] = lambda number, body: Reply()
        """Given how many requests came before and the body, what to answer; only 200 and 202 keep data."""
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._server.server_address[1])

    def take(self, path: str, headers: dict[str, str], raw: bytes) -> Reply:
        """Decides about one request and keeps what it holds."""
        with self._lock:
            number = len(self.requests)
            self.requests.append((path, headers, len(raw)))
        body = gzip.decompress(raw) if headers.get("content-encoding") == "gzip" else raw
        reply = self.answer(number, body)
        time.sleep(reply.wait_s)
        if reply.status not in (200, 202):
            return reply
        if path.endswith("/v1/evaluations"):
            sent = json.loads(body)["evaluations"]
            with self._lock:
                self.evaluations.extend(sent)
            answer = {"accepted": len(sent), "rejected": 0, "reasons": []}
            return Reply(202, {"Content-Type": "application/json"}, json.dumps(answer).encode())
        spans = decode(body)
        with self._lock:
            self.spans.extend(spans)
        if reply.body:
            return reply
        return Reply(
            200, {"Content-Type": "application/x-protobuf"}, ExportTraceServiceResponse().SerializeToString()
        )

    def by_name(self) -> dict[str, Span]:
        """The spans by name; fails where two share one."""
        names = [span.name for span in self.spans]
        assert len(set(names)) == len(names), f"names are not unique: {names}"
        return {span.name: span for span in self.spans}

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self.spans.clear()
            self.evaluations.clear()
            self.requests.clear()

    def wait_for(self, number: int, timeout_s: float = 5) -> list[Span]:
        """Waits until `number` spans have come."""
        until = time.monotonic() + timeout_s
        while len(self.spans) < number and time.monotonic() < until:
            time.sleep(0.005)
        return self.spans

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def decode(body: bytes) -> list[Span]:
    """The spans of an OTLP request."""
    request = ExportTraceServiceRequest()
    request.ParseFromString(body)
    return [
        Span(
            name=span.name,
            trace_id=span.trace_id.hex(),
            span_id=span.span_id.hex(),
            parent_id=span.parent_span_id.hex(),
            scope=scoped.scope.name,
            kind=_KINDS[span.kind],
            start_ns=span.start_time_unix_nano,
            end_ns=span.end_time_unix_nano,
            status=span.status.code,
            status_message=span.status.message,
            attributes={item.key: _value(item.value) for item in span.attributes},
            resource={item.key: _value(item.value) for item in resource.resource.attributes},
            events=[
                (event.name, {i.key: _value(i.value) for i in event.attributes}) for event in span.events
            ],
        )
        for resource in request.resource_spans
        for scoped in resource.scope_spans
        for span in scoped.spans
    ]


def _value(value: AnyValue) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_value(item) for item in value.array_value.values]
    if kind == "kvlist_value":
        return {item.key: _value(item.value) for item in value.kvlist_value.values}
    return getattr(value, kind)


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            reply = receiver.take(self.path, headers, raw)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, *args: Any) -> None:
            """Nothing: the tests look at what came, not at a log."""

    return Handler
