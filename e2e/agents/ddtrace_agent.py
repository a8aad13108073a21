"""The documented server pattern with Datadog's own client: `http.server`, `anthropic`, `ddtrace`.

Only its configuration points at Diptych: DD_TRACE_AGENT_URL=http://127.0.0.1:8400/k/<server key>.
"""

import asyncio
from typing import Any

from asking import serve
from ddtrace.llmobs import LLMObs
from ddtrace.llmobs.decorators import agent, tool

LLMObs.enable(agent_service="tent-agent")

from model import ask_model  # noqa: E402 - after enable, which patches the client of the model


@tool
def stock(product: str) -> dict[str, Any]:
    """What the shop has."""
    return {"product": product, "in_stock": 7}


@agent
async def agent_loop(question: str, session_id: str) -> str:
    """One turn; the session of the page goes to its trace."""
    LLMObs.annotate(span=None, tags={"session_id": session_id})
    stock("tent")
    return await ask_model(question)


if __name__ == "__main__":
    serve(lambda body, headers: asyncio.run(agent_loop(body["question"], body["session_id"])))
