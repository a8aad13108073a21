"""Brings a scenario to the doors as the field does: in any order, grouped anyhow, some of it twice."""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import httpx

from .page_payloads import page_event, replay_body, replay_events, rum_body, view_event
from .project import Project
from .scenario import Scenario, Session, Tab
from .trace_payloads import SpanOfTrace, evaluations_body, otlp_json, otlp_protobuf

Item = TypeVar("Item")

AT_ONCE = 6
"""Requests that are under way at one time, so that some share a commit and some do not."""

MAX_ITEMS = 8
"""Events, spans or evaluations of one request."""

REPEATED_SHARE = 0.25
"""Of the items that come again in another request, and of the requests that come again as they were."""

LOOKED_AT_SHARE = 0.3
"""Of the moments between requests."""


@dataclass(frozen=True)
class Parcel:
    """One request."""

    path: str
    body: bytes
    content_type: str
    items: int
    """How many the door must say it accepted."""
    encoding: str = ""
    skew_ms: int | None = None
    """Of the clock that stamps `sent_at`; None where the sender stamps nothing."""

    def send(self, project: Project) -> httpx.Response:
        """Deliver it now."""
        parameters: dict[str, Any] = {}
        if self.skew_ms is not None:
            parameters["sent_at"] = time.time_ns() // 1_000_000 + self.skew_ms
        if self.encoding:
            parameters["encoding"] = self.encoding
        return project.post(self.path, self.body, self.content_type, **parameters)


class Deliverer:
    """Makes the parcels of a scenario; each `seed` is another order, 0 the plain one without repeats."""

    def __init__(self, scenario: Scenario, began_ms: int, seed: int) -> None:
        self._scenario = scenario
        self._began_ms = began_ms
        self._is_plain = seed == 0
        self._random = random.Random(seed)

    def parcels(self) -> list[Parcel]:
        """Give everything, each item at least once."""
        found = [*self._rum(), *self._replay(), *self._spans(), *self._evaluations()]
        if not self._is_plain:
            found += [parcel for parcel in found if self._random.random() < REPEATED_SHARE]
            self._random.shuffle(found)
        return found

    def deliver(self, project: Project, look: Callable[[int], None]) -> None:
        """Send all parcels, a few at a time, and see that every item is accepted.

        Now and then someone looks at what is there so far (`look`, with a random number), so that what is
        known of it then must grow with what comes.
        """
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for round_ in self._rounds(self.parcels()):
                for parcel, answer in zip(
                    round_, pool.map(lambda each: each.send(project), round_), strict=True
                ):
                    check_accepted(parcel, answer)
                if self._random.random() < LOOKED_AT_SHARE:
                    look(self._random.getrandbits(16))

    def _rounds(self, parcels: list[Parcel]) -> Iterator[list[Parcel]]:
        while parcels:
            count = 1 if self._is_plain else self._random.randint(1, AT_ONCE)
            yield parcels[:count]
            parcels = parcels[count:]

    def _groups(self, items: Sequence[Item]) -> Iterator[list[Item]]:
        """Split, shuffle and repeat: requests as they might be made of these items."""
        if self._is_plain:
            if items:
                yield list(items)
            return
        rest = [*items, *(item for item in items if self._random.random() < REPEATED_SHARE)]
        self._random.shuffle(rest)
        while rest:
            count = self._random.randint(1, MAX_ITEMS)
            yield rest[:count]
            rest = rest[count:]

    def _rum(self) -> Iterator[Parcel]:
        for session in self._scenario.sessions:
            for tab in session.tabs:
                for lines in self._groups(self._lines(session, tab)):
                    encoding = self._random.choice(("", "gzip", "deflate"))
                    body = rum_body(lines, encoding)
                    yield Parcel("/v1/rum", body, "text/plain", len(lines), encoding, session.skew_ms)

    def _lines(self, session: Session, tab: Tab) -> list[dict[str, Any]]:
        lines = []
        for view in tab.views:
            lines += [view_event(session, tab, view, version, self._began_ms) for version in view.versions]
            lines += [page_event(session, tab, view, event, self._began_ms) for event in view.events]
        return lines

    def _replay(self) -> Iterator[Parcel]:
        for session in self._scenario.sessions:
            for tab, view in session.views():
                for segment in view.segments:
                    encoding = self._random.choice(("", "gzip"))
                    body = replay_body(session, tab, view, segment, self._began_ms, encoding)
                    events = len(replay_events(segment, session.skew_ms, self._began_ms))
                    yield Parcel("/v1/replay", body, "text/plain", events, encoding, session.skew_ms)

    def _spans(self) -> Iterator[Parcel]:
        spans: list[SpanOfTrace] = [(trace, span) for trace in self._scenario.traces for span in trace.spans]
        for group in self._groups(spans):
            if self._random.random() < 0.5:
                body, content_type = otlp_json(group, self._began_ms), "application/json"
            else:
                body, content_type = otlp_protobuf(group, self._began_ms), "application/x-protobuf"
            yield Parcel("/v1/traces", body, content_type, len(group))

    def _evaluations(self) -> Iterator[Parcel]:
        for group in self._groups(self._scenario.evaluations):
            yield Parcel(
                "/v1/evaluations", evaluations_body(group, self._began_ms), "application/json", len(group)
            )


def check_accepted(parcel: Parcel, answer: httpx.Response) -> None:
    """See that the door took all of it, and says so in its own way."""
    place = f"{parcel.path} {answer.status_code}: {answer.text[:1000]}"
    if parcel.path == "/v1/traces":
        assert answer.status_code == 200, place
        if parcel.content_type == "application/json":
            assert not answer.json().get("partialSuccess"), place
        else:
            assert answer.content == b"", place
        return
    assert answer.status_code == 202, place
    assert answer.json() == {"accepted": parcel.items, "rejected": 0, "reasons": []}, place
