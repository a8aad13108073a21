"""Every endpoint of a project: what it answers, page by page, and what it must answer."""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any
from urllib.parse import quote

from . import explore_model
from .matching import Between, ClockOf, Near, faults
from .model import Json, Model, counted, first_us, is_llm
from .project import Project
from .scenario import Answer, Scenario, Session
from .session_model import event_answers, recorded, recording_answer, replay_answer, session_answer
from .trace_model import evaluation_answers, span_answer, summary_answer, trace_answer
from .turn_model import TurnModel, turn_answer

PAGE_ITEMS = 4
"""Small, so that lists have several pages."""

READERS = 4
"""Questions that are asked at one time."""

BEFORE_MS = 60_000
"""How long before a scenario the range begins that holds all of it, however far off its clocks are."""

SEARCHED_TURNS = "/turns?query"
"""A search that finds all turns: SQL must join the halves as the list does."""

MAX_FAULTS = 20


def path_of(*parts: str) -> str:
    """A path of the API out of words and ids, the ids encoded whole."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


class Reader:
    """Asks a project everything about a scenario."""

    def __init__(self, project: Project, began_ms: int) -> None:
        self._project = project
        self._range = {"from_": began_ms - BEFORE_MS}

    def read(self, scenario: Scenario) -> dict[str, Any]:
        """Give all answers by their paths; lists whole."""
        asked: dict[str, Callable[[], Any]] = {
            path: partial(self._pages, path, **self._range)
            for path in ("/sessions", "/traces", "/spans", "/evaluations", "/turns")
        }
        asked[SEARCHED_TURNS] = partial(self._pages, "/turns", query="-turn_id:none", **self._range)
        asked["/traces?include_other"] = partial(self._pages, "/traces", include_other=True, **self._range)
        for session in scenario.sessions:
            asked |= self._session(session)
        for trace in scenario.traces:
            path = path_of("traces", trace.id)
            asked[path] = partial(self._one, path)
        for turn_id in turn_ids(scenario):
            path = path_of("turns", turn_id)
            asked[path] = partial(self._one, path)
        for trace in filter(is_llm, scenario.traces):
            asked[f"/turns {trace.id}"] = partial(self._pages, "/turns", trace_id=trace.id)
        return self._at_once(asked)

    def _at_once(self, asked: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
        with ThreadPoolExecutor(READERS) as pool:
            return dict(zip(asked, pool.map(lambda ask: ask(), asked.values()), strict=True))

    def explore(self, questions: dict[str, tuple[str, dict[str, Any]]]) -> dict[str, Any]:
        """Ask what stands beside the lists, and give of each answer what is compared."""
        asked = {name: partial(self._one, path, **given) for name, (path, given) in questions.items()}
        return {name: explore_model.told(name, answer) for name, answer in self._at_once(asked).items()}

    def glance(self, questions: dict[str, tuple[str, dict[str, Any]]], which: int) -> None:
        """Ask one of them, whatever the answer is by now."""
        path, given = [*questions.values()][which % len(questions)]
        self._one(path, **given)

    def _session(self, session: Session) -> dict[str, Callable[[], Any]]:
        path = path_of("sessions", session.id)
        found: dict[str, Callable[[], Any]] = {
            each: partial(self._one, each) for each in (path, f"{path}/replay")
        }
        for name in ("events", "traces"):
            found[f"{path}/{name}"] = partial(self._pages, f"{path}/{name}")
        found[f"{path}/turns"] = partial(self._pages, "/turns", session_id=session.id)
        events = f"{path}/replay/events"
        for view in recorded(session):
            found[f"{events} {view.id}"] = partial(self._one, events, view_id=view.id)
            last = view.segments[-1].index
            found[f"{events} end"] = partial(
                self._one, events, view_id=view.id, from_index=last, to_index=last
            )
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


def turn_ids(scenario: Scenario) -> list[str]:
    """Ids that lead to a turn: of answers, and of traces of LLM kinds."""
    answers = [
        event.id
        for session in scenario.sessions
        for _, _, event in session.events()
        if isinstance(event, Answer)
    ]
    return answers + [trace.id for trace in scenario.traces if is_llm(trace)]


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
    awaited_by = {
        turn.trace.id: turn.id for turn in TurnModel(model).turns if turn.trace and turn.match == "time"
    }
    for trace in traces:
        found[path_of("traces", trace.id)] = trace_answer(model, trace, awaited_by.get(trace.id))
    return found | _turn_answers(model) | explore_model.expected(model)


def _turn_answers(model: Model) -> dict[str, Any]:
    turns = TurnModel(model).turns
    told = {turn.id: turn_answer(model, turn) for turn in turns}
    found: dict[str, Any] = {"/turns": list(told.values()), SEARCHED_TURNS: list(told.values())}
    for turn in turns:
        for turn_id in {turn.id, turn.trace.id if turn.trace else turn.id}:
            found[path_of("turns", turn_id)] = told[turn.id]
        if turn.trace:
            found[f"/turns {turn.trace.id}"] = [told[turn.id]]
    for session in model.scenario.sessions:
        ids = {trace.id for trace in model.traces_of(session.id)}
        found[f"{path_of('sessions', session.id)}/turns"] = [
            told[turn.id]
            for turn in turns
            if told[turn.id]["session_id"] == session.id or (turn.trace and turn.trace.id in ids)
        ]
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
    """Hold answers against the model's; sessions and turns are in the order of their own, measured times."""
    found, expected = dict(found), dict(expected)
    for path in expected:
        if time_name := measured_order(path):
            assert all(one[time_name] >= other[time_name] for one, other in pairwise(found[path])), path
            id_name = "session_id" if path == "/sessions" else "turn_id"
            for answers in (found, expected):
                answers[path] = sorted(answers[path], key=lambda item: str(item[id_name]))
    wrong = [f"{path} {fault}" for path in expected for fault in faults(found.get(path), expected[path])]
    wrong += _uncounted(found)
    assert not wrong, "\n" + "\n".join(wrong[:MAX_FAULTS])


def measured_order(path: str) -> str | None:
    """What a list is ordered by, newest first, where that is measured on arrival; else None."""
    if path == "/sessions":
        return "last_seen"
    return "asked_at" if path.endswith("/turns") or path == SEARCHED_TURNS else None


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
