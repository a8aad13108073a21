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

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from diptych_server.store.database import Database
from diptych_server.wire.answers import Clock

WINDOW_MS = 10 * 60 * 1000

MAX_REQUESTS = 500
"""Requests of a session that are compared with spans, the newest; more would not tighten the bounds."""

UNKNOWN = Clock(offset_ms=0.0, error_ms=None)


class Window(NamedTuple):
    """A tab and the number of its 10 minutes since the epoch, on the page's clock."""

    tab_id: str
    number: int


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


async def session_clocks(database: Database, project_id: str, session_id: str) -> SessionClocks:
    """The clocks of a session, from its batches and its requests."""
    batches, requests = await asyncio.gather(
        _batches(database, project_id, session_id), _requests(database, project_id, session_id)
    )
    spans = await _answering_spans(database, project_id, requests)
    bounds: dict[Window, Bounds] = defaultdict(Bounds)
    for batch in batches:
        bounds[Window(batch["tab_id"], batch["window"])].upper.append(float(batch["offset_ms"]))
    for request in requests:
        window = Window(request["tab_id"], int(request["start_ms"] // WINDOW_MS))
        if request["trace_id"] in spans:
            _tighten(bounds[window], request, spans[request["trace_id"]])
    return SessionClocks(bounds)


async def _batches(database: Database, project_id: str, session_id: str) -> list[dict[str, Any]]:
    """The smallest received-minus-sent of each window; a delivery that came twice counts as the first."""
    return await database.query(
        f"""
        SELECT tab_id, intDiv(at_ms, {WINDOW_MS}) AS window, min(clock_offset_ms) AS offset_ms
        FROM (
          SELECT tab_id, toUnixTimestamp64Milli(ts) AS at_ms, clock_offset_ms FROM (
            SELECT tab_id, ts, clock_offset_ms FROM rum_events
            WHERE project_id = {{project:String}} AND session_id = {{session:String}}
            ORDER BY precedence DESC, ts LIMIT 1 BY event_id
          )
          UNION ALL
          SELECT tab_id, toUnixTimestamp64Milli(end) AS at_ms, clock_offset_ms FROM (
            SELECT tab_id, end, clock_offset_ms FROM replay_segments
            WHERE project_id = {{project:String}} AND session_id = {{session:String}}
            ORDER BY precedence DESC, content_hash LIMIT 1 BY view_id, segment_index
          )
        )
        WHERE clock_offset_ms IS NOT NULL
        GROUP BY tab_id, window
        """,  # noqa: S608 - a constant; every value is bound
        {"project": project_id, "session": session_id},
    )


async def _requests(database: Database, project_id: str, session_id: str) -> list[dict[str, Any]]:
    return await database.query(
        """
        SELECT tab_id, trace_id, span_id,
          toUnixTimestamp64Milli(ts) AS start_ms, duration_ns / 1e6 AS duration_ms
        FROM (
          SELECT * FROM rum_events
          WHERE project_id = {project:String} AND session_id = {session:String}
            AND type = 'resource' AND trace_id != '' AND duration_ns > 0
          ORDER BY precedence DESC, ts LIMIT 1 BY event_id
        )
        ORDER BY ts DESC, event_id
        LIMIT {limit:UInt32}
        """,
        {"project": project_id, "session": session_id, "limit": MAX_REQUESTS},
    )


async def _answering_spans(
    database: Database, project_id: str, requests: Iterable[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    """By trace: when its first span started, and the spans that answer one of the requests directly."""
    trace_ids = {request["trace_id"] for request in requests}
    if not trace_ids:
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
            "traces": list(trace_ids),
            "parents": [request["span_id"] for request in requests if request["span_id"]],
        },
    )
    return {row["trace_id"]: row for row in rows}


def _tighten(bounds: Bounds, request: Mapping[str, Any], trace: Mapping[str, Any]) -> None:
    """Add what one request and the spans that it caused say."""
    request_start_ms, request_ms = request["start_ms"], request["duration_ms"]
    bounds.upper.append(trace["first_start_ns"] / 1e6 - request_start_ms)
    bounds.lower.append(trace["first_start_ns"] / 1e6 - (request_start_ms + request_ms))
    for parent_id, start_ns, duration_ns in trace["direct"]:
        if parent_id == request["span_id"] and duration_ns / 1e6 <= request_ms:
            bounds.lower.append((start_ns + duration_ns) / 1e6 - (request_start_ms + request_ms))
