"""What the endpoints of turns must answer: which halves are one turn, and what it says of both.

An answer has the trace that it names, by its own id or its APM trace's; of several answers that name one
trace the first asked has it, of several traces that one answer names the first begun. What is left is matched
within a session: in the order of asking, each answer takes the first trace that began while it was awaited.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from .matching import Between, Near
from .model import TRANSIT_SLACK_MS, Json, Model, first_us, is_llm
from .scenario import CONFIDENCE, REACTED_AFTER_MS, Answer, Reaction, Scenario, Session, Tab, Trace, View
from .session_model import recorded
from .trace_model import evaluation_answers, has_tag, on_answer, summary_answer
from .trace_payloads import MS_NS

QUESTION_CHARACTERS = 300
THUMBS = ("thumbs_up", "thumbs_down")
ROUNDING_MS = 0.001


@dataclass(frozen=True)
class Asked:
    """An answer of a page, and where."""

    session: Session
    tab: Tab
    view: View
    answer: Answer

    @property
    def order(self) -> tuple[int, str]:
        """When it was asked, on the page's clock."""
        return self.answer.at_ms + self.session.skew_ms, self.answer.id


@dataclass(frozen=True)
class Turn:
    """Two halves that belong together, or one alone."""

    asked: Asked | None
    trace: Trace | None
    match: str | None = None

    @property
    def id(self) -> str:
        """The answer's, else the trace's."""
        return self.asked.answer.id if self.asked else self.trace.id if self.trace else ""


class TurnModel:
    """The turns of a scenario."""

    def __init__(self, model: Model) -> None:
        self._model = model

    @cached_property
    def turns(self) -> list[Turn]:
        """Every turn once."""
        found = [
            Turn(asked, trace, "trace")
            for trace in self._traces
            if (asked := self._by_trace.get(trace.id)) is not None
        ]
        lone = self.lone_answers
        for session in self._model.scenario.sessions:
            answers = [asked for asked in lone if asked.session is session]
            found += self._by_time(answers, self.lone_traces(session))
        with_trace = {turn.trace.id for turn in found if turn.trace}
        return found + [Turn(None, trace) for trace in self._traces if trace.id not in with_trace]

    @cached_property
    def _traces(self) -> list[Trace]:
        return sorted(filter(is_llm, self._model.scenario.traces), key=_began)

    @cached_property
    def _answers(self) -> list[Asked]:
        found = [
            Asked(session, tab, view, event)
            for session in self._model.scenario.sessions
            for tab, view, event in session.events()
            if isinstance(event, Answer)
        ]
        return sorted(found, key=lambda asked: asked.order)

    @cached_property
    def _by_trace(self) -> dict[str, Asked]:
        """By trace id: the answer that has it by name."""
        found: dict[str, Asked] = {}
        for asked in self._answers:
            named = [trace for trace in self._model.named_by(asked.answer) if is_llm(trace)]
            sent = asked.answer.trace.trace_id if asked.answer.trace else ""
            if named:
                found.setdefault(min(named, key=lambda trace: (trace.id != sent, _began(trace))).id, asked)
        return found

    @property
    def lone_answers(self) -> list[Asked]:
        """Answers that no trace id joins, in the order of asking."""
        taken = {asked.answer.id for asked in self._by_trace.values()}
        return [asked for asked in self._answers if asked.answer.id not in taken]

    def lone_traces(self, session: Session) -> list[Trace]:
        """Traces that no answer names, of which this is the surest session, in the order they began."""
        return [
            trace
            for trace in self._traces
            if trace.id not in self._by_trace and self.session_of(trace) is session
        ]

    def session_of(self, trace: Trace) -> Session | None:
        """The surest session of a trace that exists."""
        links = self._model.links(trace)
        return next(
            (
                self._model.sessions[each.session_id]
                for each in links
                if each.session_id in self._model.sessions
            ),
            None,
        )

    def _by_time(self, answers: list[Asked], traces: list[Trace]) -> Iterator[Turn]:
        waiting = list(traces)
        for asked in answers:
            trace = next((each for each in waiting if is_awaited(asked, each)), None)
            if trace:
                waiting.remove(trace)
            yield Turn(asked, trace, "time" if trace else None)


def _began(trace: Trace) -> tuple[int, str]:
    return first_us(trace), trace.id


def is_awaited(asked: Asked, trace: Trace) -> bool:
    """Whether a trace began while an answer was awaited, on the true clock."""
    return 0 <= first_us(trace) / 1_000 - asked.answer.at_ms <= asked.answer.done_ms


def is_close_call(asked: Asked, trace: Trace) -> bool:
    """Whether it depends on what the page's clock is taken for, which is late by a request's way at most."""
    after_ms = first_us(trace) / 1_000 - asked.answer.at_ms
    too_early = after_ms < -2 * TRANSIT_SLACK_MS
    too_late = after_ms > asked.answer.done_ms + 2 * TRANSIT_SLACK_MS
    return not (too_early or too_late or TRANSIT_SLACK_MS <= after_ms <= asked.answer.done_ms)


def without_close_calls(scenario: Scenario) -> Scenario:
    """Leave out the answers of which no model can say what the server makes of them."""
    while True:
        turns = TurnModel(Model(scenario, 0))
        close = {
            asked.answer.id
            for asked in turns.lone_answers
            if any(is_close_call(asked, trace) for trace in turns.lone_traces(asked.session))
        }
        if not close:
            return scenario
        scenario = replace(scenario, sessions=tuple(_without(each, close) for each in scenario.sessions))


def _without(session: Session, event_ids: set[str]) -> Session:
    tabs = [
        replace(
            tab,
            views=tuple(
                replace(view, events=tuple(each for each in view.events if each.id not in event_ids))
                for view in tab.views
            ),
        )
        for tab in session.tabs
    ]
    return replace(session, tabs=tuple(tabs))


def turn_answer(model: Model, turn: Turn) -> Json:
    """`/turns/{id}`, and its row in every list."""
    asked, trace = turn.asked, turn.trace
    session = asked.session if asked else TurnModel(model).session_of(trace) if trace else None
    summary = summary_answer(model, trace) if trace else {}
    page_user = model.user(session) if session else {"id": None, "name": None, "email": None}
    return {
        "turn_id": turn.id,
        "asked_at": Near(model.began_ms + asked.answer.at_ms, TRANSIT_SLACK_MS)
        if asked
        else summary["start"],
        "session_id": session.id if session else None,
        "conversation_id": summary.get("conversation_id"),
        "has_replay": bool(session and recorded(session)),
        "user": summary["user"] if summary and summary["user"]["id"] else page_user,
        "question": summary.get("input") or (_question(asked) if asked else ""),
        "answer": summary.get("output", ""),
        "match": turn.match,
        "felt": _felt(model, asked) if asked else None,
        "served": _served(model, trace, summary) if trace else None,
        "gap": _gap(asked.answer, trace, turn.match) if asked and trace else None,
        "reactions": _reactions(model, asked) if asked else [],
        "evaluations": [
            on_answer(trace, each)
            for each in evaluation_answers(model, filter(lambda each: _judges(each, turn), model.verdicts))
        ],
    }


def _question(asked: Asked) -> str:
    return (asked.answer.question or "")[:QUESTION_CHARACTERS]


def _felt(model: Model, asked: Asked) -> Json:
    answer = asked.answer
    return {
        "answer_id": answer.id,
        "asked_ms": model.began_ms + answer.at_ms + asked.session.skew_ms,
        "view_id": asked.view.id,
        "view_url": asked.view.url,
        "tab_id": asked.tab.id,
        "url": answer.url,
        "first_byte_ms": answer.first_byte_ms,
        "first_word_ms": answer.first_paint_ms,
        "done_ms": answer.done_ms,
        "end_reason": answer.end_reason,
        "stalls": [],
    }


def _served(model: Model, trace: Trace, summary: Json) -> Json:
    shared = ("trace_id", "name", "duration_ms", "ttft_ms", "is_complete", "status", "ml_app", "models")
    return {name: summary[name] for name in (*shared, "tokens", "cost_usd")} | {
        "start_ns": model.began_ms * MS_NS + first_us(trace) * 1_000,
        "prompt": None,
    }


def _gap(answer: Answer, trace: Trace, match: str | None) -> Json:
    """Where the time until the first word went, as far as the two halves alone can tell."""
    rendering_ms = (
        None if answer.first_paint_ms is None else max(0, answer.first_paint_ms - answer.first_byte_ms)
    )
    ended_us = max(span.start_us + span.duration_us for span in trace.spans)
    firsts = [span.start_us + span.ttft_ms * 1_000 for span in trace.spans if span.ttft_ms is not None]
    left_ms = answer.done_ms - (ended_us - first_us(trace)) / 1_000
    found: Json = {"request_ms": None, "proxy_ms": None, "rendering_ms": rendering_ms}
    if match != "trace" or answer.done_ms == 0 or left_ms < 0:
        return found
    found["request_ms"] = _rounded(left_ms / 2)
    if firsts:
        ttft_ms = (min(firsts) - first_us(trace)) / 1_000
        found["proxy_ms"] = _rounded(max(0, answer.first_byte_ms - ttft_ms - left_ms / 2))
    return found


def _rounded(value: float) -> Any:
    return Between(value - ROUNDING_MS, value + ROUNDING_MS)


def _reactions(model: Model, asked: Asked) -> list[Json]:
    """What the person did with it, in order of time and id; their session may be another by then."""
    found = [
        (event.at_ms + session.skew_ms, event.id, event)
        for session in model.scenario.sessions
        for _, _, event in session.events()
        if isinstance(event, Reaction) and event.answer_id == asked.answer.id
    ]
    return [
        {
            "kind": each.kind,
            "at_ms": model.began_ms + at_ms,
            "after_ms": REACTED_AFTER_MS,
            "confidence": CONFIDENCE,
            "source": "human" if each.kind in THUMBS else "behaviour",
        }
        for at_ms, _, each in sorted(found, key=lambda each: each[:2])
    ]


def _judges(verdict: Any, turn: Turn) -> bool:
    """Whether a verdict is on the turn: on its trace, a span of it, or either of the turn's ids."""
    if verdict.trace_id:
        return bool(turn.trace and verdict.trace_id == turn.trace.id)
    ids = {turn.id, turn.trace.id if turn.trace else turn.id}
    return verdict.turn_id in ids or bool(turn.trace and has_tag(turn.trace, verdict))
