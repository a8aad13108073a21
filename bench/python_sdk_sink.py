"""A server that takes what tracing libraries send, and stands in for Anthropic's API.

It answers at once and counts afterwards, so that it takes little of the time that is measured. Prints its
port; `GET /count` says how many spans came since the last time, and forgets them.
"""

import gzip
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

OTLP, AGENT = "/v1/traces", "/v0.4/traces"

AGENT_INFO = {"endpoints": ["/v0.4/traces", "/info", "/evp_proxy/v2/", "/evp_proxy/v4/"], "version": "7.60.0"}

MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "model": "claude-bench",
    "content": [{"type": "text", "text": "Seven are left. " * 10}],
    "stop_reason": "end_turn",
    "stop_sequence": None,
    "usage": {"input_tokens": 90, "output_tokens": 20},
}

bodies: list[tuple[str, bytes]] = []


def count(path: str, body: bytes) -> int:
    """Spans in one request; of ddtrace's, those of LLM Observability."""
    if path.endswith(OTLP):
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        request = ExportTraceServiceRequest()
        request.ParseFromString(body)
        return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)
    if path.endswith(AGENT):
        traces = msgspec.msgpack.decode(body)
        return sum("_llmobs" in (span.get("meta_struct") or {}) for trace in traces for span in trace)
    return 0


class Handler(BaseHTTPRequestHandler):
    """Keeps bodies, answers 200."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body of an answer leave together: no waiting for an acknowledgement between them

    def do_POST(self) -> None:
        """Takes what is sent."""
        body = self.read()
        if self.path.startswith("/model/"):
            self.answer(MESSAGE)
            return
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        bodies.append((self.path, body))
        self.answer({})

    do_PUT = do_POST  # noqa: N815 - the names are the base class's

    def do_GET(self) -> None:
        """Says what an agent can do, or how many spans came."""
        if self.path != "/count":
            self.answer(AGENT_INFO)
            return
        total = sum(count(path, body) for path, body in bodies)
        bodies.clear()
        self.answer({"spans": total})

    def read(self) -> bytes:
        """The body, which ddtrace sends in chunks."""
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def answer(self, content: Any) -> None:
        """200 with JSON."""
        payload = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, *args: Any) -> None:
        """Nothing."""


def main() -> None:
    """Serve on a free port until killed."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
