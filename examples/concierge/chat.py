"""The chat: a question comes in, the words of the answer go out as server-sent events.

How the browser session reaches the agent, three ways (the page chooses with `?mode=`):

    body      POST /api/chat {"question": …, "session_id": …}      the documented pattern
    get       GET  /api/chat?question=…&session_id=…               the same for EventSource, which has no body
    baggage   POST /api/chat {"question": …}                       only the W3C headers that the SDK adds

Events: `delta {text}`, `tool {name}`, `sources {sources: [{id, name}]}`, then `done {}` or `error {message}`.
"""

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator
from typing import Annotated
from uuid import uuid4

from anthropic import AnthropicError, AsyncAnthropic
from fastapi import APIRouter, Query, Request
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from diptych import LLMObs

from .agent import Answering, agent_loop
from .conversations import Conversations
from .prompts import PROMPTS

WAITING_EVENTS = 64
"""Events between the agent and a slow page; beyond them the agent waits."""

APOLOGY = "I could not reach the model just now. Please ask again in a moment."

logger = logging.getLogger("concierge")


class ChatQuestion(BaseModel):
    """What the page sends. `session_id` is `diptych.getInternalContext()?.session_id`."""

    question: str = Field(min_length=1, max_length=2000)
    session_id: str | None = Field(default=None, max_length=200)
    conversation_id: str | None = Field(default=None, max_length=64)
    viewing: str | None = Field(default=None, max_length=64)


def chat_routes(client: AsyncAnthropic, model: str, prompt: str) -> APIRouter:
    """The two doors of the chat; `client` leads to the real API or to the offline stand-in."""
    routes = APIRouter()
    conversations = Conversations()

    @routes.post("/api/chat")
    async def chat(request: Request, asked: ChatQuestion) -> StreamingResponse:
        LLMObs.activate_distributed_headers(dict(request.headers))
        return answer(asked)

    @routes.get("/api/chat")
    async def chat_by_query(request: Request, asked: Annotated[ChatQuestion, Query()]) -> StreamingResponse:
        LLMObs.activate_distributed_headers(dict(request.headers))
        return answer(asked)

    def answer(asked: ChatQuestion) -> StreamingResponse:
        conversation = conversations.get(asked.conversation_id or uuid4().hex)
        answering = Answering(
            client, model, PROMPTS[prompt], conversation, asked.viewing, events=asyncio.Queue(WAITING_EVENTS)
        )
        stream = _stream(asked, answering)
        return StreamingResponse(
            stream, media_type="text/event-stream", headers={"Cache-Control": "no-cache"}
        )

    return routes


async def _stream(asked: ChatQuestion, answering: Answering) -> AsyncIterator[str]:
    """Runs the agent and passes its events on; a page that goes away stops the agent."""
    work = asyncio.create_task(_run(asked, answering))
    try:
        name = ""
        while name not in ("done", "error"):
            name, data = await answering.events.get()
            yield f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def _run(asked: ChatQuestion, answering: Answering) -> None:
    try:
        await agent_loop(asked.question, asked.session_id, answering)
        await answering.say("done")
    except AnthropicError as error:
        logger.warning("the model did not answer: %s", error)
        await answering.say("error", message=APOLOGY)
    except Exception:
        logger.exception("the agent failed")
        await answering.say("error", message=APOLOGY)
