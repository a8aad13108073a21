"""Thread pools: what runs in one belongs to the request that gave it the work.

`threading.Thread` is left alone on purpose: threads that libraries start within a request and keep for ever
would carry its ids on.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import wraps
from typing import TYPE_CHECKING, Any

from opentelemetry.context import Context, attach, detach, get_current

if TYPE_CHECKING:
    from .._client import Client


def start(client: Client) -> Callable[[], None]:
    """Lets `ThreadPoolExecutor.submit` (also `map`, `asyncio.to_thread`, `run_in_executor`) hand the context over."""
    original = ThreadPoolExecutor.submit

    @wraps(original)
    def submit(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        context = get_current()
        if not context:
            return original(self, fn, *args, **kwargs)
        return original(self, _run_in, context, fn, *args, **kwargs)

    ThreadPoolExecutor.submit = submit  # type: ignore[method-assign]  # the patch is the point

    def stop() -> None:
        if ThreadPoolExecutor.submit is submit:
            ThreadPoolExecutor.submit = original  # type: ignore[method-assign]  # back to the original

    return stop


def _run_in(context: Context, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    token = attach(context)
    try:
        return fn(*args, **kwargs)
    finally:
        detach(token)
