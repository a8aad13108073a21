"""Local stand-ins of two model APIs for their real clients: Anthropic's messages; OpenAI's chat, responses,
embeddings.

Both ask for the tool `stock` when they are offered a tool, and answer "Seven are left." once they have its
result, or when they are offered none. Streams pause before their first word. The model `broken` fails.
"""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ANSWER = "Seven are left."
WORDS = ("Seven ", "are ", "left.")
TOOL = {"product": "tent"}
FIRST_WORD_S = 0.03
NUMBERS = itertools.count(1)
"""Of responses: clients know them by their ids."""

ANTHROPIC_USAGE = {
    "input_tokens": 90,
    "output_tokens": 20,
    "cache_read_input_tokens": 10,
    "cache_creation_input_tokens": 0,
}
CHAT_USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "total_tokens": 120,
    "prompt_tokens_details": {"cached_tokens": 10},
    "completion_tokens_details": {"reasoning_tokens": 5},
}
RESPONSES_USAGE = {
    "input_tokens": 100,
    "output_tokens": 20,
    "total_tokens": 120,
    "input_tokens_details": {"cached_tokens": 10},
    "output_tokens_details": {"reasoning_tokens": 5},
}


def anthropic_answer(body: dict[str, Any]) -> dict[str, Any]:
    """One message."""
    asks = bool(body.get("tools")) and "tool_result" not in json.dumps(body["messages"])
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
    whole = anthropic_answer(body)
    usage = {**ANTHROPIC_USAGE, "output_tokens": 1}
    yield {"type": "message_start", "message": {**whole, "content": [], "stop_reason": None, "usage": usage}}
    time.sleep(FIRST_WORD_S)
    [block] = whole["content"]
    if block["type"] == "text":
        yield {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
        deltas = [{"type": "text_delta", "text": word} for word in WORDS]
    else:
        yield {"type": "content_block_start", "index": 0, "content_block": {**block, "input": {}}}
        deltas = [{"type": "input_json_delta", "partial_json": json.dumps(TOOL)}]
    for delta in deltas:
        yield {"type": "content_block_delta", "index": 0, "delta": delta}
    yield {"type": "content_block_stop", "index": 0}
    stop = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield {"type": "message_delta", "delta": stop, "usage": {"output_tokens": 20}}
    yield {"type": "message_stop"}


def chat_answer(body: dict[str, Any]) -> dict[str, Any]:
    """One chat completion."""
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
        "usage": CHAT_USAGE,
    }


def chat_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same as a stream; with usage where that is asked for."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": body["model"]}
    [choice] = chat_answer(body)["choices"]
    time.sleep(FIRST_WORD_S)
    calls = choice["message"].get("tool_calls")
    if calls:
        deltas = [{"role": "assistant", "tool_calls": [{"index": 0, **calls[0]}]}]
    else:
        deltas = [{"role": "assistant", "content": word} for word in WORDS]
    for delta in deltas:
        yield {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}
    yield {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]}
    if (body.get("stream_options") or {}).get("include_usage"):
        yield {**base, "choices": [], "usage": CHAT_USAGE}


def response_answer(body: dict[str, Any]) -> dict[str, Any]:
    """One response."""
    asks = bool(body.get("tools")) and "function_call_output" not in json.dumps(body["input"])
    text = {"type": "output_text", "text": ANSWER, "annotations": [], "logprobs": []}
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "status": "completed",
        "content": [text],
    }
    call = {
        "id": "fc_1",
        "type": "function_call",
        "call_id": "call_1",
        "name": "stock",
        "arguments": json.dumps(TOOL),
        "status": "completed",
    }
    return {
        "id": f"resp_{next(NUMBERS)}",
        "object": "response",
        "created_at": 1,
        "model": body["model"],
        "status": "completed",
        "output": [call if asks else message],
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": body.get("tools") or [],
        "usage": RESPONSES_USAGE,
    }


def response_events(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The same as a stream."""
    whole = response_answer(body)
    [item] = whole["output"]
    started = {**whole, "status": "in_progress", "output": [], "usage": None}
    events: list[dict[str, Any]] = [{"type": "response.created", "response": started}]
    place = {"output_index": 0, "item_id": item["id"]}
    if item["type"] == "message":
        part = {"type": "output_text", "text": "", "annotations": [], "logprobs": []}
        opened = {**item, "content": [], "status": "in_progress"}
        events += [
            {"type": "response.output_item.added", "output_index": 0, "item": opened},
            {"type": "response.content_part.added", **place, "content_index": 0, "part": part},
        ]
        at = {**place, "content_index": 0, "logprobs": []}
        events += [{"type": "response.output_text.delta", **at, "delta": word} for word in WORDS]
        events += [{"type": "response.output_text.done", **at, "text": ANSWER}]
    else:
        opened = {**item, "arguments": "", "status": "in_progress"}
        arguments = item["arguments"]
        events += [
            {"type": "response.output_item.added", "output_index": 0, "item": opened},
            {"type": "response.function_call_arguments.delta", **place, "delta": arguments},
            {"type": "response.function_call_arguments.done", **place, "arguments": arguments},
        ]
    events += [
        {"type": "response.output_item.done", "output_index": 0, "item": item},
        {"type": "response.completed", "response": whole},
    ]
    for number, event in enumerate(events):
        if number == 1:
            time.sleep(FIRST_WORD_S)
        yield {**event, "sequence_number": number}


def embeddings(body: dict[str, Any]) -> dict[str, Any]:
    """One vector a text."""
    texts = body["input"] if isinstance(body["input"], list) else [body["input"]]
    vectors = [
        {"object": "embedding", "index": index, "embedding": [0.1, 0.2]} for index, _ in enumerate(texts)
    ]
    usage = {"prompt_tokens": 4, "total_tokens": 4}
    return {"object": "list", "data": vectors, "model": body["model"], "usage": usage}


ANSWERS = {
    "/messages": (anthropic_answer, anthropic_events),
    "/responses": (response_answer, response_events),
    "/chat/completions": (chat_answer, chat_events),
}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.split("?")[0]
        if body["model"] == "broken":
            error = {"type": "not_found_error", "message": "no such model"}
            self._send(404, {"type": "error", "error": error})
            return
        if path.endswith("/embeddings"):
            self._send(200, embeddings(body))
            return
        [(whole, events)] = [both for end, both in ANSWERS.items() if path.endswith(end)]
        if body.get("stream"):
            self._stream(events(body))
        else:
            self._send(200, whole(body))

    def _send(self, status: int, answer: dict[str, Any]) -> None:
        payload = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        self.wfile.write(payload)

    def _stream(self, events: Iterator[dict[str, Any]]) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for event in events:
            head = f"event: {event['type']}\n" if "type" in event else ""
            self.wfile.write(f"{head}data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
        if self.path.endswith("/chat/completions"):
            self.wfile.write(b"data: [DONE]\n\n")
        self.close_connection = True

    def log_message(self, *args: Any) -> None:
        """Nothing: the tests look at what was traced."""


@contextmanager
def model_apis() -> Iterator[str]:
    """Serves all of it on a free port, and gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
