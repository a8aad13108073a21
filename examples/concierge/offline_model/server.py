"""The HTTP side of the stand-in: `POST /v1/messages`, streamed or whole, and `/v1/messages/count_tokens`.

Event order of a stream, as the real API sends it
(https://platform.claude.com/docs/en/build-with-claude/streaming):

    message_start
      content_block_start · ping · content_block_delta … · content_block_stop     a block at a time
    message_delta (stop_reason, usage) · message_stop
"""

import hashlib
import json
from collections.abc import AsyncIterator

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from .message import Message, compose
from .request import ApiError, Block, MessagesRequest, parse
from .tokens import Pace, pieces

MAX_BODY_BYTES = 4 * 1024 * 1024
"""The real API takes 32 MB; a shop's questions are far smaller."""

INPUT_JSON_PIECE_CHARACTERS = 12

STAND_IN_HEADERS = {"x-answered-by": "concierge offline stand-in, not a language model"}
"""On every answer, so that nobody takes it for the model whose name the request carries."""


TROUBLES = ("", "stalls", "overloaded")
"""What can ail it: nothing, a silence in the middle of each longer answer, a refusal of half the requests."""


def create_app(speed: float = 1.0, trouble: str = "") -> Starlette:
    """The stand-in as an ASGI app. `speed` 1 is a small hosted model's pace, 0 does not wait.

    Raises:
        ValueError: `trouble` is none of `TROUBLES`.
    """
    if trouble not in TROUBLES:
        raise ValueError(f"trouble: expected one of {', '.join(TROUBLES[1:])} or nothing, got {trouble!r}")
    pace = Pace(speed, stalls=trouble == "stalls")

    async def messages(request: Request) -> Response:
        asked = await _read(request)
        if trouble == "overloaded" and int(_digest(await request.body()), 16) % 2:
            raise ApiError(529, "overloaded_error", "Overloaded")
        message = compose(asked, _digest(await request.body()))
        headers = {**STAND_IN_HEADERS, "request-id": message.request_id}
        if asked.stream:
            stream = _events(message, pace)
            return StreamingResponse(stream, media_type="text/event-stream; charset=utf-8", headers=headers)
        await pace.before_first_token()
        await pace.after(message.text())
        return JSONResponse(message.body(), headers=headers)

    async def count_tokens(request: Request) -> Response:
        body = await _read(request, {"max_tokens": 1})
        return JSONResponse({"input_tokens": body.input_tokens()}, headers=STAND_IN_HEADERS)

    return Starlette(
        routes=[
            Route("/v1/messages", messages, methods=["POST"]),
            Route("/v1/messages/count_tokens", count_tokens, methods=["POST"]),
        ],
        exception_handlers={ApiError: _api_error, 404: _not_found, 405: _not_found},
    )


async def _read(request: Request, defaults: dict[str, object] | None = None) -> MessagesRequest:
    if not request.headers.get("x-api-key") and not request.headers.get("authorization"):
        raise ApiError(401, "authentication_error", "x-api-key header is required")
    body = await request.body()
    if len(body) > MAX_BODY_BYTES:
        raise ApiError(413, "request_too_large", f"Request exceeds the maximum of {MAX_BODY_BYTES} bytes")
    return parse(body, defaults)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:20]


async def _api_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    request_id = f"req_offline_{_digest(str(request.url).encode())}"
    headers = {**STAND_IN_HEADERS, "request-id": request_id}
    return JSONResponse(error.body(request_id), status_code=error.status, headers=headers)


async def _not_found(request: Request, error: Exception) -> Response:
    return await _api_error(request, ApiError(404, "not_found_error", "Not Found"))


async def _events(message: Message, pace: Pace) -> AsyncIterator[str]:
    yield _sse("message_start", message=message.head())
    await pace.before_first_token()
    for index, block in enumerate(message.blocks):
        empty: Block = {"text": ""} if block["type"] == "text" else {"input": {}}
        yield _sse("content_block_start", index=index, content_block=block | empty)
        if index == 0:
            yield _sse("ping")
        written = 0
        for delta, weight in _deltas(block):
            await pace.after(weight, written)
            written += len(weight)
            yield _sse("content_block_delta", index=index, delta=delta)
        yield _sse("content_block_stop", index=index)
    end = {"stop_reason": message.stop_reason, "stop_sequence": message.stop_sequence}
    yield _sse("message_delta", delta=end, usage={"output_tokens": message.output_tokens})
    yield _sse("message_stop")


def _deltas(block: Block) -> list[tuple[dict[str, str], str]]:
    """The deltas of a block, each with the text whose length sets the pace."""
    if block["type"] == "text":
        return [({"type": "text_delta", "text": piece}, piece) for piece in pieces(block["text"])]
    whole = json.dumps(block["input"])
    size = INPUT_JSON_PIECE_CHARACTERS
    parts = ["", *(whole[at : at + size] for at in range(0, len(whole), size))]
    return [({"type": "input_json_delta", "partial_json": part}, part) for part in parts]


def _sse(event: str, **data: object) -> str:
    return f"event: {event}\ndata: {json.dumps({'type': event, **data})}\n\n"
