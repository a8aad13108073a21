"""The smallest server that joins an agent to the browser session it answers: plain `http.server`.

    DIPTYCH_KEY=<server key> ANTHROPIC_API_KEY=<your key> python examples/http_server/server.py
    curl 127.0.0.1:8402/ask -d '{"question": "Is it waterproof?", "session_id": "<id from the page>"}'

The page reads the id with `diptych.getInternalContext()?.session_id` and sends it in the body. The handler
passes it to the agent loop, and one call of `LLMObs.annotate` there gives it to the whole trace. That works
in both forms below: `/ask` runs a decorated agent loop, `/ask-undecorated` a bare one.

Without an Anthropic account, start the demo's stand-in (`python -m concierge.offline_model` in examples/) and
set ANTHROPIC_BASE_URL to the address it prints and ANTHROPIC_API_KEY to anything.
"""

import asyncio
import contextlib
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from anthropic import AsyncAnthropic

from diptych import LLMObs
from diptych.decorators import agent

MODEL = "claude-haiku-5-5"
MAX_ANSWER_TOKENS = 400


async def ask_model(question: str) -> str:
    """One call of the model; it is traced without a line of ours."""
    async with AsyncAnthropic() as client:
        message = await client.messages.create(
            model=MODEL, max_tokens=MAX_ANSWER_TOKENS, messages=[{"role": "user", "content": question}]
        )
    return "".join(block.text for block in message.content if block.type == "text")


@agent
async def agent_loop(question: str, session_id: str) -> str:
    """Decorated: the session goes to this span, and with it to the whole trace."""
    LLMObs.annotate(span=None, tags={"session_id": session_id})
    return await ask_model(question)


async def undecorated_agent_loop(question: str, session_id: str) -> str:
    """Without a span of its own: the session goes to the spans that start next in this context."""
    LLMObs.annotate(span=None, tags={"session_id": session_id})
    return await ask_model(question)


AGENT_LOOPS = {"/ask": agent_loop, "/ask-undecorated": undecorated_agent_loop}


class Handler(BaseHTTPRequestHandler):
    """Answers `POST /ask` and `POST /ask-undecorated`."""

    def do_POST(self) -> None:
        """Reads `{"question", "session_id"}` and answers `{"answer"}`."""
        agent_loop = AGENT_LOOPS.get(self.path)
        if agent_loop is None:
            self.send_error(404)
            return
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = asyncio.run(agent_loop(body["question"], body["session_id"]))
        self._send(200, {"answer": answer})

    def _send(self, status: int, content: dict[str, str]) -> None:
        payload = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)


def main() -> None:
    """Serves until interrupted. Diptych's address and key come from DIPTYCH_URL and DIPTYCH_KEY."""
    LLMObs.enable(ml_app="http-server-example")
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8402"))), Handler)
    print(f"Listening on http://127.0.0.1:{server.server_port}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.serve_forever()
    LLMObs.disable()


if __name__ == "__main__":
    main()
