"""One program, two libraries: what ddtrace and Diptych make of it is equal, but for what the docs list."""

from __future__ import annotations

import copy
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from . import environment
from .differences import DIFFERENCES, Span
from .real_server import RealServer

DRIVER = Path(__file__).with_name("driver.py")
MIGRATION = Path(__file__).parents[4] / "docs/migration-from-ddtrace.md"
RUN_SECONDS = 180

SCENARIOS = (
    "kinds",
    "kinds_by_hand",
    "concurrent",
    "generators",
    "errors",
    "anthropic_calls",
    "openai_calls",
    "contexts",
    "agents",
    "session_late",
    "session_early",
    "services",
    "redacted",
    "judged",
)

UNREPEATABLE = ("span_id", "trace_id", "parent_id", "start", "start_ns", "duration_ns", "events")
"""Ids and times; an exception's event stands in `error`, too."""

Traces = dict[str, dict[str, Any]]


def run(library: str, server: RealServer, models: str) -> Traces:
    """The traces of the program, by scenario."""
    key = server.keys["server"]
    pointed = {
        "ddtrace": {"DD_TRACE_AGENT_URL": f"{server.url}/k/{key}"},
        "diptych": {"DIPTYCH_URL": server.url, "DIPTYCH_KEY": key, "DIPTYCH_STRICT": "1"},
    }[library]
    session_id = f"session-of-{library}"
    server.open_session(session_id)
    server.open_session("another")
    done = subprocess.run(
        [str(environment.python()), str(DRIVER), library, session_id],
        check=False,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        env=environment.variables(models) | pointed,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout.splitlines()[-1])
    assert tuple(made) == SCENARIOS
    traces = {scenario: server.trace(trace_id) for scenario, trace_id in made.items()}
    text = json.dumps(traces).replace(session_id, "the session")
    renamed: Traces = json.loads(text)
    return renamed


@pytest.fixture(scope="module")
def both(server: RealServer, models: str) -> tuple[Traces, Traces]:
    return run("ddtrace", server, models), run("diptych", server, models)


def spans_in_order(trace: dict[str, Any]) -> list[Span]:
    """The spans by start, each with its parent's place in that order, and only what can be compared."""
    spans = sorted(copy.deepcopy(trace["spans"]), key=lambda span: span["start_ns"])
    places = {span["span_id"]: place for place, span in enumerate(spans)}
    return [
        {key: value for key, value in span.items() if key not in UNREPEATABLE}
        | {
            "parent": places.get(span["parent_id"]),
            "prompt": span["attributes"].get("prompt"),
            "agent_manifest": span["attributes"].get("agent_manifest"),
        }
        for span in spans
    ]


def remaining(theirs: Span, ours: Span) -> tuple[dict[str, tuple[Any, Any]], set[str]]:
    """What no difference explains, by field, and the names of the differences that explained something."""
    used = set()
    for name, difference in DIFFERENCES.items():
        before = _unequal(theirs, ours)
        difference(theirs, ours)
        if _unequal(theirs, ours) != before:
            used.add(name)
    return _unequal(theirs, ours), used


def _unequal(theirs: Span, ours: Span) -> dict[str, tuple[Any, Any]]:
    """The fields that differ, copied."""
    fields = (theirs.keys() | ours.keys()) - {"attributes"}
    return copy.deepcopy(
        {key: (theirs[key], ours[key]) for key in sorted(fields) if theirs[key] != ours[key]}
    )


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_spans_of_both_are_equal(both: tuple[Traces, Traces], scenario: str) -> None:
    theirs, ours = (spans_in_order(traces[scenario]) for traces in both)
    assert len(theirs) == len(ours)
    for one, other in zip(theirs, ours, strict=True):
        name = one["name"]
        left, _ = remaining(one, other)
        assert left == {}, f"{scenario}, {name}"


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_sums_of_both_traces_are_equal(both: tuple[Traces, Traces], scenario: str) -> None:
    theirs, ours = (traces[scenario] for traces in both)
    for field in ("name", "ml_app", "status", "is_complete"):
        assert (field, theirs[field]) == (field, ours[field])
    assert (theirs["cost_usd"] or 0) == pytest.approx(ours["cost_usd"] or 0, rel=1e-3)  # `provider`
    tokens = [{**trace["tokens"], "reasoning": 0} for trace in (theirs, ours)]
    assert tokens[0] == tokens[1]
    assert {each["session_id"] for each in theirs["sessions"]} == {
        each["session_id"] for each in ours["sessions"]
    }


def test_the_judgements_of_both_are_equal(both: tuple[Traces, Traces]) -> None:
    seen = []
    for traces in both:
        trace = traces["judged"]
        places = {span["span_id"]: span["name"] for span in trace["spans"]}
        judgements = {}
        for each in trace["evaluations"]:
            # ddtrace sends feedback about a span without the trace; the span's own is known anyway.
            about = places.get(each["span_id"]) or ("trace" if each["trace_id"] else "by tag or key")
            kept = {key: value for key, value in each.items() if not key.endswith("_id")}
            kept["tags"] = {key: value for key, value in kept["tags"].items() if key == "judge"}
            judgements[each["label"]] = kept | {"about": about}
        seen.append(judgements)
    assert len(seen[0]) == 8  # the ninth, `stars`, judges the session
    assert seen[0] == seen[1]


def test_each_difference_is_documented_and_real(both: tuple[Traces, Traces]) -> None:
    text = MIGRATION.read_text()
    table = text[text.index("<!-- differences -->") : text.index("<!-- /differences -->")]
    documented = re.findall(r"^\| \*\*(.+?)\*\*", table, re.MULTILINE)
    assert sorted(documented) == sorted(DIFFERENCES)
    used: set[str] = set()
    for scenario in SCENARIOS:
        theirs, ours = (spans_in_order(traces[scenario]) for traces in both)
        for one, other in zip(theirs, ours, strict=True):
            used |= remaining(one, other)[1]
    assert used == set(DIFFERENCES)
