"""The documented server example: `python documented_server.py decorated|undecorated threads|one URL API`.

A plain `http.server` handler reads `session_id` from the JSON body and runs (`asyncio.run`) an `agent_loop`
that annotates. Prints its port when it listens; a line on stdin ends it.
"""

import asyncio
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from threading import Thread

from anthropic import AsyncAnthropic

from diptych import LLMObs
from diptych.decorators import agent

STYLE, THREADING, URL, API = sys.argv[1:5]


async def agent_loop(question: str, session_id: str | None) -> str:
    if session_id:
        LLMObs.annotate(span=None, tags={"session_id": session_id})
    async with AsyncAnthropic(api_key="x", base_url=API) as client:
        message = await client.messages.create(
            model="claude-test", max_tokens=9, messages=[{"role": "user", "content": question}]
        )
    return "".join(block.text for block in message.content if block.type == "text")


answer = agent(agent_loop) if STYLE == "decorated" else agent_loop


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        text = asyncio.run(answer(body["question"], body.get("session_id")))
        self._send(text)

    def do_PUT(self) -> None:
        """The same without a loop: everything happens in the server's own thread and context."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if "session_id" in body:
            LLMObs.annotate(span=None, tags={"session_id": body["session_id"]})
        with LLMObs.workflow("sync", ml_app=body["question"]):
            self._send("done")

    def do_PATCH(self) -> None:
        """The session comes by the page's headers."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        LLMObs.activate_distributed_headers(self.headers)
        self._send(asyncio.run(answer(body["question"], None)))

    def _send(self, text: str) -> None:
        raw = text.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *args: object) -> None:
        """Nothing."""


if __name__ == "__main__":
    LLMObs.enable(ml_app="shop", url=URL, key="secret")
    server = (ThreadingHTTPServer if THREADING == "threads" else HTTPServer)(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    print(server.server_address[1], flush=True)
    sys.stdin.readline()
    server.shutdown()
    server.server_close()
