"""What was lost on the way, counted by reason, and told to the server."""

from __future__ import annotations

import secrets
import threading
from collections import Counter

NO_LOSS = frozenset({"trace_without_llm_span", "sampled_out", "span_processor", "rejected_by_server"})
"""What was left out on purpose, and what the server has counted itself: not told to it."""

HEADER = "Diptych-Dropped"
"""Carries `<id of this process's counts>; <reason>=<count so far>, …`; the server adds what is new to it."""


class Drops:
    """Counts of spans and evaluations that were not delivered, by reason. Thread-safe."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Back to nothing: after a fork, since the parent tells its own losses."""
        self._lock = threading.RLock()  # reentrant, as in `Outbox`
        self._counts: Counter[str] = Counter()
        self._id = secrets.token_hex(8)
        self._told = ""

    def count(self, reason: str, how_many: int = 1) -> None:
        """Adds `how_many` losses for `reason`."""
        if how_many > 0:
            with self._lock:
                self._counts[reason] += how_many

    def read(self) -> dict[str, int]:
        """The counts so far, a copy."""
        with self._lock:
            return dict(self._counts)

    def report(self) -> str:
        """What the server has not been told yet, as the value of `HEADER`; empty when it knows all.

        Counts are sums, not differences: a request that is sent twice tells nothing twice.
        """
        with self._lock:
            losses = sorted(
                (reason, count) for reason, count in self._counts.items() if reason not in NO_LOSS
            )
            if not losses:
                return ""
            report = f"{self._id}; " + ", ".join(f"{reason}={count}" for reason, count in losses)
            return "" if report == self._told else report

    def told(self, report: str) -> None:
        """The server has taken a request with this report."""
        with self._lock:
            self._told = report
