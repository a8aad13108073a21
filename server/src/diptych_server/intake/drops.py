"""Counts what the intake lost, and what it kept without knowing it. Shown by `/health` and the UI."""

from collections import Counter
from threading import Lock

MAX_NAMES = 200
"""Distinct names that are counted apart; what senders can invent must not grow without bound."""

OTHER = "other"


class Drops:
    """Losses since start, by reason, such as `rum.malformed` or `trace.refused_by_store`."""

    def __init__(self) -> None:
        # Large bodies are decoded in threads; `+=` on a Counter is two steps.
        self._lock = Lock()
        self._lost: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()

    def lost(self, reason: str, count: int = 1) -> None:
        """Count `count` items that were refused or thrown away for `reason`."""
        with self._lock:
            _add(self._lost, reason, count)

    def unknown(self, name: str) -> None:
        """Count one item of a type that we do not know; it was kept."""
        with self._lock:
            _add(self._unknown, name, 1)

    def counts(self) -> dict[str, int]:
        """Losses by reason."""
        return dict(self._lost)

    def unknown_counts(self) -> dict[str, int]:
        """Items kept although their type is unknown, by type."""
        return dict(self._unknown)


def _add(counter: Counter[str], name: str, count: int) -> None:
    if count:
        counter[name if name in counter or len(counter) < MAX_NAMES else OTHER] += count
