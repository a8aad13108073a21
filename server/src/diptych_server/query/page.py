"""The page's side of a session, in one read of its events: what its batches and its requests say."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.query.apm_traces import resolved, traces_of_apm
from diptych_server.store.database import Database

WINDOW_MS = 10 * 60 * 1000
"""A page's clock is estimated anew every 10 minutes."""


class Window(NamedTuple):
    """A tab and the number of its 10 minutes since the epoch, on the page's clock."""

    tab_id: str
    number: int


class Request(NamedTuple):
    """A request of the page that carried a trace id, or the answer that it became; page clock."""

    event_id: str
    type: str
    """`resource` or `answer`."""
    start_ms: int
    duration_ms: float
    tab_id: str
    view_id: str
    trace_id: str
    span_id: str

    @property
    def window(self) -> Window:
        """When it was asked."""
        return Window(self.tab_id, self.start_ms // WINDOW_MS)


class Page(NamedTuple):
    """What one session's events say of time."""

    batches: Mapping[Window, int]
    """The smallest received-minus-sent of the batches that brought a window's events, ms."""
    requests: list[Request]
    """In order of time, a resource before an answer."""


async def read_page(database: Database, project_id: str, session_id: str) -> Page:
    """The page's side of a session; of an event that came twice the first delivery."""
    return (await read_pages(database, project_id, [session_id])).get(session_id, Page({}, []))


async def read_pages(database: Database, project_id: str, session_ids: Sequence[str]) -> dict[str, Page]:
    """The same of several sessions; those without an event are left out."""
    rows = await database.query(
        f"""
        SELECT session_id, tab_id, intDiv(at_ms, {WINDOW_MS}) AS window, min(clock_offset_ms) AS offset_ms,
          groupArrayIf((event_id, type, at_ms, duration_ns, view_id, trace_id, span_id),
                       trace_id != '' AND type IN ('resource', 'answer')) AS requests
        FROM (
          SELECT session_id, event_id, toString(type) AS type, toUnixTimestamp64Milli(ts) AS at_ms,
            duration_ns, tab_id, view_id, trace_id, span_id, clock_offset_ms
          FROM rum_events
          WHERE project_id = {{project:String}} AND session_id IN {{sessions:Array(String)}}
          ORDER BY precedence DESC, ts
          LIMIT 1 BY session_id, event_id
        )
        GROUP BY session_id, tab_id, window
        """,  # noqa: S608 - a constant; every value is bound
        {"project": project_id, "sessions": list(session_ids)},
    )
    sent = {
        (row["session_id"], row["tab_id"], row["window"]): [
            _request(row["tab_id"], *each) for each in row["requests"]
        ]
        for row in rows
    }
    behind = await traces_of_apm(
        database, project_id, {request.trace_id for requests in sent.values() for request in requests}
    )
    by_session: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_session[row["session_id"]].append(row)
    return {
        session_id: _page(
            of_session,
            [each for row in of_session for each in sent[session_id, row["tab_id"], row["window"]]],
            behind,
        )
        for session_id, of_session in by_session.items()
    }


def _page(
    rows: Sequence[Mapping[str, Any]], sent: Sequence[Request], behind: Mapping[str, Collection[str]]
) -> Page:
    batches = {
        Window(row["tab_id"], row["window"]): row["offset_ms"] for row in rows if row["offset_ms"] is not None
    }
    requests = [
        request._replace(trace_id=trace_id)
        for request in sent
        for trace_id in sorted(resolved([request.trace_id], behind))
    ]
    requests.sort(key=lambda request: (request.start_ms, request.type == "answer", request.event_id))
    return Page(batches, requests)


def _request(tab_id: str, event_id: str, kind: str, at_ms: int, duration_ns: int, *ids: Any) -> Request:
    return Request(event_id, kind, at_ms, duration_ns / 1e6, tab_id, *ids)
