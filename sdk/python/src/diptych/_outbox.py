"""A bounded queue with one worker thread that sends what is put into it, in batches.

OpenTelemetry's own batch processor keeps 2,048 spans and loses a third of a burst; this one is bounded by
bytes, counts what it drops, retries for as long as there is room, and survives a fork.
"""

from __future__ import annotations

import random
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from ._drops import Drops
from ._problems import failure, notice
from ._process import watch
from ._transport import Answer, Verdict

Item = TypeVar("Item")

_BATCH_ITEMS = 512
_BATCH_BYTES = 1 << 20
"""What one request carries at most, by the sizes that `put` was told: small enough for a slow link, and a
batch is encoded in a few milliseconds, so that the host's threads never wait long for the interpreter."""

_FIRST_BACKOFF_S = 0.5
_LAST_BACKOFF_S = 30.0
_LONGEST_RETRY_AFTER_S = 120.0
"""A server that asks for more is asked again after this."""

_UNWELCOME = frozenset({"unreachable", "http_401", "http_403", "http_404"})
"""After these answers nothing is told of what was lost: nobody would listen."""


class Outbox(Generic[Item]):
    """Takes items from any thread, and delivers them from a thread of its own.

    Args:
        name: of the thread, and in log lines.
        encode: turns a batch into the body of a request.
        send: sends a body (in at most so many seconds; None: the usual) and says what came of it.
        confirm: told each delivered answer; returns how many items the server rejected.
        drops: where losses are counted.
        max_bytes: bound of what waits, by the sizes that `put` was told.
        linger_s: how long an item may wait for others.
        exit_timeout_s: how long the end of the process may wait.
    """

    def __init__(
        self,
        name: str,
        encode: Callable[[Sequence[Item]], bytes],
        send: Callable[[bytes, float | None], Answer],
        confirm: Callable[[Answer], int],
        drops: Drops,
        max_bytes: int,
        linger_s: float,
        exit_timeout_s: float,
        forget_connection: Callable[[], None],
    ) -> None:
        self._name = name
        self._encode = encode
        self._send = send
        self._confirm = confirm
        self._drops = drops
        self._max_bytes = max_bytes
        self._linger_s = linger_s
        self._exit_timeout_s = exit_timeout_s
        self._forget_connection = forget_connection
        self._reset()
        watch(self)

    def _reset(self) -> None:
        # Reentrant: the garbage collector may run inside `put`, and end a span (that of a dropped stream).
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._items: deque[tuple[Item, int]] = deque()
        self._bytes = 0
        self._in_flight = 0
        self._hurry = False
        self._closed = False
        self._is_welcome = False
        """Whether the server knows our key and our door, as its last answer said."""
        self._deadline_s: float | None = None
        self._thread: threading.Thread | None = None

    def after_fork(self) -> None:
        """In a child: the parent sends what was queued, over its own connection and thread."""
        closed = self._closed
        self._reset()
        self._closed = closed
        self._drops.reset()
        self._forget_connection()

    def deliver_to(self, take: Callable[[Sequence[Item]], None]) -> None:
        """Hands batches to `take` from now on, in place of sending them."""

        def keep(batch: Sequence[Item]) -> bytes:
            take(batch)
            return b""

        self._encode = keep
        self._send = lambda body, timeout_s: Answer(Verdict.DELIVERED)
        self._confirm = lambda answer: 0

    def put(self, item: Item, size_bytes: int) -> None:
        """Queues `item`; beyond the bound the oldest items go, counted."""
        with self._lock:
            if self._closed:
                self._drops.count("after_disable")
                return
            self._items.append((item, size_bytes))
            self._bytes += size_bytes
            overflow = 0
            while self._bytes > self._max_bytes and self._items:
                self._bytes -= self._items.popleft()[1]
                overflow += 1
            if self._thread is None:
                self._start_thread()
            elif len(self._items) == 1 or self._bytes - size_bytes < _BATCH_BYTES <= self._bytes:
                self._changed.notify_all()
        if overflow:
            self._drops.count("queue_full", overflow)
            notice(
                self._name, f"more than {self._max_bytes} bytes wait for the server: the oldest are dropped"
            )

    def _start_thread(self) -> None:
        self._thread = threading.Thread(target=self._work, name=self._name, daemon=True)
        self._thread.start()

    def flush(self, timeout_s: float) -> bool:
        """Sends everything now; True when nothing waits any more, False when the time was up."""
        return self._drain(time.monotonic() + timeout_s)

    def _drain(self, deadline_s: float) -> bool:
        with self._lock:
            while self._items or self._in_flight:
                left_s = deadline_s - time.monotonic()
                if left_s <= 0:
                    self._hurry = False
                    return False
                self._hurry = True
                self._changed.notify_all()
                self._changed.wait(left_s)
            self._hurry = False
            return True

    def before_end(self) -> None:
        """Sends what waits, within the time that the end of a process may take."""
        self.flush(self._exit_timeout_s)

    def at_exit(self) -> None:
        """As `before_end`, and takes nothing more."""
        self.close(self._exit_timeout_s)

    def close(self, timeout_s: float) -> bool:
        """Sends what is left for at most `timeout_s`, counts the rest as dropped, and takes nothing more."""
        deadline_s = time.monotonic() + timeout_s
        with self._lock:
            if self._closed:
                return True
            self._deadline_s = deadline_s
        drained = self._drain(deadline_s)
        with self._lock:
            self._closed = True
            left = len(self._items) + self._in_flight
            self._items.clear()
            self._bytes = 0
            self._changed.notify_all()
        self._drops.count("shutdown", left)
        return drained

    # The worker thread, from here on.

    def _work(self) -> None:
        _quiet_instrumentations()
        while (batch := self._next_batch()) is not None:
            try:
                self._deliver(batch)
            except Exception as error:  # the thread must outlive any fault, or everything after it is lost
                self._drops.count("encoding", len(batch))
                _tell(self._name, error)
            self._tell_losses()
            with self._lock:
                self._in_flight = 0
                self._changed.notify_all()
        self._forget_connection()

    def _tell_losses(self) -> None:
        """Tells the server what was lost, where no batch is there that could carry it; tries once."""
        with self._lock:
            if self._items or self._closed:
                return
        if self._is_welcome and self._drops.report():
            self._send(self._encode([]), self._seconds_left())

    def _next_batch(self) -> list[Item] | None:
        """Waits for items, then a little for more; None when closed."""
        with self._lock:
            while not self._items:
                if self._closed:
                    return None
                self._changed.wait()
            until_s = time.monotonic() + self._linger_s
            while not (self._hurry or self._closed or self._is_batch_full()):
                left_s = until_s - time.monotonic()
                if left_s <= 0:
                    break
                self._changed.wait(left_s)
            batch: list[Item] = []
            size_bytes = 0
            while self._items and len(batch) < _BATCH_ITEMS and (not batch or size_bytes < _BATCH_BYTES):
                item, item_bytes = self._items.popleft()
                batch.append(item)
                size_bytes += item_bytes
            self._bytes -= size_bytes
            self._in_flight = len(batch)
            return batch

    def _is_batch_full(self) -> bool:
        return len(self._items) >= _BATCH_ITEMS or self._bytes >= _BATCH_BYTES

    def _deliver(self, batch: Sequence[Item]) -> None:
        """Sends a batch until it is delivered, refused, or the process ends."""
        try:
            body = self._encode(batch)
        except Exception as error:  # one item may be anything; the others are to be sent
            if len(batch) > 1:
                self._deliver_halves(batch)
            else:
                self._drops.count("encoding")
                _tell(self._name, error)
            return
        backoff_s = _FIRST_BACKOFF_S
        while not self._closed:
            answer = self._send(body, self._seconds_left())
            self._is_welcome = answer.reason not in _UNWELCOME
            if answer.verdict is Verdict.DELIVERED:
                self._drops.count("rejected_by_server", self._confirm(answer))
                return
            if answer.verdict is Verdict.SPLIT and len(batch) > 1:
                self._deliver_halves(batch)
                return
            if answer.verdict is not Verdict.RETRY:
                self._drops.count(answer.reason, len(batch))
                notice(
                    self._name, f"the server refused a batch ({answer.reason}{answer.hint}); it is dropped"
                )
                return
            why = f"{answer.reason}{answer.hint}"
            notice(self._name, f"the server cannot take data now ({why}); trying again until it can")
            if answer.retry_after_s is not None:
                self._pause(min(answer.retry_after_s, _LONGEST_RETRY_AFTER_S))
            else:
                self._pause(backoff_s * random.uniform(0.8, 1.2))  # noqa: S311  # jitter is no secret
                backoff_s = min(backoff_s * 2, _LAST_BACKOFF_S)

    def _deliver_halves(self, batch: Sequence[Item]) -> None:
        middle = len(batch) // 2
        self._deliver(batch[:middle])
        self._deliver(batch[middle:])

    def _seconds_left(self) -> float | None:
        return None if self._deadline_s is None else self._deadline_s - time.monotonic()

    def _pause(self, seconds: float) -> None:
        """Waits before a retry; a flush or the end of the process cuts it short."""
        until_s = time.monotonic() + seconds
        with self._lock:
            hurried = self._hurry
            while not self._closed and (left_s := until_s - time.monotonic()) > 0:
                if self._hurry and not hurried:
                    return
                hurried = self._hurry
                self._changed.wait(left_s)


def _quiet_instrumentations() -> None:
    """Keeps HTTP instrumentations of the host from tracing our own requests, in this thread for good."""
    # The key is private in name only: the SDK's exporters and every instrumentation import it from here.
    from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, attach, set_value

    attach(set_value(_SUPPRESS_INSTRUMENTATION_KEY, True))


def _tell(where: str, error: Exception) -> None:
    try:
        failure(where, error)
    except Exception:  # strict re-raises, and there is nobody above this thread to catch it
        notice(where, f"{type(error).__name__}: {error}")
