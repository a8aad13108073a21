"""Local stand-ins of two model APIs, just enough for their real clients: Anthropic's messages, OpenAI's chat.

Both ask for the tool `stock` when they are offered it, and answer "Seven are left." once they have its
result. The model `broken` fails.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = "Seven are left."
TOOL = {"product": "tent"}

ANTHROPIC_USAGE = {
    "input_tokens": 90,
    "output_tokens": 20,
    "cache_read_input_tokens": 10,
    "cache_creation_input_tokens": 0,
}
OPENAI_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 5},
}


def anthropic_answer(body: dict[str, Any]) -> dict[str, Any]:
    """One message."""
    asks = bool(body.get("tools")) and not _has_result(body["messages"])
    block = {"type": "tool_use", "id": "toolu_1", "name": "stock", "input": TOOL}
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": body["model"],
        "content": [block if asks else {"type": "text", "text": ANSWER}],
        "stop_reason": "tool_use" if asks else "end_turn",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    }


def anthropic_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same as a stream."""
    message = anthropic_answer(body)
    start = {**message, "content": [], "stop_reason": None, "usage": {**ANTHROPIC_USAGE, "output_tokens": 1}}
    yield {"type": "message_start", "message": start}
    yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
    for word in ("Seven ", "are ", "left."):
        yield {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": word}}
    yield {"type": "content_block_stop", "index": 0}
    stop = {"stop_reason": "end_turn", "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 20}}
    yield {"type": "message_stop"}


def openai_answer(body: dict[str, Any]) -> dict[str, Any]:
    """One completion."""
    asks = bool(body.get("tools")) and body["messages"][-1]["role"] != "tool"
    call = {"id": "call_1", "type": "function", "function": {"name": "stock", "arguments": json.dumps(TOOL)}}
    message = {"role": "assistant", "content": None if asks else ANSWER}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": body["model"],
        "choices": [
            {
                "index": 0,
                "message": message | ({"tool_calls": [call]} if asks else {}),
                "finish_reason": "tool_calls" if asks else "stop",
            }
        ],
        "usage": OPENAI_USAGE,
    }


def openai_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same as a stream."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
    for word in ("Seven ", "are ", "left."):
        yield {
            **base,
            "choices": [{"index": 0, "delta": {"role": "assistant", "content": word}, "finish_reason": None}],
        }
    yield {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    yield {**base, "choices": [], "usage": OPENAI_USAGE}


def _has_result(messages: list[dict[str, Any]]) -> bool:
    content = messages[-1]["content"]
    return isinstance(content, list) and any(block.get("type") == "tool_result" for block in content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if body["model"] == "broken":
            error = {"type": "not_found_error", "message": "no such model"}
            self._send(404, json.dumps({"type": "error", "error": error}))
        elif self.path.endswith("/embeddings"):
            vector = {"object": "embedding", "index": 0, "embedding": [0.1, 0.2]}
            usage = {"prompt_tokens": 4, "total_tokens": 4}
            answer = {"object": "list", "data": [vector], "model": body["model"], "usage": usage}
            self._send(200, json.dumps(answer))
        elif self.path.endswith("/messages"):
            self._answer(body, anthropic_answer, anthropic_events)
        else:
            self._answer(body, openai_answer, openai_events)

    def _answer(self, body: dict[str, Any], whole: Any, events: Any) -> None:
        if not body.get("stream"):
            self._send(200, json.dumps(whole(body)))
            return
        lines = [f"event: {each.get('type', 'chunk')}\ndata: {json.dumps(each)}\n\n" for each in events(body)]
        self._send(200, "".join([*lines, "data: [DONE]\n\n"]), "text/event-stream")

    def _send(self, status: int, content: str, content_type: str = "application/json") -> None:
        payload = content.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the base class's
        """Say nothing of each request."""


@contextmanager
def model_apis() -> Iterator[str]:
    """Serves both on a free port, and gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
