"""Thread pools: what runs in one belongs to the request that gave it the work.

`threading.Thread` is left alone on purpose: threads that libraries start within a request and keep for ever
would carry its ids on.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context, attach, detach, get_current

from ._patching import patch

if TYPE_CHECKING:
    from diptych._client import Client


def start(client: Client) -> Callable[[], None]:
    """Lets `ThreadPoolExecutor` (`asyncio.to_thread` and `run_in_executor`, too) hand the context on."""
    return patch(ThreadPoolExecutor, "submit", _submit)


def _submit(
    original: Callable[..., Any],
    pool: ThreadPoolExecutor,
    fn: Callable[..., Any],
    /,
    *args: Any,
    **kwargs: Any,
) -> Any:
    context = get_current()
    if not context:
        return original(pool, fn, *args, **kwargs)
    return original(pool, _run_in, context, fn, *args, **kwargs)


def _run_in(context: Context, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    token = attach(context)
    try:
        return fn(*args, **kwargs)
    finally:
        detach(token)
