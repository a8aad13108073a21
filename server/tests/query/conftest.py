"""The query API as a client sees it: its routes over the real engine and real blobs, errors as problems."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from litestar import Litestar
from litestar.di import Provide

from diptych_server.app.problems import problem_response
from diptych_server.query.api import HANDLERS
from diptych_server.query.paths import keep_encoded
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database

Ask = Callable[..., Awaitable[httpx.Response]]
"""`await ask("sessions", "an id", "events", limit=5)` gets `/api/v1/sessions/an%20id/events?limit=5`."""


@pytest.fixture
def blobs(tmp_path: Path) -> Blobs:
    return Blobs.open(f"file://{tmp_path}/blobs")


@pytest.fixture
def statements(database: Database, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that the store is asked, in order."""
    asked: list[str] = []
    query = database.query

    async def listening(sql: str, *given: Any, **more: Any) -> list[dict[str, Any]]:
        asked.append(sql)
        return await query(sql, *given, **more)

    monkeypatch.setattr(database, "query", listening)
    return asked


@pytest.fixture
def ask(database: Database, blobs: Blobs, project_id: str) -> Ask:
    """Asks the API as a reader of `project_id`, or of another `project`."""

    async def ask(*segments: str, project: str = project_id, **parameters: Any) -> httpx.Response:
        api = Litestar(
            HANDLERS,
            dependencies={
                "database": Provide(lambda: database, sync_to_thread=False),
                "blobs": Provide(lambda: blobs, sync_to_thread=False),
                "project_id": Provide(lambda: project, sync_to_thread=False),
            },
            exception_handlers={Exception: problem_response},
            openapi_config=None,
            logging_config=None,
        )

        async def app(scope: Any, receive: Any, send: Any) -> None:
            await api(keep_encoded(scope), receive, send)  # type: ignore[arg-type]  # a scope is a dict here

        path = "/".join(quote(segment, safe="") for segment in segments)
        named = {name.rstrip("_"): value for name, value in parameters.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
            return await client.get(f"/api/v1/{path}", params=named)

    return ask
