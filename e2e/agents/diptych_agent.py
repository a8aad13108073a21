"""An agent that is told no session: Diptych's SDK takes it from the baggage of the request."""

import asyncio
from collections.abc import Mapping
from typing import Any

from asking import serve
from model import ask_model

from diptych import LLMObs
from diptych.decorators import agent


@agent
async def agent_loop(question: str) -> str:
    """One turn, which knows nothing of the page."""
    return await ask_model(question)


def answer(body: Mapping[str, Any], headers: Mapping[str, str]) -> str:
    """Goes on with the trace that the page began."""
    with LLMObs.activate_distributed_headers(headers):
        return asyncio.run(agent_loop(body["question"]))


if __name__ == "__main__":
    LLMObs.enable(ml_app="tent-agent")
    serve(answer)
