"""Events that arrive while others read: RUM events and spans at a steady rate, in small requests."""

import contextlib
import http.client
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import msgspec

from bench.payloads import EVENTS_A_REQUEST, SPANS_A_REQUEST, otlp_requests, rum_requests, session_ids
from bench.population import EVENTS_A_SESSION, MINUTES_A_SESSION
from bench.server_process import Server

RUM_A_S = 400
SPANS_A_S = 100
"""500 events a second: eight requests of RUM events and one of spans."""

VISITORS = round(RUM_A_S * 60 * sum(MINUTES_A_SESSION) / 2 / EVENTS_A_SESSION)
"""So many are there at a time, were they as those that are stored."""

SENDERS = 4
"""Connections that take turns, so that one slow acknowledgement does not hold the others up."""

PREPARED_S = 360
"""Longer than any run, so that no request is made while the server is measured."""


class Arrivals(msgspec.Struct, kw_only=True):
    """What arrived."""

    events: int
    seconds: float
    ack_p50_ms: float
    ack_p95_ms: float

    @property
    def events_per_s(self) -> float:
        """The rate that was kept."""
        return self.events / self.seconds


class _Request(msgspec.Struct):
    """One request of the schedule."""

    path: str
    key: str
    body: bytes
    events: int


def _schedule() -> list[_Request]:
    """`PREPARED_S` seconds of requests, in their order."""
    # A folder that is kept has the sessions and traces of the run before: these are others.
    seed = time.time_ns()
    sessions = session_ids(VISITORS, seed=seed)
    rum = rum_requests(RUM_A_S * PREPARED_S, sessions, seed=seed, over_s=PREPARED_S)
    spans = otlp_requests(SPANS_A_S * PREPARED_S, sessions, seed=seed, over_s=PREPARED_S)
    rum_a_span_request = len(rum) // len(spans)
    requests = []
    for number, body in enumerate(spans):
        requests.append(_Request("/v1/traces", "server", body, SPANS_A_REQUEST))
        requests += [
            _Request("/v1/rum", "client", page, EVENTS_A_REQUEST)
            for page in rum[number * rum_a_span_request : (number + 1) * rum_a_span_request]
        ]
    return requests


class _Sender:
    """Sends at fixed times; what is late goes at once, so the rate falls only where the server is slower."""

    def __init__(self, server: Server, requests: list[_Request], first_s: float, every_s: float) -> None:
        self._server = server
        self._requests = requests
        self._first_s = first_s
        self._every_s = every_s
        self.acknowledged_ms: list[float] = []
        self.events = 0
        self.last_at_s = time.perf_counter()
        self.failure: Exception | None = None

    def run(self, stop: threading.Event) -> None:
        """Until `stop`, or until nothing is left."""
        began = time.perf_counter() + self._first_s
        connection = http.client.HTTPConnection(urlsplit(self._server.url).netloc, timeout=60)
        with contextlib.closing(connection):
            for number, request in enumerate(self._requests):
                if stop.wait(max(0.0, began + number * self._every_s - time.perf_counter())):
                    return
                try:
                    self._send(connection, request)
                except Exception as exc:  # told to whoever waits for the arrivals
                    self.failure = exc
                    return

    def _send(self, connection: http.client.HTTPConnection, request: _Request) -> None:
        kind = "application/x-protobuf" if request.path == "/v1/traces" else "text/plain"
        headers = {"Authorization": f"Bearer {self._server.keys[request.key]}", "Content-Type": kind}
        began = time.perf_counter()
        connection.request("POST", request.path, request.body, headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status not in (200, 202):
            raise RuntimeError(f"{request.path}: {answer.status} {body[:300]!r}")
        self.last_at_s = time.perf_counter()
        self.acknowledged_ms.append((self.last_at_s - began) * 1000)
        self.events += request.events


@contextlib.contextmanager
def arriving(server: Server) -> Iterator[Callable[[], Arrivals]]:
    """Events arrive while the block runs; what it gives tells afterwards what did."""
    requests = _schedule()
    every_s = PREPARED_S / len(requests)
    senders = [
        _Sender(server, requests[first::SENDERS], first * every_s, SENDERS * every_s)
        for first in range(SENDERS)
    ]
    stop = threading.Event()
    threads = [threading.Thread(target=sender.run, args=(stop,)) for sender in senders]
    began = time.perf_counter()

    def arrived() -> Arrivals:
        ordered = sorted(ms for sender in senders for ms in sender.acknowledged_ms)
        return Arrivals(
            events=sum(sender.events for sender in senders),
            seconds=max(sender.last_at_s for sender in senders) - began,
            ack_p50_ms=statistics.median(ordered),
            ack_p95_ms=ordered[int(0.95 * len(ordered))],
        )

    for thread in threads:
        thread.start()
    try:
        yield arrived
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    for sender in senders:
        if sender.failure:
            raise sender.failure
