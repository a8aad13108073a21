"""uvicorn, whose processes end by the very signal that asked them to, so that nothing runs at their exit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._patching import patch, when_imported

if TYPE_CHECKING:
    from diptych._client import Client

_MS_PER_S = 1_000


def start(client: Client) -> Callable[[], None]:
    """Sends what waits when the server has shut down, as the end of any other process does."""

    async def shut_down(original: Callable[..., Any], server: Any, *args: Any, **kwargs: Any) -> None:
        await original(server, *args, **kwargs)
        await asyncio.to_thread(client.flush, client.settings.exit_timeout_ms / _MS_PER_S)

    return when_imported("uvicorn.server", lambda found: [patch(found.Server, "shutdown", shut_down)])
