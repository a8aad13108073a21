"""The HTTP side of the agents of the tests: plain `http.server`, on an origin other than the page's."""

import json
import os
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[[Mapping[str, Any], Mapping[str, str]], str]
"""From the body and the headers of a request to the text of the answer."""


def serve(answer: Answer) -> None:
    """Answers `POST /ask` until the process is ended; prints its address first."""

    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            """The page stands on another origin and sends headers of tracing."""
            self._send(204, b"")

        def do_POST(self) -> None:
            """Reads `{"question", "session_id"?}` and answers `{"answer"}`."""
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self._send(200, json.dumps({"answer": answer(body, dict(self.headers))}).encode())

        def _send(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Access-Control-Allow-Origin", "*")
            self.send_header(
                "Access-Control-Allow-Headers", self.headers.get("Access-Control-Request-Headers", "*")
            )
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
            """Say nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(f"listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
