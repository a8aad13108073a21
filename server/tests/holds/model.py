"""What every endpoint must answer, in plain Python from the scenario alone: no SQL, no order of arrival.

`Model` holds what both sides need to know of each other; `session_model` and `trace_model` make the answers.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from .scenario import (
    CONFIDENCE,
    REACTED_AFTER_MS,
    Answer,
    Evaluation,
    Reaction,
    Resource,
    Scenario,
    Session,
    Span,
    Trace,
    Usage,
)
from .trace_payloads import start_ns

Json = dict[str, Any]

TRANSIT_SLACK_MS = 20_000
"""How long a request may take on a busy machine; the estimates of a page's clock are late by this at most."""

SOURCES = ("explicit", "baggage", "header", "trace", "evaluation", "claim")
"""How a session and a trace are joined, the surest first."""

REACTION = "reaction:"
"""How the ids of judgements begin that reactions are."""

MODEL_KINDS = ("llm", "embedding")

NOBODY: Json = {"id": None, "name": None, "email": None}


@dataclass(frozen=True)
class Link:
    """A trace and one of its sessions, joined in the surest way."""

    session_id: str
    source: str


class Model:
    """A scenario, and what follows from it."""

    def __init__(self, scenario: Scenario, began_ms: int) -> None:
        self.scenario = scenario
        self.began_ms = began_ms
        self.sessions = {session.id: session for session in scenario.sessions}

    @cached_property
    def mentions(self) -> dict[str, dict[str, set[str]]]:
        """By trace id: every session that anything names for it, and in which ways."""
        found: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for trace in self.scenario.traces:
            for span in trace.spans:
                if span.session:
                    found[trace.id][span.session.session_id].add(span.session.source)
                if claim := trace.claim_of(span):
                    found[trace.id][claim].add("claim")
        for session in self.scenario.sessions:
            for _, _, event in session.events():
                if isinstance(event, Resource | Answer):
                    for trace in self.named_by(event):
                        found[trace.id][session.id].add("trace")
        for evaluation in self.scenario.evaluations:
            if evaluation.session_id:
                for trace in self.scenario.traces:
                    if trace.id == evaluation.trace_id or has_feedback_key(trace, evaluation.feedback_key):
                        found[trace.id][evaluation.session_id].add("evaluation")
        return found

    def named_by(self, event: Resource | Answer) -> list[Trace]:
        """Traces whose own id or whose APM trace's id a request of the page carried."""
        return [trace for trace in self.scenario.traces if event.trace and names(event.trace.trace_id, trace)]

    @cached_property
    def verdicts(self) -> list[Evaluation]:
        """Judgements as they stand: of each the latest; what people did with answers among them."""
        latest = {
            each.id: each
            for session in self.scenario.sessions
            for _, _, event in session.events()
            if isinstance(event, Reaction)
            for each in [_reacted(session, event)]
        }
        for each in sorted(self.scenario.evaluations, key=lambda evaluation: evaluation.at_ms):
            latest[each.id] = each
        return list(latest.values())

    def links(self, trace: Trace) -> list[Link]:
        """Sessions of a trace, the surest first; what is only claimed and never existed is none."""
        found = []
        for session_id, sources in self.mentions[trace.id].items():
            source = min(sources, key=SOURCES.index)
            if source != "claim" or session_id in self.sessions:
                found.append(Link(session_id, source))
        return sorted(
            found,
            key=lambda link: (
                SOURCES.index(link.source),
                link.session_id not in self.sessions,
                link.session_id,
            ),
        )

    def conversation(self, trace: Trace) -> str | None:
        """What the spans call their conversation, else a claim that no browser session answers to."""
        named = [span.conversation_id for span in trace.spans if span.conversation_id]
        if named:
            return max(named)
        claims = [
            session_id
            for session_id, sources in self.mentions[trace.id].items()
            if sources == {"claim"} and session_id not in self.sessions
        ]
        return min(claims, default=None)

    def traces_of(self, session_id: str) -> list[Trace]:
        """LLM traces that anything joins to this id, in the order they began."""
        found = [
            trace for trace in self.scenario.traces if session_id in self.mentions[trace.id] and is_llm(trace)
        ]
        return sorted(found, key=lambda trace: (first_us(trace), trace.id))

    def user(self, session: Session) -> Json:
        """Who the page says is there, as soon as any of its events said so."""
        events = any(True for _ in session.events())
        versions = any(version.has_user for _, view in session.views() for version in view.versions)
        user = session.user
        if user is None or not (events or versions):
            return NOBODY
        return {"id": user.id, "name": user.name or None, "email": user.email or None}


def names(trace_id: str, trace: Trace) -> bool:
    """Whether an id that a page sent is the trace's own, or its APM trace's."""
    return trace_id in {trace.id, *(span.tags.get("apm_trace_id") for span in trace.spans)}


def _reacted(session: Session, event: Reaction) -> Evaluation:
    """The judgement that a reaction is, at the time that the page's clock showed."""
    is_thumb = event.kind.startswith("thumbs_")
    return Evaluation(
        f"{REACTION}{event.id}",
        "thumbs" if is_thumb else f"behaviour.{event.kind}",
        "categorical",
        event.kind.removeprefix("thumbs_"),
        event.at_ms + session.skew_ms,
        session_id=session.id,
        turn_id=event.answer_id,
        assessment="pass" if event.kind in ("thumbs_up", "copy") else "fail",
        source="human" if is_thumb else "behaviour",
        submitter=session.user.id if is_thumb and session.user else None,
        metadata={"kind": event.kind, "confidence": CONFIDENCE, "after_ms": REACTED_AFTER_MS},
    )


def has_feedback_key(trace: Trace, key: str | None) -> bool:
    """Whether feedback with this key is on a span of the trace."""
    return key is not None and any(span.tags.get("feedback_key") == key for span in trace.spans)


def is_llm(trace: Trace) -> bool:
    """Whether a trace has a span of one of the seven kinds."""
    return any(span.kind != "span" for span in trace.spans)


def first_us(trace: Trace) -> int:
    """When the first span of a trace started."""
    return min(span.start_us for span in trace.spans)


def first_ns(trace: Trace, began_ms: int) -> int:
    """The same, epoch ns."""
    return min(start_ns(span, began_ms) for span in trace.spans)


@dataclass(frozen=True)
class Counted:
    """Which spans of a trace count, and what they come to."""

    certain: frozenset[str]
    """Spans that count."""
    tied: frozenset[str]
    """Spans of twins that nothing tells apart: as many of them count as one side has."""
    usages: tuple[Usage, ...]
    costs_usd: tuple[float, ...]


def counted(trace: Trace) -> Counted:
    """Leaf model spans, twins once.

    A model span with usage counts unless a direct child of it is one as well. Of spans of different
    instrumentations with the same parent and tokens the instrumentation that saw more counts, then the one
    that knows a price, then the dearer.
    """
    calls = [span for span in trace.spans if span.usage and span.kind in MODEL_KINDS]
    parents = {span.parent_id for span in calls}
    leaves = [span for span in calls if span.id not in parents]
    groups: dict[tuple[Any, ...], dict[str, list[Span]]] = defaultdict(lambda: defaultdict(list))
    for span in leaves:
        assert span.usage
        groups[span.parent_id, span.usage.input, span.usage.output][span.scope].append(span)
    certain: set[str] = set()
    tied: set[str] = set()
    winners: list[Span] = []
    for by_scope in groups.values():
        best = max(_rank(spans) for spans in by_scope.values())
        ahead = [spans for spans in by_scope.values() if _rank(spans) == best]
        (certain if len(ahead) == 1 else tied).update(span.id for spans in ahead for span in spans)
        winners += ahead[0]
    costs = [cost for span in winners if (cost := cost_usd(span)) is not None]
    usages = tuple(span.usage for span in winners if span.usage)
    return Counted(frozenset(certain), frozenset(tied), usages, tuple(costs))


def _rank(spans: list[Span]) -> tuple[int, bool, int]:
    costs = [cost for span in spans if (cost := cost_usd(span)) is not None]
    return len(spans), bool(costs), round(sum(costs) * 1e12)


def cost_usd(span: Span) -> float | None:
    """What a span cost by the published prices of today, asked call by call."""
    from genai_prices import Usage as PricedUsage
    from genai_prices import calc_price

    if span.usage is None:
        return None
    usage = PricedUsage(
        input_tokens=span.usage.input,
        output_tokens=span.usage.output,
        cache_read_tokens=span.usage.cache_read,
        cache_write_tokens=span.usage.cache_write,
    )
    try:
        return float(calc_price(usage, span.model, provider_id=span.provider).total_price)
    except LookupError:
        return None


def tokens(usages: Iterable[Usage]) -> Json:
    """A sum of usages as the API writes it."""
    found = list(usages)
    entered, came = sum(each.input for each in found), sum(each.output for each in found)
    return {
        "input": entered,
        "output": came,
        "cache_read": sum(each.cache_read for each in found),
        "cache_write": sum(each.cache_write for each in found),
        "reasoning": sum(each.reasoning for each in found),
        "total": entered + came,
    }
