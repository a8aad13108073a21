"""What the endpoints of traces must answer."""

from collections.abc import Iterable
from typing import Any

from .matching import About, Between, ClockOf, OneOf, api_time
from .model import (
    NOBODY,
    REACTION,
    TRANSIT_SLACK_MS,
    Counted,
    Json,
    Link,
    Model,
    cost_usd,
    counted,
    first_ns,
    first_us,
    has_feedback_key,
    names,
    tokens,
)
from .scenario import Answer, Evaluation, Resource, Session, Span, Trace, View
from .session_model import recorded
from .trace_payloads import MS_NS, UNPLACED, US_NS, attributes_of, resource_of, start_ns

PREVIEW_CHARACTERS = 300

KEPT_AS_SENT = (UNPLACED, "gen_ai.operation.name")
"""Attributes that an answer shows under their own names."""


def summary_answer(model: Model, trace: Trace) -> Json:
    """A row of `/traces` and of `/sessions/{id}/traces`."""
    sums = counted(trace)
    began_us = first_us(trace)
    firsts = [span.start_us + span.ttft_ms * 1_000 for span in trace.spans if span.ttft_ms is not None]
    errors = sum(span.error is not None for span in trace.spans)
    return {
        **_head(model, trace, sums),
        "kind": _called_after(trace).kind,
        "spans": len(trace.spans),
        "errors": errors,
        "input": _first_input(trace),
        "output": _last_output(trace),
        "ttft_ms": About((min(firsts) - began_us) / 1_000) if firsts else None,
        "session_ids": [link.session_id for link in model.links(trace) if link.session_id in model.sessions],
    }


def _head(model: Model, trace: Trace, sums: Counted) -> Json:
    """What the summary and the whole trace have in common."""
    ended_us = max(span.start_us + span.duration_us for span in trace.spans)
    return {
        "trace_id": trace.id,
        "name": _called_after(trace).name,
        "start": api_time(first_ns(trace, model.began_ms) // MS_NS),
        "duration_ms": About((ended_us - first_us(trace)) / 1_000),
        "is_complete": True,
        "status": "error" if any(span.error for span in trace.spans) else "ok",
        "ml_app": trace.ml_app or trace.service,
        "service": trace.service,
        "models": sorted({span.model for span in trace.spans if span.model}),
        "tokens": tokens(sums.usages),
        "cost_usd": About(sum(sums.costs_usd)) if sums.costs_usd else None,
        "user": _user(model, trace),
        "conversation_id": model.conversation(trace),
    }


def _called_after(trace: Trace) -> Span:
    """The root where it is of the seven kinds, else the first and outermost that is, else the root."""
    told = [span for span in trace.spans if span.kind != "span"]
    if not told or trace.spans[0] in told:
        return trace.spans[0]
    return max(told, key=lambda span: (-span.start_us, span.duration_us, span.id))


def _user(model: Model, trace: Trace) -> Json:
    """Who the agent says it was, with what the page knows of the same person; else who the page says."""
    agents = max((span.user_id for span in trace.spans if span.user_id), default=None)
    links = [link for link in model.links(trace) if link.session_id in model.sessions]
    pages = [user for link in links if (user := model.user(model.sessions[link.session_id]))["id"]]
    if agents is None:
        return pages[0] if pages else NOBODY
    return next((user for user in pages if user["id"] == agents), NOBODY | {"id": agents})


def _first_input(trace: Trace) -> Any:
    """The root's, else the one that entered first."""
    if root := _preview(trace.spans[0].asked):
        return root
    asked = [span for span in trace.spans if _preview(span.asked)]
    begin_us = min((span.start_us for span in asked), default=0)
    return _tie([_preview(span.asked) for span in asked if span.start_us == begin_us])


def _last_output(trace: Trace) -> Any:
    """The root's, else the one that came last."""
    if root := _preview(trace.spans[0].answered):
        return root
    answered = [span for span in trace.spans if _preview(span.answered)]
    end_us = max((span.start_us + span.duration_us for span in answered), default=0)
    return _tie([_preview(span.answered) for span in answered if span.start_us + span.duration_us == end_us])


def _preview(text: str | None) -> str:
    text = (text or "").strip()
    return text if len(text) <= PREVIEW_CHARACTERS else text[: PREVIEW_CHARACTERS - 1] + "…"


def _tie(texts: list[str]) -> Any:
    return OneOf(tuple(texts)) if len(texts) > 1 else "".join(texts)


def trace_answer(model: Model, trace: Trace, awaited_by: str | None = None) -> Json:
    """`/traces/{id}`; `awaited_by` is the answer that session and time match to it."""
    sums = counted(trace)
    links = model.links(trace)
    spans = sorted(trace.spans, key=lambda span: (span.start_us, span.id))
    return {
        **_head(model, trace, sums),
        "start_ns": first_ns(trace, model.began_ms),
        "sessions": [_trace_session(model, trace, link) for link in links],
        "clock": _clock(model, trace, links),
        "spans": [span_answer(model, trace, span, sums) for span in spans],
        "evaluations": [
            on_answer(trace, each)
            for each in evaluation_answers(
                model, (each for each in model.verdicts if _judges(model, each, trace, awaited_by))
            )
        ],
    }


def _judges(model: Model, verdict: Evaluation, trace: Trace, awaited_by: str | None) -> bool:
    """Whether a verdict is on this trace, however it is joined."""
    if verdict.trace_id:
        return verdict.trace_id == trace.id
    answers = {
        event.id
        for session in model.scenario.sessions
        for _, _, event in session.events()
        if isinstance(event, Answer) and event.trace and names(event.trace.trace_id, trace)
    }
    if not answers and awaited_by:
        answers = {awaited_by}
    return verdict.turn_id in {trace.id, *answers} or has_tag(trace, verdict)


def has_tag(trace: Trace, verdict: Evaluation) -> bool:
    """Whether a verdict is joined by a tag of the trace's spans, or by their feedback key."""
    tags = {pair for span in trace.spans for pair in span.tags.items()}
    return verdict.tag in tags or has_feedback_key(trace, verdict.feedback_key)


def on_answer(trace: Trace | None, evaluation: Json) -> Json:
    """What a person did with an answer stands on the model call that wrote it."""
    if trace is None or not evaluation["evaluation_id"].startswith(REACTION):
        return evaluation
    output = _last_output(trace)
    writers = {_writer(trace, text) for text in (output.values if isinstance(output, OneOf) else (output,))}
    return evaluation | {"trace_id": trace.id, "span_id": OneOf(tuple(writers))}


def _writer(trace: Trace, answer: str) -> str | None:
    """The last model call that said the trace's answer, else the last that said anything, else the last."""
    calls = sorted(
        (span for span in trace.spans if span.kind == "llm"),
        key=lambda span: (span.start_us + span.duration_us, span.id),
    )
    said = [span for span in calls if _preview(span.answered)]
    wrote = [span for span in said if _preview(span.answered) == answer]
    found = wrote or said or calls
    return found[-1].id if found else None


def _clock(model: Model, trace: Trace, links: list[Link]) -> ClockOf | None:
    """Of the page that asked: the surest session that there is something to see of."""
    for link in links:
        session = model.sessions.get(link.session_id)
        if session and (_asked(session, trace) or recorded(session)):
            return ClockOf(-session.skew_ms, TRANSIT_SLACK_MS)
    return None


def _trace_session(model: Model, trace: Trace, link: Link) -> Json:
    session = model.sessions.get(link.session_id)
    found: Json = {
        "session_id": link.session_id,
        "source": link.source,
        "exists": session is not None,
        "has_replay": False,
        "replay_at": None,
        "view_id": None,
        "user": NOBODY,
    }
    if session is None:
        return found
    found |= {"has_replay": bool(recorded(session)), "user": model.user(session)}
    if asked := _asked(session, trace):
        view, at_ms = asked
        return found | {"replay_at": model.began_ms + at_ms + session.skew_ms, "view_id": view.id}
    if views := recorded(session):
        at_ms = first_us(trace) // 1_000
        page_ms = model.began_ms + at_ms + session.skew_ms
        found |= {
            "replay_at": Between(page_ms - TRANSIT_SLACK_MS, page_ms + TRANSIT_SLACK_MS),
            "view_id": OneOf(tuple(_nearest(views, at_ms))),
        }
    return found


def _asked(session: Session, trace: Trace) -> tuple[View, int] | None:
    """View and time of the request that began the trace, else of the answer that it became."""
    found = [
        (isinstance(event, Answer), event.at_ms, event.id, view)
        for _, view, event in session.events()
        if isinstance(event, Resource | Answer) and event.trace and names(event.trace.trace_id, trace)
    ]
    if not found:
        return None
    _, at_ms, _, view = min(found, key=lambda each: each[:3])
    return view, at_ms


def _nearest(views: list[View], at_ms: int) -> list[str]:
    """Views that may have been on the screen, as far as a clock read through the network can tell."""

    def distance_ms(view: View) -> int:
        return max(view.segments[0].start_ms - at_ms, at_ms - view.segments[-1].end_ms, 0)

    least_ms = min(distance_ms(view) for view in views)
    return [view.id for view in views if distance_ms(view) <= least_ms + 2 * TRANSIT_SLACK_MS]


def span_answer(model: Model, trace: Trace, span: Span, sums: Counted) -> Json:
    """A span of a trace."""
    began_ns = start_ns(span, model.began_ms)
    claim = trace.claim_of(span)
    claimed = claim if claim in model.sessions else None
    price = cost_usd(span)
    return {
        "span_id": span.id,
        "parent_id": span.parent_id,
        "trace_id": trace.id,
        "name": span.name,
        "kind": span.kind,
        "service": trace.service,
        "ml_app": trace.ml_app or trace.service,
        "start": api_time(began_ns // MS_NS),
        "start_ns": began_ns,
        "duration_ns": span.duration_us * US_NS,
        "status": "error" if span.error else "ok",
        "error": {"type": span.error[0], "message": span.error[1], "stack": None} if span.error else None,
        "model": span.model,
        "provider": span.provider,
        "tokens": tokens([span.usage]) if span.usage else None,
        "cost_usd": None if price is None else About(price),
        "is_counted": OneOf((True, False)) if span.id in sums.tied else span.id in sums.certain,
        "ttft_ms": None if span.ttft_ms is None else About(span.ttft_ms),
        "session_id": span.session.session_id if span.session else claimed,
        "conversation_id": span.conversation_id or (None if claimed else claim),
        "user_id": span.user_id,
        **_texts(span),
        "documents": [],
        "tool_definitions": [],
        "parameters": {},
        "metadata": span.metadata,
        "metrics": {},
        "tags": span.tags,
        "events": [],
        "attributes": _attributes(trace, span),
    }


def _texts(span: Span) -> Json:
    if span.kind != "llm":
        return {"input_messages": [], "output_messages": [], "input": span.asked, "output": span.answered}
    entered = [] if span.asked is None else [_message("user", span.asked)]
    came = [] if span.answered is None else [_message("assistant", span.answered) | {"finish_reason": "stop"}]
    return {"input_messages": entered, "output_messages": came, "input": None, "output": None}


def _message(role: str, text: str) -> Json:
    return {
        "role": role,
        "parts": [{"type": "text", "content": text}],
        "name": None,
        "finish_reason": None,
    }


def _attributes(trace: Trace, span: Span) -> Json:
    sent = attributes_of(trace, span)
    found: Json = {key: sent[key] for key in KEPT_AS_SENT if key in sent}
    resource = resource_of(trace)
    return found | ({"resource": resource} if resource else {})


def evaluation_answers(model: Model, evaluations: Iterable[Evaluation]) -> list[Json]:
    """Judgements, in order of time and id."""
    found = [
        {
            "evaluation_id": each.id,
            "label": each.label,
            "metric_type": each.metric_type,
            "value": each.value,
            "assessment": each.assessment,
            "reasoning": each.reasoning,
            "source": each.source or "code",
            "submitter": each.submitter,
            "ts": api_time(model.began_ms + each.at_ms),
            "span_id": each.span_id,
            "trace_id": each.trace_id,
            "session_id": each.session_id,
            "turn_id": each.turn_id,
            "tags": each.tags,
            "metadata": each.metadata,
        }
        for each in evaluations
    ]
    return sorted(found, key=lambda answer: (answer["ts"], answer["evaluation_id"]))
