"""Real processes for the tests: the shop, the stand-in alone, and a receiver of OTLP spans."""

import gzip
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from anthropic import Anthropic, DefaultHttpxClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

EXAMPLES = Path(__file__).parents[2]
START_TIMEOUT_S = 30
SPANS_TIMEOUT_S = 10


class Receiver:
    """An OTLP/HTTP endpoint that keeps the spans it is sent."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def trace_with(self, wanted: Callable[[dict[str, str], str], bool]) -> list[Span]:
        """All spans of the trace in which a span is `wanted`, asked with its attributes and its name."""
        deadline = time.monotonic() + SPANS_TIMEOUT_S
        while time.monotonic() < deadline:
            for span in list(self._spans):
                if wanted(attributes(span), span.name):
                    time.sleep(
                        0.7
                    )  # the exporter sends every half second: the rest of the trace is here by then
                    return [other for other in self._spans if other.trace_id == span.trace_id]
            time.sleep(0.02)
        raise AssertionError(f"no such span came; {sorted({span.name for span in self._spans})} did")

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        spans = self._spans

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                if self.path == "/v1/traces":
                    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                        for scope in resource.scope_spans:
                            spans.extend(scope.spans)
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Says nothing."""

        return Handler


def attributes(span: Span) -> dict[str, str]:
    """The text attributes of a span."""
    return {each.key: each.value.string_value for each in span.attributes}


@contextmanager
def running(*command: str, **environment: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """A program of the examples, and the address that the first line it prints names."""
    process = subprocess.Popen(
        [sys.executable, *command],
        stdout=subprocess.PIPE,
        text=True,
        cwd=EXAMPLES,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(EXAMPLES), **environment},
    )
    assert process.stdout
    try:
        line = process.stdout.readline()
        address = re.search(r"http://[\d.]+:\d+", line)
        assert address, f"{command} printed {line!r} and no address"
        yield address[0], process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=START_TIMEOUT_S)
        process.stdout.close()


@pytest.fixture(scope="session")
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def shop(receiver: Receiver) -> Iterator[str]:
    """The address of a shop whose spans go to the receiver."""
    keys = {
        "DIPTYCH_URL": receiver.url,
        "DIPTYCH_KEY": "server-key-of-a-test",
        "DIPTYCH_CLIENT_KEY": "client-key",
    }
    with running("-m", "concierge", CONCIERGE_PORT="0", CONCIERGE_SPEED="20", **keys) as (url, _):
        yield url


@pytest.fixture(scope="session")
def model_url() -> Iterator[str]:
    """The address of the stand-in alone, at full speed."""
    with running("-m", "concierge.offline_model", "--port", "0", "--speed", "0") as (url, _):
        yield url


@pytest.fixture(scope="session")
def client(model_url: str) -> Iterator[Anthropic]:
    """The real client of the Messages API, pointed at the stand-in."""
    http_client = DefaultHttpxClient(trust_env=False)
    with Anthropic(base_url=model_url, api_key="any", max_retries=0, http_client=http_client) as client:
        yield client
