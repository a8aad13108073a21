"""A tiny local server that speaks Anthropic's Messages API: streaming, tool use, usage, errors.

What it answers is decided by the last user text: `tool …` asks for a tool, `slow …` streams slowly, `fail …`
answers 529, `stumble …` fails in the middle of a stream, `json …` is answered with JSON, anything else with a
sentence.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

INPUT_TOKENS = 21
CACHE_READ_TOKENS = 7
OUTPUT_TOKENS = 45
FIRST_OUTPUT_TOKENS = 1
"""What `message_start` says; `message_delta`'s count includes it."""

WORDS = ("The ", "lamp ", "costs ", "forty ", "euros.")
SLOW_S = 0.05


class AnthropicAPI:
    """Listens on a free port of 127.0.0.1 until `close()`."""

    def __init__(self) -> None:
        self.requests: list[tuple[dict[str, str], dict[str, Any]]] = []
        """Headers and body of each request."""
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The client's `base_url`."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stops listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def last_text(body: dict[str, Any]) -> str:
    """The last text of the conversation."""
    content = body["messages"][-1]["content"]
    return content if isinstance(content, str) else json.dumps(content)


def message(body: dict[str, Any], number: int) -> dict[str, Any]:
    """The answer as one message."""
    if last_text(body).startswith("tool"):
        content: list[dict[str, Any]] = [
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "toolu_1", "name": "search", "input": {"words": "lamp"}},
        ]
        stop = "tool_use"
    elif last_text(body).startswith("json"):
        content, stop = [{"type": "text", "text": '{"euros": 40}'}], "end_turn"
    else:
        content, stop = [{"type": "text", "text": "".join(WORDS)}], "end_turn"
    return {
        "id": f"msg_{number:04}",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": content,
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {
            "input_tokens": INPUT_TOKENS,
            "cache_read_input_tokens": CACHE_READ_TOKENS,
            "cache_creation_input_tokens": 0,
            "output_tokens": OUTPUT_TOKENS,
        },
    }


def stumbling(whole: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A stream that fails after its first words."""
    for number, event in enumerate(events(whole, 0)):
        if number == 4:
            yield {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
            return
        yield event


def events(whole: dict[str, Any], pause_s: float) -> Iterator[dict[str, Any]]:
    """The same answer as the events of a stream."""
    usage = {**whole["usage"], "output_tokens": FIRST_OUTPUT_TOKENS}
    start = {**whole, "content": [], "stop_reason": None, "usage": usage}
    yield {"type": "message_start", "message": start}
    for index, block in enumerate(whole["content"]):
        if block["type"] == "text":
            yield {
                "type": "content_block_start",
                "index": index,
                "content_block": {"type": "text", "text": ""},
            }
            for word in block["text"].split(" "):
                time.sleep(pause_s)
                delta = {"type": "text_delta", "text": word + " "}
                yield {"type": "content_block_delta", "index": index, "delta": delta}
        else:
            opened = {**block, "input": {}}
            yield {"type": "content_block_start", "index": index, "content_block": opened}
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": whole["stop_reason"], "stop_sequence": None},
        "usage": {"output_tokens": OUTPUT_TOKENS},
    }
    yield {"type": "message_stop"}


def _handler(api: AnthropicAPI) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            api.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            text = last_text(body)
            if text.startswith("fail"):
                self._send(
                    529, {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
                )
                return
            whole = message(body, len(api.requests))
            if body.get("stream") and text.startswith("stumble"):
                self._stream(stumbling(whole))
            elif body.get("stream"):
                self._stream(events(whole, SLOW_S if text.startswith("slow") else 0))
            else:
                self._send(200, whole)

        def _send(self, status: int, answer: dict[str, Any]) -> None:
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        def _stream(self, items: Iterator[dict[str, Any]]) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            try:
                for item in items:
                    self.wfile.write(f"event: {item['type']}\ndata: {json.dumps(item)}\n\n".encode())
                    self.wfile.flush()
            except (BrokenPipeError, ConnectionResetError):
                pass  # the client has had enough
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            """Nothing: the tests look at what came, not at a log."""

    return Handler
