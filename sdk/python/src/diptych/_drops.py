"""What was lost on the way, counted by reason."""

import threading
from collections import Counter


class Drops:
    """Counts of spans and evaluations that were not delivered, by reason. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.RLock()  # reentrant, as in `Outbox`
        self._counts: Counter[str] = Counter()

    def count(self, reason: str, how_many: int = 1) -> None:
        """Adds `how_many` losses for `reason`."""
        if how_many > 0:
            with self._lock:
                self._counts[reason] += how_many

    def read(self) -> dict[str, int]:
        """The counts so far, a copy."""
        with self._lock:
            return dict(self._counts)

    def reset(self) -> None:
        """Back to nothing: after a fork, since the parent tells its own losses."""
        self._lock = threading.RLock()
        self._counts = Counter()
