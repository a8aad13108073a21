"""The whole server under a storm of bad requests: each has a clear answer, and what is good is whole.

What each door says to each fault is held by the tests of the intake; here one real server gets them all, its
API shows what it kept, and `/health` tells every loss.
"""

import gzip
import json
import time
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from .answers import path_of
from .page_payloads import Json, page_event, rum_body
from .project import Project, new_project
from .scenario import Action, Session, Span, Tab, Trace, View
from .trace_payloads import otlp_json, otlp_protobuf

if TYPE_CHECKING:
    from server.tests.conftest import RunningServer

MIB = 1024 * 1024
DAY_MS = 86_400_000

VIEW = View("view", "https://shop.example/", 0, (), (), ())
TAB = Tab("tab", (VIEW,))
SESSION = Session("session", "shop", "", "", "", None, 0, (TAB,))
BEGAN_MS = time.time_ns() // 1_000_000 - 60_000

TRACE = Trace("1" * 32, "agent", "", ())
ROOT = Span("1" * 16, None, "root", "agent", 0, 9_000_000)


def event(event_id: str) -> Json:
    """A good event."""
    return page_event(SESSION, TAB, VIEW, Action(event_id, 0, "click", "button"), BEGAN_MS)


def line(event_id: str) -> bytes:
    """A good line."""
    return json.dumps(event(event_id)).encode()


def spans(count: int) -> list[tuple[Trace, Span]]:
    """A trace of a root and children."""
    children = [replace(ROOT, id=f"{number + 2:016x}", parent_id=ROOT.id) for number in range(count - 1)]
    return [(TRACE, span) for span in (ROOT, *children)]


@dataclass(frozen=True)
class Fault:
    """A request that cannot be taken, its answer, and what `/health` counts."""

    name: str
    door: str
    body: bytes
    status: int
    counted: str
    content_type: str = "text/plain"
    encoding: str = ""
    key: str = ""
    """Kind of the key, where it is not the door's own; `none` is an unknown one."""


PROTOBUF, JSON = "application/x-protobuf", "application/json"

FAULTS = (
    Fault("unknown key", "/v1/rum", line("x"), 401, "rum.unknown_key", key="none"),
    Fault("a server's key", "/v1/rum", line("x"), 403, "rum.forbidden", key="server"),
    Fault("a page's key", "/v1/traces", otlp_json(spans(1), 0), 403, "trace.forbidden", JSON, key="client"),
    Fault("gzip cut off", "/v1/rum", gzip.compress(line("x"))[:-9], 400, "rum.unreadable", encoding="gzip"),
    Fault(
        "deflate damaged", "/v1/rum", b"\x78\x9c" + b"\xff" * 40, 400, "rum.unreadable", encoding="deflate"
    ),
    Fault("unknown encoding", "/v1/rum", line("x"), 415, "rum.unsupported_type", encoding="br"),
    Fault("too large", "/v1/rum", b" " * 6 * MIB, 413, "rum.too_large"),
    Fault("a bomb", "/v1/rum", gzip.compress(b" " * 40 * MIB), 413, "rum.too_large", encoding="gzip"),
    Fault(
        "a bomb", "/v1/replay", zlib.compress(b" " * 40 * MIB), 413, "replay.too_large", encoding="deflate"
    ),
    Fault("empty", "/v1/replay", b"", 400, "replay.unreadable"),
    Fault("no header", "/v1/replay", b'{"type":2}', 400, "replay.unreadable"),
    Fault(
        "protobuf cut off", "/v1/traces", otlp_protobuf(spans(1), 0)[:-5], 400, "trace.unreadable", PROTOBUF
    ),
    Fault("no protobuf", "/v1/traces", b"\xff" * 99, 400, "trace.unreadable", PROTOBUF),
    Fault("JSON cut off", "/v1/traces", otlp_json(spans(1), 0)[:-5], 400, "trace.unreadable", JSON),
    Fault("nested", "/v1/traces", b"[" * 10_000, 400, "trace.unreadable", JSON),
    Fault("text", "/v1/traces", b"hello", 415, "trace.unsupported_type", "text/plain"),
    Fault(
        "half a multipart",
        "/datadog/api/v2/replay",
        b'--cut\r\nContent-Disposition: form-data; name="segment"\r\n\r\nx\x9c',
        400,
        "replay.unreadable",
        "multipart/form-data; boundary=cut",
        key="client",
    ),
    Fault("a list", "/v1/evaluations", b"[]", 400, "evaluation.unreadable", JSON),
    Fault(
        "UTF-16", "/v1/evaluations", '{"evaluations":[]}'.encode("utf-16"), 400, "evaluation.unreadable", JSON
    ),
)

BAD_LINES: dict[str, bytes] = {
    "cut off": line("x")[:-1],
    "not UTF-8": line("x").replace(b"button", b"\xff\xfe"),
    "NaN": line("x").replace(b'"drift": 0', b'"drift": NaN'),
    "a lone surrogate": line("x").replace(b"button", b"\\ud800"),
    "10,000 levels": line("x").replace(b"[1, null, true]", b"[" * 10_000 + b"]" * 10_000),
    "a session id of 10 kB": line("x").replace(b'"id": "session"', b'"id": "' + b"s" * 10_000 + b'"'),
    "a list": b"[]",
    "no session": json.dumps({key: value for key, value in event("x").items() if key != "session"}).encode(),
    "a date that is none": line("x").replace(f'"date": {BEGAN_MS}'.encode(), b'"date": "today"'),
}


@pytest.fixture
def project(server: "RunningServer") -> Iterator[Project]:
    """A project of its own."""
    with new_project(server.url, server.data) as made:
        yield made


def test_a_storm_of_bad_requests_costs_nothing_good(project: Project) -> None:
    lost = Counter(project.dropped())
    expected: Counter[str] = Counter()
    for number, fault in enumerate(FAULTS):
        answer = send(project, fault)
        assert (fault.name, answer.status_code) == (fault.name, fault.status)
        problem = answer.json()
        assert problem["status"] == fault.status
        assert problem["detail"], fault.name
        expected[fault.counted] += 1
        neighbour = rum_body([event(f"after-{number}")], "gzip")
        assert project.post("/v1/rum", neighbour, "text/plain", encoding="gzip").json()["accepted"] == 1
    for number, (name, bad) in enumerate(BAD_LINES.items()):
        body = b"\n".join([line(f"before-bad-{number}"), bad, line(f"after-bad-{number}")])
        answer = project.post("/v1/rum", body, "text/plain")
        acceptance = answer.json()
        assert (name, acceptance["accepted"], acceptance["rejected"]) == (name, 2, 1)
        [reason] = acceptance["reasons"]
        assert reason["index"] == 1
        assert reason["expected"], name
        expected["rum.malformed"] += 1

    for door, body, counted in (
        ("/v1/traces", json.dumps(half_good(spans(2))).encode(), "trace.malformed"),
        ("/v1/evaluations", json.dumps(judged("pass", 2**70)).encode(), "evaluation.malformed"),
    ):
        answer = project.post(door, body, JSON)
        assert answer.is_success, answer.text
        expected[counted] += 1

    assert Counter(project.dropped()) - lost == expected
    assert [span["span_id"] for span in project.get("/spans").json()["items"]] == [ROOT.id]
    assert [each["value"] for each in project.get("/evaluations").json()["items"]] == ["pass"]
    session = project.get(path_of("sessions", SESSION.id)).json()
    assert session["actions"] == len(FAULTS) + 2 * len(BAD_LINES)


def half_good(sent: list[tuple[Trace, Span]]) -> Json:
    """An export request whose last span has a time above 2^64."""
    request: Json = json.loads(otlp_json(sent, BEGAN_MS))
    request["resourceSpans"][0]["scopeSpans"][0]["spans"][-1]["startTimeUnixNano"] = str(2**70)
    return request


def judged(*values: object) -> Json:
    """Verdicts in words on a trace; a number is none."""
    return {
        "evaluations": [
            {"label": "tone", "metric_type": "categorical", "value": value, "join_on": {"trace": TRACE.id}}
            for value in values
        ]
    }


def send(project: Project, fault: Fault) -> Any:
    """Send it with the key that it asks for, wherever that does not belong."""
    secret = {"none": "dip_client_unknown", "": ""} | project.keys
    parameters = {"encoding": fault.encoding} if fault.encoding else {}
    if not fault.key:
        return project.post(fault.door, fault.body, fault.content_type, **parameters)
    return project.http.post(
        f"{project.url}{fault.door}",
        content=fault.body,
        headers={"content-type": fault.content_type, "authorization": f"Bearer {secret[fault.key]}"},
    )


def test_what_is_odd_and_allowed_is_kept_and_shown(project: Project) -> None:
    lost = project.dropped()
    odd = [
        event("huge") | {"context": {"huge": 2**70}},
        event("unknown") | {"type": "hologram"},
        event("deep") | {"context": nested(50)},
    ]
    body = b"\n\n".join(json.dumps(each).encode() for each in odd) + b"\n \n"
    assert project.post("/v1/rum", body, "text/plain").json()["accepted"] == len(odd)
    assert project.post("/v1/rum", b"", "text/plain").json() == {"accepted": 0, "rejected": 0, "reasons": []}
    events = project.get(path_of("sessions", SESSION.id, "events")).json()["items"]
    assert sorted(each["type"] for each in events) == ["action", "action", "hologram"]
    assert project.dropped() == lost


def nested(levels: int) -> Json:
    """An object in an object in an object…"""
    held: Json = {}
    for _ in range(levels):
        held = {"in": held}
    return held


def test_150_days_in_one_batch_are_one_session_of_today(project: Project) -> None:
    lines = [event(f"day-{day}") | {"date": BEGAN_MS - day * DAY_MS} for day in range(150)]
    answer = project.post("/v1/rum", rum_body(lines, ""), "text/plain", sent_at=time.time_ns() // 1_000_000)
    assert answer.json()["accepted"] == len(lines)
    [session] = project.get("/sessions").json()["items"]
    assert session["actions"] == len(lines)
    events = project.get(path_of("sessions", SESSION.id, "events"), limit=1_000).json()["items"]
    assert [each["event_id"] for each in events] == [f"day-{day}" for day in reversed(range(150))]


def test_a_trace_of_5000_spans_is_shown_whole(project: Project) -> None:
    whole = spans(5_000)
    assert project.post("/v1/traces", otlp_protobuf(whole, BEGAN_MS), PROTOBUF).content == b""
    trace = project.get(path_of("traces", TRACE.id)).json()
    assert {span["span_id"] for span in trace["spans"]} == {span.id for _, span in whole}
    [summary] = project.get("/traces").json()["items"]
    assert summary["spans"] == 5_000


def test_a_text_of_1_mb_is_cut_with_a_mark_and_costs_no_other_span(project: Project) -> None:
    long = replace(ROOT, id="2" * 16, parent_id=ROOT.id, asked="x" * MIB, answered="short")
    assert project.post("/v1/traces", otlp_json([(TRACE, ROOT), (TRACE, long)], BEGAN_MS), JSON).is_success
    trace = project.get(path_of("traces", TRACE.id)).json()
    [shown] = [span for span in trace["spans"] if span["span_id"] == long.id]
    assert len(shown["input"]) < MIB
    assert shown["input"].endswith(f"of {MIB} bytes kept]")
    assert shown["output"] == "short"
    assert len(trace["spans"]) == 2
