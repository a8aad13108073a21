"""Every endpoint of a project: what it answers, page by page, and what it must answer."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from .matching import Between, ClockOf, Near, faults
from .model import Json, Model, counted, first_us, is_llm
from .project import Project
from .scenario import Scenario, Session
from .session_model import event_answers, recorded, recording_answer, replay_answer, session_answer
from .trace_model import evaluation_answers, span_answer, summary_answer, trace_answer

PAGE_ITEMS = 4
"""Small, so that lists have several pages."""

EVER = {"from_": "1971-01-01T00:00:00Z"}
"""A range that holds everything, whatever the clocks say."""

MAX_FAULTS = 20


def path_of(*parts: str) -> str:
    """A path of the API out of words and ids, the ids encoded whole."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Reader:
    """Asks a project everything about a scenario."""

    def __init__(self, project: Project) -> None:
        self._project = project

    def read(self, scenario: Scenario) -> dict[str, Any]:
        """Give all answers by their paths; lists whole."""
        found: dict[str, Any] = {
            "/sessions": self._pages("/sessions", **EVER),
            "/traces": self._pages("/traces", **EVER),
            "/traces?include_other": self._pages("/traces", include_other=True, **EVER),
            "/spans": self._pages("/spans", **EVER),
            "/evaluations": self._pages("/evaluations", **EVER),
        }
        for session in scenario.sessions:
            found |= self._session(session)
        for trace in scenario.traces:
            path = path_of("traces", trace.id)
            found[path] = self._one(path)
        return found

    def _session(self, session: Session) -> dict[str, Any]:
        path = path_of("sessions", session.id)
        found: dict[str, Any] = {path: self._one(path), f"{path}/replay": self._one(f"{path}/replay")}
        for name in ("events", "traces"):
            found[f"{path}/{name}"] = self._pages(f"{path}/{name}")
        for view in recorded(session):
            events = f"{path}/replay/events"
            found[f"{events} {view.id}"] = self._one(events, view_id=view.id)
            last = view.segments[-1].index
        if recorded(session):
            found[f"{events} end"] = self._one(events, view_id=view.id, from_index=last, to_index=last)
        return found

    def _one(self, path: str, **parameters: Any) -> Any:
        answer = self._project.get(path, **parameters)
        assert answer.status_code == 200, f"{path} {parameters}: {answer.status_code} {answer.text[:500]}"
        return answer.json()

    def _pages(self, path: str, **parameters: Any) -> list[Json]:
        items: list[Json] = []
        cursor: str | None = None
        while True:
            page = self._one(path, limit=PAGE_ITEMS, cursor=cursor, **parameters)
            items += page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return items
            assert len(page["items"]) == PAGE_ITEMS, f"{path}: every page but the last is full"


def expected_answers(model: Model) -> dict[str, Any]:
    """Give what `Reader.read` must find."""
    traces = sorted(
        model.scenario.traces, key=lambda trace: (first_us(trace) // 1_000, trace.id), reverse=True
    )
    spans = [(trace, span) for trace in traces for span in trace.spans if span.kind != "span"]
    spans.sort(key=lambda each: (each[1].start_us // 1_000, each[0].id, each[1].id), reverse=True)
    found: dict[str, Any] = {
        "/sessions": [session_answer(model, session) for session in model.scenario.sessions],
        "/traces": [summary_answer(model, trace) for trace in traces if is_llm(trace)],
        "/traces?include_other": [summary_answer(model, trace) for trace in traces],
        "/spans": [span_answer(model, trace, span, counted(trace)) for trace, span in spans],
        "/evaluations": evaluation_answers(model, model.verdicts)[::-1],
    }
    for session in model.scenario.sessions:
        found |= _session_answers(model, session)
    for trace in traces:
        found[path_of("traces", trace.id)] = trace_answer(model, trace)
    return found


def _session_answers(model: Model, session: Session) -> dict[str, Any]:
    path = path_of("sessions", session.id)
    found: dict[str, Any] = {
        path: session_answer(model, session),
        f"{path}/replay": replay_answer(model, session),
        f"{path}/events": event_answers(model, session),
        f"{path}/traces": [summary_answer(model, trace) for trace in model.traces_of(session.id)],
    }
    for view in recorded(session):
        events = f"{path}/replay/events"
        last = view.segments[-1].index
        found[f"{events} {view.id}"] = recording_answer(model, session, view, 0, last)
    if recorded(session):
        found[f"{events} end"] = recording_answer(model, session, view, last, last)
    return found


def check_answers(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Hold answers against the model's; sessions are in the order of their own, measured times."""
    found, expected = dict(found), dict(expected)
    sessions = found["/sessions"]
    assert all(one["last_seen"] >= other["last_seen"] for one, other in pairwise(sessions)), "newest first"
    for answers in (found, expected):
        answers["/sessions"] = sorted(answers["/sessions"], key=lambda session: session["session_id"])
    wrong = [f"{path} {fault}" for path in expected for fault in faults(found.get(path), expected[path])]
    wrong += _uncounted(found)
    assert not wrong, "\n" + "\n".join(wrong[:MAX_FAULTS])


def _uncounted(found: dict[str, Any]) -> Iterator[str]:
    """The spans that count must come to the trace's total."""
    for path, answer in found.items():
        if isinstance(answer, dict) and "spans" in answer:
            total = sum(span["tokens"]["total"] for span in answer["spans"] if span["is_counted"])
            if total != answer["tokens"]["total"]:
                yield f"{path}: the counted spans come to {total} tokens, not {answer['tokens']['total']}"


def exact_part(found: Any, expected: Any) -> Any:
    """The answer without what may move: times of arrival and the clocks that are made of them."""
    if isinstance(expected, Near | Between | ClockOf):
        return None
    if isinstance(expected, dict):
        return {key: exact_part(found[key], expected[key]) for key in expected}
    if isinstance(expected, list):
        return [exact_part(one, other) for one, other in zip(found, expected, strict=True)]
    return found
