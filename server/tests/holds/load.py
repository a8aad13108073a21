"""An endless load on every door, and the record of what was acknowledged."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Literal, get_args

import httpx

from .delivery import Parcel, check_accepted
from .page_payloads import page_event, replay_body, replay_events, rum_body
from .project import Project
from .scenario import Action, Evaluation, Segment, Session, Span, Tab, Trace, Usage, View
from .trace_payloads import evaluations_body, otlp_protobuf

Kind = Literal["event", "segment", "span", "evaluation"]

ACTIONS_A_BATCH = 5
USED = Usage(100, 10)
"""Of the one model call of each trace."""

SESSION_ID = "session"

START_TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Shipment:
    """One request, and the ids of what is in it."""

    kind: Kind
    ids: tuple[str, ...]
    parcel: Parcel


@dataclass
class Record:
    """What was sent, and what of it the server said it has."""

    acknowledged: list[Shipment] = field(default_factory=list)
    unanswered: list[Shipment] = field(default_factory=list)

    def ids(self, kind: Kind, *, acknowledged_only: bool) -> set[str]:
        """Ids of everything of a kind."""
        shipments = self.acknowledged + ([] if acknowledged_only else self.unanswered)
        return {each for shipment in shipments if shipment.kind == kind for each in shipment.ids}


class Load:
    """Workers that send as fast as they are answered, until `stop` or until the server is gone."""

    def __init__(self, project: Project, *, workers_a_door: int = 2) -> None:
        self._project = project
        self._began_ms = time.time_ns() // 1_000_000 - 60_000
        self._stopping = threading.Event()
        self._lock = threading.Lock()
        self.record = Record()
        makers: tuple[Callable[[int], Iterator[Shipment]], ...] = (
            self._events,
            self._segments,
            self._spans,
            self._evaluations,
        )
        self._pool = ThreadPoolExecutor(workers_a_door * len(makers))
        self._running = [
            self._pool.submit(self._work, make(worker)) for worker in range(workers_a_door) for make in makers
        ]

    def wait_for_every_door(self) -> None:
        """Wait until each has acknowledged something."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while len({shipment.kind for shipment in list(self.record.acknowledged)}) < len(get_args(Kind)):
            assert time.monotonic() < deadline, "a door never answered"
            time.sleep(0.01)

    def stop(self) -> None:
        """Let the workers end; raises what they found wrong."""
        self._stopping.set()
        self._pool.shutdown()
        for worker in self._running:
            worker.result()

    def _work(self, shipments: Iterator[Shipment]) -> None:
        for shipment in shipments:
            if self._stopping.is_set():
                return
            try:
                answer = shipment.parcel.send(self._project)
            except httpx.TransportError:
                with self._lock:
                    self.record.unanswered.append(shipment)
                return
            check_accepted(shipment.parcel, answer)
            with self._lock:
                self.record.acknowledged.append(shipment)

    def _events(self, worker: int) -> Iterator[Shipment]:
        view = View(f"view-{worker}", "https://shop.example/", 0, (), (), ())
        tab, session = self._page(worker, view)
        for number in itertools.count():
            ids = tuple(f"event-{worker}-{number}-{place}" for place in range(ACTIONS_A_BATCH))
            actions = [Action(each, number, "click", "button") for each in ids]
            body = rum_body(
                [page_event(session, tab, view, each, self._began_ms) for each in actions], "gzip"
            )
            yield Shipment("event", ids, Parcel("/v1/rum", body, "text/plain", len(ids), "gzip", 0))

    def _segments(self, worker: int) -> Iterator[Shipment]:
        view = View(f"view-{worker}", "https://shop.example/", 0, (), (), ())
        tab, session = self._page(worker, view)
        for number in itertools.count():
            segment = Segment(number, number * 10, number * 10 + 9, ("typed",))
            body = replay_body(session, tab, view, segment, self._began_ms, "gzip")
            events = len(replay_events(segment, 0, self._began_ms))
            parcel = Parcel("/v1/replay", body, "text/plain", events, "gzip", 0)
            yield Shipment("segment", (f"{view.id} {number}",), parcel)

    def _spans(self, worker: int) -> Iterator[Shipment]:
        for number in itertools.count(1):
            trace_id = f"{worker + 1:016x}{number:016x}"
            root = Span(f"{2 * number:016x}", None, "agent", "agent", number, 100)
            call = Span(
                f"{2 * number + 1:016x}", root.id, "call", "llm", number, 50, "gpt-4o-mini", "openai", USED
            )
            trace = Trace(trace_id, "agent", "", (root, call), SESSION_ID)
            body = otlp_protobuf([(trace, root), (trace, call)], self._began_ms)
            parcel = Parcel("/v1/traces", body, "application/x-protobuf", 2)
            yield Shipment("span", tuple(f"{trace_id} {span.id}" for span in trace.spans), parcel)

    def _evaluations(self, worker: int) -> Iterator[Shipment]:
        for number in itertools.count():
            verdict = Evaluation(
                f"evaluation-{worker}-{number}", "quality", "score", 1, number, session_id=SESSION_ID
            )
            body = evaluations_body([verdict], self._began_ms)
            yield Shipment(
                "evaluation", (verdict.id,), Parcel("/v1/evaluations", body, "application/json", 1)
            )

    def _page(self, worker: int, view: View) -> tuple[Tab, Session]:
        tab = Tab(f"tab-{worker}", (view,))
        return tab, Session(SESSION_ID, "shop", "", "", "", None, 0, (tab,))
