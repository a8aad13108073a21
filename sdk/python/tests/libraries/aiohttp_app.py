# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""A server of aiohttp on the port that is given: `/NAME` is a span of that name."""

import sys

from aiohttp import web

from diptych import LLMObs

LLMObs.enable(ml_app="shop")


async def answer(request: web.Request) -> web.Response:
    """A span; `?says=ID` names the session before it, with no span open."""
    if says := request.query.get("says"):
        LLMObs.annotate(span=None, tags={"session_id": says})
    with LLMObs.agent(request.match_info["name"]):
        return web.Response(text="answered")


async def stream(request: web.Request) -> web.StreamResponse:
    """Two spans, one after the other, while the answer is on its way."""
    response = web.StreamResponse()
    await response.prepare(request)
    for number in range(2):
        with LLMObs.agent(f"stream {number}"):
            await response.write(b"x")
    return response


application = web.Application()
application.router.add_get("/stream", stream)
application.router.add_get("/{name}", answer)

if __name__ == "__main__":
    web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None)
