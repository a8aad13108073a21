"""Web applications: the page's ids reach the spans of the request that it made, and no other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

import httpx
import pytest
import uvicorn
from fastapi import Depends, FastAPI, WebSocket
from fastapi.responses import StreamingResponse
from fastapi.testclient import TestClient
from starlette.routing import Mount
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from diptych import LLMObs
from diptych.asgi import DiptychMiddleware as ASGIMiddleware
from diptych.wsgi import DiptychMiddleware as WSGIMiddleware

from .receiver import Receiver

PAGE = {
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "baggage": "session.id=S,user.id=U",
}


def step(name: str) -> None:
    with LLMObs.task(name):
        pass


def chat() -> FastAPI:
    """An application that starts spans wherever FastAPI runs code of its user."""
    app = FastAPI()

    def dependency() -> None:
        step("dependency")

    @app.post("/sync")
    def sync(_: None = Depends(dependency)) -> str:
        step("sync")
        return "ok"

    @app.post("/async")
    async def answer() -> StreamingResponse:
        step("async")
        task = asyncio.create_task(asyncio.to_thread(step, "task"))

        async def body() -> AsyncIterator[str]:
            step("stream")
            yield "ok"
            await task

        return StreamingResponse(body())

    @app.websocket("/socket")
    async def socket(connection: WebSocket) -> None:
        await connection.accept()
        step("socket")
        await connection.send_text("ok")
        await connection.close()

    return app


def sent(receiver: Receiver) -> dict[str, tuple[str | None, str | None, bool]]:
    """Session, user, and whether it is in the page's trace, by span of ours (FastAPI emits some, too)."""
    assert LLMObs.flush()
    return {
        span.name: (span.session_id, span.attributes.get("user.id"), span.trace_id.startswith("0af765"))
        for span in receiver.spans
        if span.scope == "diptych"
    }


def test_fastapi_needs_no_code(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with TestClient(chat()) as client:
        client.post("/sync", headers=PAGE)
        client.post("/async", headers=PAGE)
        with client.websocket_connect("/socket?dip-session=S") as connection:
            connection.receive_text()
    of_page = ("S", "U", True)
    assert sent(receiver) == {
        "dependency": of_page,
        "sync": of_page,
        "async": of_page,
        "stream": of_page,
        "task": of_page,
        "socket": ("S", None, False),
    }
    [server] = [span for span in receiver.spans if span.name == "POST /sync"]
    assert server.kind == "SERVER"
    assert server.session == ("S", "baggage")


def test_uvicorn_still_sees_an_asgi_3_application(llmobs: type[LLMObs], receiver: Receiver) -> None:
    config = uvicorn.Config(chat(), log_level="warning")
    config.load()
    assert config.interface == "asgi3"
    assert isinstance(config.loaded_app, ProxyHeadersMiddleware)
    assert isinstance(config.loaded_app.app, FastAPI)


async def test_requests_at_the_same_time_do_not_mix(llmobs: type[LLMObs], receiver: Receiver) -> None:
    app = FastAPI()

    @app.get("/{number}")
    async def answer(number: int) -> None:
        await asyncio.sleep(0)
        with LLMObs.agent(f"s{number}"):
            await asyncio.to_thread(step, f"s{number}")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await asyncio.gather(
            *(client.get(f"/{number}", headers={"baggage": f"session.id=s{number}"}) for number in range(60))
        )
    assert llmobs.flush()
    ours = [span for span in receiver.spans if span.scope == "diptych"]
    assert len(ours) == 120
    assert all(span.session_id == span.name for span in ours)


def test_session_that_a_dependency_annotates(llmobs: type[LLMObs], receiver: Receiver) -> None:
    """It runs in a thread, in a copy of the context; what it says holds for the request all the same."""
    app = FastAPI()

    def who() -> None:
        LLMObs.annotate(span=None, tags={"session_id": "said"})

    @app.get("/")
    async def answer(_: None = Depends(who)) -> None:
        step("answer")

    with TestClient(app) as client:
        client.get("/")
    assert sent(receiver)["answer"][0] == "said"


def test_mounted_applications_and_middleware_together(llmobs: type[LLMObs], receiver: Receiver) -> None:
    inner = chat()
    outer = FastAPI(routes=[Mount("/inner", ASGIMiddleware(inner))])
    with TestClient(outer) as client:
        client.post("/inner/sync", headers=PAGE)
    assert sent(receiver)["sync"] == ("S", "U", True)


async def test_asgi_middleware_by_hand(receiver: Receiver) -> None:
    async def application(scope: Any, receive: Any, send: Any) -> None:
        step("plain")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})

    LLMObs.enable(url=receiver.url, key="k", integrations_enabled=False, strict=True)
    transport = httpx.ASGITransport(ASGIMiddleware(application))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/", headers=PAGE)
        step("after")
    found = sent(receiver)
    LLMObs.disable()
    assert found == {"plain": ("S", "U", True), "after": (None, None, False)}


def streaming(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    step("application")
    start_response("200 OK", [])

    class Chunks:
        closed = False

        def __iter__(self) -> Iterator[bytes]:
            step("body")
            yield b"o"
            yield b"k"

        def close(self) -> None:
            step("close")

    return Chunks()


def call(app: Callable[..., Iterable[bytes]], **environ: str) -> bytes:
    """What a WSGI server does with an application."""
    given: dict[str, Any] = dict(environ)
    setup_testing_defaults(given)
    chunks: Any = app(given, lambda *_: None)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    return body


def test_wsgi_middleware(llmobs: type[LLMObs], receiver: Receiver) -> None:
    app = WSGIMiddleware(streaming)
    assert call(app, HTTP_TRACEPARENT=PAGE["traceparent"], HTTP_BAGGAGE=PAGE["baggage"]) == b"ok"
    step("after")
    of_page = ("S", "U", True)
    expected = dict.fromkeys(("application", "body", "close"), of_page) | {"after": (None, None, False)}
    assert sent(receiver) == expected


def test_wsgi_query_and_requests_in_turn(llmobs: type[LLMObs], receiver: Receiver) -> None:
    names = iter(["first", "second"])

    def application(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        step(next(names))
        return [b"ok"]

    app = WSGIMiddleware(application)
    query = f"q=1&dip-session=S%C3%A4%20%2C1&dip-traceparent={PAGE['traceparent']}"
    call(app, QUERY_STRING=query)
    call(app)
    assert sent(receiver) == {"first": ("Sä ,1", None, True), "second": (None, None, False)}


@pytest.mark.parametrize(
    "query", ["dip-session=", "dip-", "&" * 5_000 + "dip-session=S", "dip-session=%ff%00"]
)
def test_strange_queries_do_no_harm(query: str, llmobs: type[LLMObs], receiver: Receiver) -> None:
    assert call(WSGIMiddleware(lambda environ, start: [b"ok"]), QUERY_STRING=query) == b"ok"
