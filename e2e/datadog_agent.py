"""The documented server pattern with Datadog's own client: plain `http.server`, `anthropic`, `ddtrace`.

Only its configuration points at Diptych: DD_TRACE_AGENT_URL=http://127.0.0.1:8400/k/<server key>.
"""

import asyncio
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ddtrace.llmobs import LLMObs
from ddtrace.llmobs.decorators import agent, tool

LLMObs.enable(agent_service="tent-agent")

from anthropic import AsyncAnthropic  # noqa: E402 - after enable, which patches it

MODEL = "claude-haiku-5-5"
MAX_ANSWER_TOKENS = 200


@tool
def stock(product: str) -> dict[str, Any]:
    """What the shop has."""
    return {"product": product, "in_stock": 7}


@agent
async def agent_loop(question: str, session_id: str) -> str:
    """One turn; the session of the page goes to its trace."""
    LLMObs.annotate(span=None, tags={"session_id": session_id})
    stock("tent")
    async with AsyncAnthropic() as client:
        message = await client.messages.create(
            model=MODEL, max_tokens=MAX_ANSWER_TOKENS, messages=[{"role": "user", "content": question}]
        )
    return "".join(block.text for block in message.content if block.type == "text")


class Handler(BaseHTTPRequestHandler):
    """Answers `POST /ask`."""

    def do_OPTIONS(self) -> None:
        """The page stands on another origin and sends headers of tracing."""
        self._answer(204, b"")

    def do_POST(self) -> None:
        """Reads `{"question", "session_id"}` and answers `{"answer"}`."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = asyncio.run(agent_loop(body["question"], body["session_id"]))
        self._answer(200, json.dumps({"answer": answer}).encode())

    def _answer(self, status: int, content: bytes) -> None:
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


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "0"))), Handler)
    print(f"listens on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
