"""The shop's web server: the page, its catalogue and the chat."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anthropic import AsyncAnthropic
from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from fastapi.staticfiles import StaticFiles

from .catalogue import products
from .chat import chat_routes
from .settings import Settings

PAGE = Path(__file__).parent / "page"

APPLICATION_ID = "b0a7f1c2-6f5e-4d0c-9a51-0c0c1e26e001"
"""The page's application id: any stable id will do, Diptych creates the application when it first sees it."""


def create_app(settings: Settings, client: AsyncAnthropic) -> FastAPI:
    """The shop as an ASGI app; `client` leads to the real API or to the offline stand-in."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        yield
        await client.close()

    template = (PAGE / "index.html").read_text(encoding="utf-8")
    html = template.replace("{{ diptych_url }}", settings.diptych_url)
    # FastAPI can trace itself, which would put the agent under a span of the web server: here it is the root.
    app = FastAPI(
        title="Concierge", version=settings.version, lifespan=lifespan, telemetry={"tracing": False}
    )
    app.include_router(chat_routes(client, settings.model, settings.prompt))
    app.mount("/assets", StaticFiles(directory=PAGE), name="assets")

    @app.get("/api/catalogue")
    async def catalogue() -> dict[str, object]:
        return {"products": [product.card() for product in products().values()]}

    @app.get("/settings.js")
    async def page_settings() -> Response:
        return Response(_settings_script(settings), media_type="text/javascript")

    @app.get("/", response_class=HTMLResponse)
    @app.get("/{kind}", response_class=HTMLResponse)
    @app.get("/{kind}/{sku}", response_class=HTMLResponse)
    async def page(kind: str = "", sku: str = "") -> HTMLResponse:
        shelves = {(product.kind, place) for product in products().values() for place in ("", product.sku)}
        found = (kind, sku) in shelves | {("", ""), ("cart", "")}
        return HTMLResponse(html, status_code=200 if found else 404)

    return app


def _settings_script(settings: Settings) -> str:
    """What the page needs to know of this server, as a script."""
    values = {
        "diptychUrl": settings.diptych_url,
        "applicationId": APPLICATION_ID,
        "clientToken": settings.diptych_client_key,
        "service": settings.service,
        "env": settings.env,
        "version": settings.version,
        "replaySampleRate": settings.replay_sample_rate,
        "model": settings.model,
        "offline": settings.offline,
    }
    return f"window.concierge = {json.dumps(values)};\n"
