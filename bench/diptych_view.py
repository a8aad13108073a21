"""How long the Diptych takes to open and to seek, in Chromium: `python -m bench diptych_view`."""

import json
import random
import statistics
import time
import uuid
from pathlib import Path

import httpx
import msgspec

from bench import in_chromium
from bench.server_process import Server, serving

SCRIPT = Path(__file__).with_name("diptych_view.mjs")
ROUNDS = 10
SESSION_S = 600
"""A ten-minute visit, recorded as one view: the longest way a seek can go."""
SEGMENT_S = 5
CHANGES_A_SECOND = 10
ELEMENTS = 1_500
TRACES = 30
SPANS_A_TRACE = 40
RESOURCES = 2_000


class Opened(msgspec.Struct, kw_only=True):
    """One opening, from the click on Diptych until both sides show its moment; ms."""

    opened_ms: float
    slowest_call_ms: float
    replayer_ms: float


class Measured(msgspec.Struct, kw_only=True):
    """What the browser measured."""

    openings: list[Opened]
    seeks_ms: list[float]


def measure() -> Measured:
    """Fill an empty server with one long session, and open and seek it; needs `make setup` before."""
    with serving() as server:
        return in_chromium.run(SCRIPT, server, fill(server), str(ROUNDS), into=Measured)


def fill(server: Server) -> str:
    """Send a session with its recording and its traces; gives its id."""
    source = random.Random(8)
    start_ms = int(time.time() * 1000) - SESSION_S * 1000
    session_id, view_id = str(uuid.UUID(int=source.getrandbits(128))), "view-1"
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for index in range(SESSION_S // SEGMENT_S):
            _send(client, server, "/v1/replay", _segment(session_id, view_id, start_ms, index))
        for chunk in range(0, RESOURCES, 500):
            _send(client, server, "/v1/rum", _events(session_id, view_id, start_ms, chunk, source))
        for number in range(TRACES):
            headers = {"authorization": f"Bearer {server.keys['server']}"}
            client.post(
                "/v1/traces", json=_trace(session_id, start_ms, number), headers=headers
            ).raise_for_status()
    return session_id


def _send(client: httpx.Client, server: Server, path: str, lines: list[object]) -> None:
    body = "\n".join(json.dumps(line) for line in lines)
    query = {"key": server.keys["client"], "sent_at": str(int(time.time() * 1000))}
    headers = {"content-type": "text/plain"}
    client.post(path, params=query, content=body, headers=headers).raise_for_status()


def _segment(session_id: str, view_id: str, start_ms: int, index: int) -> list[object]:
    """Five seconds of a page that changes ten times a second; the first with the whole page."""
    begin_ms = start_ms + index * SEGMENT_S * 1000
    events: list[object] = _snapshot(start_ms) if index == 0 else []
    for change in range(SEGMENT_S * CHANGES_A_SECOND):
        at_ms = begin_ms + 2 + change * 1000 // CHANGES_A_SECOND
        changed = {"id": 100 + change % ELEMENTS, "attributes": {"data-ms": str(at_ms - start_ms)}}
        data = {"source": 0, "texts": [], "removes": [], "adds": [], "attributes": [changed]}
        events.append({"type": 3, "data": data, "timestamp": at_ms})
    header = {
        "format": "rrweb",
        "application": {"id": "bench"},
        "session": {"id": session_id},
        "view": {"id": view_id},
        "tab": {"id": "tab-1"},
        "index_in_view": index,
        "start": begin_ms,
        "end": begin_ms + SEGMENT_S * 1000 - 98,
        "records_count": len(events),
        "has_full_snapshot": index == 0,
        "creation_reason": "init" if index == 0 else "segment_duration_limit",
    }
    return [header, *events]


def _snapshot(at_ms: int) -> list[object]:
    def element(number: int, tag: str, children: list[object]) -> dict[str, object]:
        return {"type": 2, "tagName": tag, "attributes": {}, "childNodes": children, "id": number}

    cells: list[object] = [
        element(100 + n, "p", [{"type": 3, "textContent": f"Tent {n}", "id": 10_000 + n}])
        for n in range(ELEMENTS)
    ]
    page = element(2, "html", [element(3, "head", []), element(4, "body", [element(5, "main", cells)])])
    document = {"type": 0, "childNodes": [page], "id": 1}
    return [
        {
            "type": 4,
            "data": {"href": "https://shop.example.com/", "width": 1280, "height": 800},
            "timestamp": at_ms,
        },
        {
            "type": 2,
            "data": {"node": document, "initialOffset": {"top": 0, "left": 0}},
            "timestamp": at_ms + 1,
        },
    ]


def _events(session_id: str, view_id: str, start_ms: int, first: int, source: random.Random) -> list[object]:
    """The view, once, and five hundred of the page's requests."""
    common = {
        "application": {"id": "bench"},
        "session": {"id": session_id, "type": "user"},
        "tab": {"id": "tab-1"},
        "view": {"id": view_id, "url": "https://shop.example.com/tents"},
    }
    view = common | {
        "type": "view",
        "date": start_ms,
        "view": common["view"] | {"time_spent": SESSION_S * 10**9},
        "_dd": {"format_version": 2, "document_version": 1},
    }
    resources = [
        common
        | {
            "type": "resource",
            "date": start_ms + source.randrange(SESSION_S * 1000),
            "resource": {
                "id": f"r{n}",
                "type": "fetch",
                "method": "GET",
                "url": f"https://shop.example.com/api/{n}",
                "status_code": 200,
                "duration": 80_000_000,
            },
        }
        for n in range(first, first + 500)
    ]
    return [view, *resources] if first == 0 else list(resources)


def _trace(session_id: str, start_ms: int, number: int) -> object:
    """An agent with its steps, every twenty seconds."""
    trace_id = f"{number + 1:032x}"
    begin_ns = (start_ms + (number * SESSION_S * 1000) // TRACES) * 10**6
    step_ns = 100 * 10**6

    def span(index: int) -> dict[str, object]:
        kind = "agent" if index == 0 else ("llm", "tool", "task")[index % 3]
        length = SPANS_A_TRACE * step_ns if index == 0 else step_ns
        told = {"diptych.span.kind": kind, "diptych.session.id": session_id, "input.value": "word " * 200}
        return {
            "traceId": trace_id,
            "spanId": f"{number + 1:08x}{index + 1:08x}",
            **({"parentSpanId": f"{number + 1:08x}{1:08x}"} if index else {}),
            "name": f"{kind} {index}",
            "kind": 1,
            "startTimeUnixNano": str(begin_ns + index * step_ns),
            "endTimeUnixNano": str(begin_ns + index * step_ns + length),
            "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()],
        }

    spans = [span(index) for index in range(SPANS_A_TRACE)]
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"scope": {"name": "bench"}, "spans": spans}]}]}


def section() -> str:
    """Measure; gives the Markdown section."""
    measured = measure()
    ratios = [each.opened_ms / (1.5 * each.slowest_call_ms + each.replayer_ms) for each in measured.openings]

    def median(name: str) -> float:
        return float(statistics.median(getattr(each, name) for each in measured.openings))

    seeks = sorted(measured.seeks_ms)
    text = (
        f"A visit of {SESSION_S // 60} minutes recorded as one view ({ELEMENTS:,} elements, "
        f"{CHANGES_A_SECOND} changes a second), {RESOURCES:,} requests, {TRACES} traces of {SPANS_A_TRACE} "
        "spans. From the click on Diptych until both sides show its moment; a seek until the moment is "
        "on the stage."
    )
    lines = [
        "## The Diptych",
        "",
        text,
        "",
        "| | ms |",
        "| --- | --- |",
        f"| open, p50 of {len(measured.openings)} | {median('opened_ms'):.0f} |",
        f"| its slowest API call | {median('slowest_call_ms'):.0f} |",
        f"| the replayer's own: its document, and the first picture | {median('replayer_ms'):.0f} |",
        f"| **open / (1.5 × slowest call + replayer's own)** | **{statistics.median(ratios):.2f}** |",
        f"| seek to a random moment, p50 of {len(seeks)} | {statistics.median(seeks):.0f} |",
        f"| **seek, p95** | **{seeks[int(0.95 * len(seeks))]:.0f}** |",
    ]
    return "\n".join(lines)
