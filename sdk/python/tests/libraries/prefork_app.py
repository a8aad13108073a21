"""One application for gunicorn (`wsgi`) and uvicorn (`asgi`): each request is a span with its number."""

import asyncio
import os
import time
from collections.abc import Callable, Iterable
from typing import Any

from diptych import LLMObs

LLMObs.enable(ml_app="shop", linger_ms=10_000)  # nothing leaves by itself before the process ends

WORK_S = 0.05
"""Long enough that requests at the same time reach several workers."""


def wsgi(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answers with the id of the process."""
    with LLMObs.workflow(environ["PATH_INFO"].strip("/"), session_id="s1"):
        LLMObs.annotate(metadata={"process": os.getpid()})
        time.sleep(WORK_S)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]


async def asgi(scope: dict[str, Any], receive: Callable[..., Any], send: Callable[..., Any]) -> None:
    """The same, in a loop."""
    if scope["type"] != "http":
        return
    with LLMObs.workflow(scope["path"].strip("/"), session_id="s1"):
        LLMObs.annotate(metadata={"process": os.getpid()})
        await asyncio.sleep(WORK_S)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(os.getpid()).encode()})
