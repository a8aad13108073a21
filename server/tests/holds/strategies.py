"""Hypothesis strategies for whole scenarios: both sides drawn apart, then joined in every way there is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

from hypothesis import strategies as st

from .page_strategies import sessions
from .scenario import (
    Answer,
    Evaluation,
    MetricType,
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
from .words import words

Draw = st.DrawFn

SOURCES: tuple[SessionSource, ...] = ("explicit", "baggage", "header")

Way = Literal["nobody", "said", "claim", "conversation", "page", "evaluation", "feedback"]
WAYS: tuple[Way, ...] = (
    *("nobody", "said", "said", "claim", "conversation"),
    *("page", "page", "evaluation", "feedback"),
)


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
    return Scenario(tuple(people), tuple(runs), (*evaluations, *revised))


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
    if way == "page" and run.remote_parent_id is None:
        place = people.index(session)
        people[place], run = _asked_by_page(draw, session, run)
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


def _asked_by_page(draw: Draw, session: Session, run: Trace) -> tuple[Session, Trace]:
    """Let a request of the page, and perhaps its answer, be the parent of the run's root."""
    page_span_id = f"{int(run.id, 16):08x}0000aaaa"
    root = run.spans[0]
    ref = TraceRef(run.id, page_span_id)
    at_ms = root.start_us // MS_US - draw(st.integers(0, 40))
    took_ms = (root.start_us + root.duration_us) // MS_US + 1 + draw(st.integers(0, 40)) - at_ms
    events: list[Resource | Answer] = [
        Resource(f"{run.id}.request", at_ms, "fetch", "POST", "https://shop.example/chat", 200, took_ms, ref)
    ]
    if draw(st.booleans()):
        events.append(
            Answer(
                f"{run.id}.answer",
                at_ms,
                "https://shop.example/chat",
                draw(words),
                5,
                9,
                took_ms,
                "done",
                ref,
            )
        )
    root = replace(root, parent_id=page_span_id)
    return (
        _with_events(draw, session, events),
        replace(run, spans=(root, *run.spans[1:]), remote_parent_id=page_span_id),
    )


def _with_events(draw: Draw, session: Session, events: Sequence[Resource | Answer]) -> Session:
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
        {"turn_id": f"{run.id}.answer"},
        {"tag": ("team", draw(words))},
        *({"tag": pair} for span in run.spans for pair in span.tags.items()),
        {"feedback_key": draw(st.sampled_from(FEEDBACK_KEYS))},
    )
    return replace(verdict, **draw(st.sampled_from(targets)))
