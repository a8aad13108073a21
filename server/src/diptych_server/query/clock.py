"""How far a page's clock is off: `server time = page time + offset`, per tab and 10 minutes of page time.

Above. A batch says when it was sent; it cannot have been received earlier, so `received - sent` is at least
the offset: the smallest over the window is an upper bound. So is `span start - request start` of a page's
request that a span answers.

Below. The span that answers a request ends before the response does: `span end - response end` is a lower
bound, unless the span outlives the response (work after the answer: a span longer than its request says
nothing here). Any span of the request's trace starts before the response ends: a weaker bound.

The offset is the middle, the error half the width. A lower bound above the upper one is a server whose
clock is off itself, and is left out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from diptych_server.query.page import WINDOW_MS, Page, Request, Window
from diptych_server.query.recordings import Segment
from diptych_server.store.database import Database
from diptych_server.wire.answers import Clock

MAX_REQUESTS = 500
"""Requests of a session that are compared with spans, the newest; more would not tighten the bounds."""

UNKNOWN = Clock(offset_ms=0.0, error_ms=None)


@dataclass(slots=True)
class Bounds:
    """What is known of one window's offset, ms."""

    upper: list[float] = field(default_factory=list)
    lower: list[float] = field(default_factory=list)

    def clock(self) -> Clock | None:
        """The estimate; None when nothing bounds the offset from above."""
        if not self.upper:
            return None
        highest = min(self.upper)
        lowest = max((bound for bound in self.lower if bound <= highest), default=None)
        if lowest is None:
            return Clock(offset_ms=round(highest, 3), error_ms=None)
        return Clock(offset_ms=round((highest + lowest) / 2, 3), error_ms=round((highest - lowest) / 2, 3))


class SessionClocks:
    """The clocks of one session's tabs over time."""

    def __init__(self, bounds: Mapping[Window, Bounds]) -> None:
        self._clocks = {window: clock for window, each in bounds.items() if (clock := each.clock())}

    def at(self, tab_id: str, page_ms: int) -> Clock | None:
        """The clock of a tab at a moment of the page: its nearest window, else the session's best."""
        number = page_ms // WINDOW_MS
        of_tab = [window for window in self._clocks if window.tab_id == tab_id]
        if of_tab:
            return self._clocks[min(of_tab, key=lambda window: (abs(window.number - number), window))]
        return self._best()

    def of_session(self) -> Clock:
        """The surest estimate of all: tabs of one browser share a machine; zero where nothing is known."""
        return self._best() or UNKNOWN

    def _best(self) -> Clock | None:
        return min(
            self._clocks.values(),
            key=lambda clock: (
                clock.error_ms is None,
                clock.error_ms or 0.0,
                abs(clock.offset_ms),
                clock.offset_ms,
            ),
            default=None,
        )


async def session_clocks(
    database: Database, project_id: str, page: Page, segments: Iterable[Segment]
) -> SessionClocks:
    """The clocks of a session, from what its page sent and from the spans that answered it."""
    return (await clocks_of_sessions(database, project_id, {"": (page, segments)}))[""]


async def clocks_of_sessions(
    database: Database, project_id: str, sides: Mapping[str, tuple[Page, Iterable[Segment]]]
) -> dict[str, SessionClocks]:
    """The clocks of several sessions, by the key of each."""
    requests = {key: _compared(page) for key, (page, _) in sides.items()}
    traces = await _answering_spans(database, project_id, [one for each in requests.values() for one in each])
    return {key: _clocks(page, segments, requests[key], traces) for key, (page, segments) in sides.items()}


def _compared(page: Page) -> list[Request]:
    """The requests that are compared with spans."""
    requests = [each for each in page.requests if each.type == "resource" and each.duration_ms > 0]
    return requests[-MAX_REQUESTS:]


def _clocks(
    page: Page,
    segments: Iterable[Segment],
    requests: Sequence[Request],
    traces: Mapping[str, Mapping[str, Any]],
) -> SessionClocks:
    bounds: dict[Window, Bounds] = defaultdict(Bounds)
    for window, offset_ms in page.batches.items():
        bounds[window].upper.append(float(offset_ms))
    for segment in segments:
        if segment.clock_offset_ms is not None:
            window = Window(segment.tab_id, segment.end_ms // WINDOW_MS)
            bounds[window].upper.append(float(segment.clock_offset_ms))
    for request in requests:
        if request.trace_id in traces:
            _tighten(bounds[request.window], request, traces[request.trace_id])
    return SessionClocks(bounds)


async def _answering_spans(
    database: Database, project_id: str, requests: Sequence[Request]
) -> dict[str, Mapping[str, Any]]:
    """By trace: when its first span started, and the spans that answer one of the requests directly."""
    if not requests:
        return {}
    rows = await database.query(
        """
        SELECT trace_id, min(start_ns) AS first_start_ns,
          groupArrayIf((parent_id, start_ns, duration_ns), has({parents:Array(String)}, parent_id)) AS direct
        FROM (
          SELECT trace_id, parent_id, start_ns, duration_ns FROM spans
          WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
          ORDER BY precedence DESC LIMIT 1 BY trace_id, span_id
        )
        GROUP BY trace_id
        """,
        {
            "project": project_id,
            "traces": sorted({request.trace_id for request in requests}),
            "parents": [request.span_id for request in requests if request.span_id],
        },
    )
    return {row["trace_id"]: row for row in rows}


def _tighten(bounds: Bounds, request: Request, trace: Mapping[str, Any]) -> None:
    """Add what one request and the spans that it caused say."""
    request_end_ms = request.start_ms + request.duration_ms
    bounds.upper.append(trace["first_start_ns"] / 1e6 - request.start_ms)
    bounds.lower.append(trace["first_start_ns"] / 1e6 - request_end_ms)
    for parent_id, start_ns, duration_ns in trace["direct"]:
        if parent_id == request.span_id and duration_ns / 1e6 <= request.duration_ms:
            bounds.lower.append((start_ns + duration_ns) / 1e6 - request_end_ms)
