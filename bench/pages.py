"""How long each screen takes until it can be used, and whether a trace of 5,000 spans scrolls smoothly.

Alone: `python -m bench pages`. Measured in Chromium, over the sample's visits.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import msgspec

from bench import in_chromium
from bench.markdown import table
from bench.server_process import Server, serving

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SCRIPT = Path(__file__).with_name("pages.mjs")
ROUNDS = 5
LARGE_TRACE = "5" * 32
LARGE_SPANS = 5_000
SPANS_A_REQUEST = 1_000
SPAN_NS = 20 * 10**6
STUTTER_MS = 100
"""A task of the main thread that is felt as one, https://web.dev/articles/rail (100 ms until an answer)."""


class Opened(msgspec.Struct, kw_only=True):
    """One opening of a screen; ms from the navigation."""

    shown_ms: float
    interactive_ms: float
    longest_task_ms: float


class Scrolled(msgspec.Struct, kw_only=True):
    """A large trace, scrolled at one pace."""

    scrolled_px: float
    frames_ms: list[float]
    long_tasks_ms: list[float]
    cpu_ms: float
    """Of the main thread, for all frames together."""


class Measured(msgspec.Struct, kw_only=True):
    """What the browser measured."""

    opened: dict[str, list[Opened]]
    scrolls: dict[str, Scrolled]
    """By pace: `wheel`, `drag`."""


def measure(rounds: int = ROUNDS) -> Measured:
    """Fill an empty server with the sample and a large trace, and open everything; needs `make setup`."""
    with serving() as server:
        load_sample(server)
        send_large_trace(server)
        return in_chromium.run(
            SCRIPT, server, str(rounds), LARGE_TRACE, json.dumps(screens(server)), into=Measured
        )


def load_sample(server: Server) -> None:
    """A day of recorded visits, as `make demo SAMPLE=1` loads them."""
    keys = ["--client-key", server.keys["client"], "--server-key", server.keys["server"]]
    state = ["--state", str(server.data / "sample-loaded.json")]
    command = [sys.executable, "-m", "sample.load", "--url", server.url, *keys, *state]
    subprocess.run(command, check=True, cwd=EXAMPLES, stdout=subprocess.DEVNULL)


def send_large_trace(server: Server) -> None:
    """One agent with thousands of steps below it, in groups of ten."""
    headers = {"authorization": f"Bearer {server.keys['server']}"}
    with httpx.Client(base_url=server.url, headers=headers, timeout=60) as client:
        for spans in _large_trace(int(time.time() * 1000) - 120_000):
            scope = {"scope": {"name": "bench"}, "spans": spans}
            body = {"resourceSpans": [{"resource": {}, "scopeSpans": [scope]}]}
            client.post("/v1/traces", json=body).raise_for_status()


def _large_trace(start_ms: int) -> Iterator[list[dict[str, object]]]:
    spans = [_span(index, start_ms * 10**6) for index in range(LARGE_SPANS)]
    for first in range(0, LARGE_SPANS, SPANS_A_REQUEST):
        yield spans[first : first + SPANS_A_REQUEST]


def _span(index: int, begin_ns: int) -> dict[str, object]:
    """The root, its groups, and ten steps in each."""
    parent = None if index == 0 else 0 if index % 11 == 1 else index - (index - 1) % 11
    kind = "agent" if index == 0 else "workflow" if parent == 0 else ("llm", "tool", "task")[index % 3]
    told = {"diptych.span.kind": kind, "input.value": "word " * 40, "output.value": "word " * 40}
    length_ns = SPAN_NS * (LARGE_SPANS if index == 0 else 10 if parent == 0 else 1)
    return {
        "traceId": LARGE_TRACE,
        "spanId": f"{index + 1:016x}",
        **({} if parent is None else {"parentSpanId": f"{parent + 1:016x}"}),
        "name": f"{kind} {index}",
        "kind": 1,
        "startTimeUnixNano": str(begin_ns + index * SPAN_NS),
        "endTimeUnixNano": str(begin_ns + index * SPAN_NS + length_ns),
        "attributes": [{"key": key, "value": {"stringValue": value}} for key, value in told.items()],
    }


def screens(server: Server) -> list[tuple[str, str, str]]:
    """Name, path, and the selector of what the person came for; a session with a replay, and its trace."""
    headers = {"authorization": f"Bearer {server.keys['read']}"}
    with httpx.Client(base_url=server.url, headers=headers) as client:
        found = client.get("/api/v1/sessions", params={"query": "traces:>0", "limit": 500}).json()["items"]
        session = next(each["session_id"] for each in found if each["has_replay"])
        trace = client.get(f"/api/v1/sessions/{session}/traces").json()["items"][0]["trace_id"]
    return [
        ("Overview", "/overview", "[data-testid=tile]"),
        ("Sessions", "/sessions", "[data-testid=session-row]"),
        ("Session", f"/sessions/{session}", "[data-testid=timeline-row]"),
        ("Session, performance", f"/sessions/{session}?tab=performance", "[data-testid=request-row]"),
        ("Diptych", f"/sessions/{session}/diptych", "[data-testid=span-row]"),
        ("Traces", "/traces", "[data-testid=trace-row]"),
        ("Spans", "/spans", "[data-testid=span-list-row]"),
        ("Trace", f"/traces/{trace}", "[data-testid=span-row]"),
        (f"Trace of {LARGE_SPANS:,} spans", f"/traces/{LARGE_TRACE}", "[data-testid=span-row]"),
        ("Answers", "/answers", "[data-testid=answer-row]"),
        ("Evaluations", "/evaluations", "[data-testid=label-row]"),
        ("Settings", "/settings", "[data-testid=keys]"),
    ]


def section() -> str:
    """The Markdown section."""
    measured = measure()
    rows = [
        [
            name,
            f"{statistics.median(each.shown_ms for each in opened):.0f}",
            f"{statistics.median(each.interactive_ms for each in opened):.0f}",
            f"{statistics.median(each.longest_task_ms for each in opened):.0f}",
        ]
        for name, opened in measured.opened.items()
    ]
    text = (
        "Over the sample, with the browser's cache filled, nothing held in memory: from the navigation until "
        "what one came for is there, and until the main thread is free of tasks of 50 ms and more after it. "
        f"Medians of {ROUNDS}, ms; a longest task of 0: none was longer than 50."
    )
    head = ["screen", "shown", "interactive", "longest task"]
    scrolled = (
        f"A trace of {LARGE_SPANS:,} spans, scrolled as a wheel does and as its bar is dragged, ms. A task "
        f"of over {STUTTER_MS} is felt."
    )
    paces = [_pace(name, scroll) for name, scroll in measured.scrolls.items()]
    pace_head = [
        "",
        "px",
        "frame p50",
        "frame p95",
        "CPU a frame",
        "longest task",
        f"tasks over {STUTTER_MS}",
    ]
    return "\n\n".join(("## Pages", text, table(head, rows), scrolled, table(pace_head, paces)))


def _pace(name: str, scroll: Scrolled) -> list[str]:
    frames = sorted(scroll.frames_ms)
    stutters = sum(task > STUTTER_MS for task in scroll.long_tasks_ms)
    return [
        name,
        f"{scroll.scrolled_px:,.0f}",
        f"{statistics.median(frames):.0f}",
        f"{frames[int(0.95 * len(frames))]:.0f}",
        f"{scroll.cpu_ms / len(frames):.1f}",
        f"{max(scroll.long_tasks_ms, default=0):.0f}",
        f"**{stutters}**",
    ]
