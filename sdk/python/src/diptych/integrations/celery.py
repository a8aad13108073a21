"""Celery, whose forked workers end without their exit handlers, and often: `worker_max_tasks_per_child`."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._patching import when_imported

if TYPE_CHECKING:
    from diptych._client import Client

_MS_PER_S = 1_000


def start(client: Client) -> Callable[[], None]:
    """Sends what waits when a worker ends, as the end of any other process does."""

    def ends(**_: Any) -> None:
        client.flush(client.settings.exit_timeout_ms / _MS_PER_S)

    def instrument(signals: Any) -> list[Callable[[], None]]:
        signal = signals.worker_process_shutdown
        signal.connect(ends, weak=False)
        return [lambda: signal.disconnect(ends)]

    return when_imported("celery.signals", instrument)
