"""Hypothesis strategies for whole scenarios: both sides drawn apart, then joined in every way there is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from hypothesis import strategies as st

from .model import TRANSIT_SLACK_MS
from .page_strategies import REACTIONS, sessions
from .scenario import (
    Answer,
    Evaluation,
    MetricType,
    PageEvent,
    Reaction,
    Resource,
    SaidSession,
    Scenario,
    Session,
    SessionSource,
    Span,
    Trace,
    TraceRef,
    View,
)
from .trace_strategies import FEEDBACK_KEYS, MS_US, traces
from .turn_model import without_close_calls
from .words import words

Draw = st.DrawFn

SOURCES: tuple[SessionSource, ...] = ("explicit", "baggage", "header")

Way = Literal["nobody", "said", "claim", "conversation", "page", "apm", "awaited", "evaluation", "feedback"]
WAYS: tuple[Way, ...] = (
    *("nobody", "said", "said", "claim", "conversation"),
    *("page", "page", "apm", "awaited", "awaited", "evaluation", "feedback"),
)

CHAT = "https://shop.example/chat"
ANSWERS = ("answer", "again")

UPPER_HALVES = ("0" * 16, "7" * 16)
"""Of APM trace ids: where the page's SDK makes 64 bits only, and where it makes 128."""


@st.composite
def scenarios(draw: Draw) -> Scenario:
    """Give one project's worth of sessions, traces and evaluations that refer to each other."""
    people = [draw(sessions(number)) for number in range(draw(st.integers(1, 3)))]
    runs = [draw(traces(number)) for number in range(draw(st.integers(2, 4)))]
    evaluations: list[Evaluation] = []
    for place in range(len(runs)):
        for _ in range(draw(st.integers(1, 2))):
            runs[place] = _join(draw, draw(st.sampled_from(WAYS)), runs[place], people, evaluations)
        for _ in range(draw(st.integers(0, 2))):
            evaluations.append(_judge(draw, len(evaluations), runs[place]))
    for session in people:
        if draw(st.booleans()):
            evaluations.append(replace(_verdict(draw, len(evaluations)), session_id=session.id))
    revised = [_revised(draw, each) for each in evaluations if draw(st.booleans())]
    scenario = Scenario(tuple(people), tuple(runs), (*evaluations, *revised))
    return without_close_calls(_with_reactions(draw, scenario))


def _join(draw: Draw, way: Way, run: Trace, people: list[Session], evaluations: list[Evaluation]) -> Trace:
    """Make `run` belong to a session in this way; what the page or a judge says goes into the other lists."""
    session = draw(st.sampled_from(people))
    if way == "said":
        said = SaidSession(session.id, draw(st.sampled_from(SOURCES)))
        return _with_span(draw, run, session=said)
    if way == "claim":
        return _with_claim(draw, run, session.id)
    if way == "conversation":
        return _with_claim(draw, run, "no browser knows this")
    place = people.index(session)
    if way == "page" and run.remote_parent_id is None and not _is_asked(people, run):
        ref = TraceRef(run.id, f"{int(run.id, 16):08x}0000aaaa")
        people[place] = _asked_by_page(draw, session, run, ref)
        root = replace(run.spans[0], parent_id=ref.span_id)
        return replace(run, spans=(root, *run.spans[1:]), remote_parent_id=ref.span_id)
    if way == "apm" and not _is_asked(people, run):
        # The agent's trace has an id of its own; what the request carried stands on its spans as a tag.
        ref = TraceRef(draw(st.sampled_from(UPPER_HALVES)) + f"{int(run.id, 16):016x}", f"{1:016x}")
        people[place] = _asked_by_page(draw, session, run, ref)
        return _with_span(draw, run, tags={"apm_trace_id": ref.trace_id})
    if way == "awaited" and not _is_asked(people, run):
        people[place] = _awaited_by_page(draw, session, run)
        return _with_claim(draw, run, session.id)
    if way == "evaluation":
        verdict = _verdict(draw, len(evaluations))
        evaluations.append(replace(verdict, trace_id=run.id, session_id=session.id))
    if way == "feedback":
        # A key may be anything, even what another session is called.
        key = draw(st.sampled_from((*FEEDBACK_KEYS, people[0].id)))
        verdict = _verdict(draw, len(evaluations))
        evaluations.append(replace(verdict, feedback_key=key, session_id=session.id))
        return _with_span(draw, run, tags={"feedback_key": key})
    return run


def _with_claim(draw: Draw, run: Trace, claim: str) -> Trace:
    """Claim a session: by a span, by a tag of it, or by the whole process."""
    manner = draw(st.sampled_from(("span", "tag", "process")))
    if manner == "process":
        return replace(run, claim=claim)
    return _with_span(
        draw, run, **({"claim": claim} if manner == "span" else {"tags": {"session_id": claim}})
    )


def _with_span(draw: Draw, run: Trace, **said: Any) -> Trace:
    """Let any one span say it, the root or one deep in the tree."""
    place = draw(st.integers(0, len(run.spans) - 1))
    span: Span = replace(run.spans[place], **said)
    return replace(run, spans=(*run.spans[:place], span, *run.spans[place + 1 :]))


def _is_asked(people: list[Session], run: Trace) -> bool:
    """Whether a page already has events of this run."""
    events = (event for session in people for _, _, event in session.events())
    return any(event.id.startswith(f"{run.id}.") for event in events)


def _asked_by_page(draw: Draw, session: Session, run: Trace, ref: TraceRef) -> Session:
    """Let a request of the page begin the run, and perhaps answers name it: a retry names it as well."""
    root = run.spans[0]
    at_ms = root.start_us // MS_US - draw(st.integers(0, 40))
    took_ms = (root.start_us + root.duration_us) // MS_US + 1 + draw(st.integers(0, 40)) - at_ms
    events: list[Resource | Answer] = [
        Resource(f"{run.id}.request", at_ms, "fetch", "POST", CHAT, 200, took_ms, ref)
    ]
    for name in ANSWERS[: draw(st.integers(0, len(ANSWERS)))]:
        asked_ms = at_ms + draw(st.integers(0, 1))
        events.append(Answer(f"{run.id}.{name}", asked_ms, CHAT, draw(words), 5, 9, took_ms, "done", ref))
    return _with_events(draw, session, events)


def _awaited_by_page(draw: Draw, session: Session, run: Trace) -> Session:
    """Let answers of the page that name no trace be awaited when the run begins, whatever the clocks say."""
    start_ms = run.spans[0].start_us // MS_US
    events = []
    for name in ANSWERS[: draw(st.integers(1, len(ANSWERS)))]:
        at_ms = start_ms - TRANSIT_SLACK_MS - draw(st.integers(1, 20_000))
        done_ms = start_ms - at_ms + draw(st.integers(1, 20_000))
        events.append(
            Answer(
                f"{run.id}.{name}",
                at_ms,
                CHAT,
                draw(words),
                5,
                draw(st.sampled_from((None, 9))),
                done_ms,
                "done",
            )
        )
    return _with_events(draw, session, events)


def _with_reactions(draw: Draw, scenario: Scenario) -> Scenario:
    """Let reactions be to answers that there are, some of a session that began since."""
    answers = [
        event.id
        for session in scenario.sessions
        for _, _, event in session.events()
        if isinstance(event, Answer)
    ]
    sessions = []
    for session in scenario.sessions:
        reactions = [
            Reaction(f"{session.id} reaction {number}", draw(st.integers(0, 60_000)), kind, answer_id, None)
            for number, answer_id in enumerate(answers)
            if (kind := draw(st.sampled_from((None, *REACTIONS))))
        ]
        sessions.append(_with_events(draw, session, reactions))
    return replace(scenario, sessions=tuple(sessions))


def _with_events(draw: Draw, session: Session, events: Sequence[PageEvent]) -> Session:
    """Put events on any view of a session."""
    tab_place = draw(st.integers(0, len(session.tabs) - 1))
    tab = session.tabs[tab_place]
    view_place = draw(st.integers(0, len(tab.views) - 1))
    view: View = tab.views[view_place]
    view = replace(view, events=(*view.events, *events))
    tab = replace(tab, views=(*tab.views[:view_place], view, *tab.views[view_place + 1 :]))
    return replace(session, tabs=(*session.tabs[:tab_place], tab, *session.tabs[tab_place + 1 :]))


VALUES: dict[MetricType, st.SearchStrategy[object]] = {
    "categorical": words,
    "score": st.sampled_from((0, 1, -2.5, 0.1, 1e21)),
    "boolean": st.booleans(),
    "json": st.sampled_from(({"a": [1, None, "ü"]}, {})),
    "text": words,
}


def _verdict(draw: Draw, number: int) -> Evaluation:
    """Give a judgement of nothing yet."""
    metric_type: MetricType = draw(st.sampled_from(tuple(VALUES)))
    return Evaluation(
        f"evaluation-{number}",
        draw(st.sampled_from(("quality", "tone", "resolved"))),
        metric_type,
        draw(VALUES[metric_type]),
        draw(st.integers(0, 60_000)),
        assessment=draw(st.sampled_from((None, "pass", "fail"))),
        reasoning=draw(st.one_of(st.none(), words)),
        source=draw(st.sampled_from((None, "human", "judge", "code", "behaviour"))),
        submitter=draw(st.sampled_from((None, "ada"))),
        tags=draw(st.dictionaries(st.just("team"), words, max_size=1)),
        metadata=draw(st.dictionaries(st.just("k"), st.one_of(words, st.integers(-5, 5)), max_size=1)),
    )


def _revised(draw: Draw, first: Evaluation) -> Evaluation:
    """Change a verdict later on: the same judgement with another value."""
    return replace(
        first,
        value=draw(VALUES[first.metric_type]),
        at_ms=first.at_ms + draw(st.integers(1, 60_000)),
        assessment=draw(st.sampled_from((None, "pass", "fail"))),
    )


def _judge(draw: Draw, number: int, run: Trace) -> Evaluation:
    """Judge a trace, one of its spans or one that will never come, its turn, or what its tags say."""
    verdict = _verdict(draw, number)
    span_id = draw(st.sampled_from((*(span.id for span in run.spans), "f" * 16)))
    targets: tuple[dict[str, Any], ...] = (
        {"trace_id": run.id},
        {"trace_id": run.id, "span_id": span_id},
        {"turn_id": run.id},
        *({"turn_id": f"{run.id}.{name}"} for name in ANSWERS),
        {"tag": ("team", draw(words))},
        *({"tag": pair} for span in run.spans for pair in span.tags.items()),
        {"feedback_key": draw(st.sampled_from(FEEDBACK_KEYS))},
    )
    return replace(verdict, **draw(st.sampled_from(targets)))
