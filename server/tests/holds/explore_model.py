"""What the endpoints beside the lists must answer: tiles, facets, histograms, values, searches by totals."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from .matching import About
from .model import Json, Model, counted, is_llm
from .project import BROWSER, DEVICE, SYSTEM
from .scenario import Action, Answer, PageError, PageEvent, Reaction, Session, Span, Trace

Thing = TypeVar("Thing")

MOST_VALUES = 100
COST_SLACK_USD = 1e-9

SESSION_TEXTS: dict[str, Callable[[Session], Iterable[str]]] = {
    "service": lambda session: [session.service],
    "env": lambda session: [session.env],
    "version": lambda session: [session.version],
    "browser": lambda _session: [BROWSER],
    "os": lambda _session: [SYSTEM],
    "device": lambda _session: [DEVICE],
    "country": lambda _session: [],
    "application_id": lambda session: [session.application_id],
    "frustration": lambda session: [kind for each in _of(session, Action) for kind in each.frustrations],
    "error.type": lambda session: [each.kind for each in _of(session, PageError)],
    "answer.end": lambda session: [each.end_reason for each in _of(session, Answer)],
    "reaction": lambda session: [each.kind for each in _of(session, Reaction)],
}
TRACE_TEXTS: dict[str, Callable[[Trace], Iterable[str]]] = {
    "status": lambda trace: ["error" if any(span.error for span in trace.spans) else "ok"],
    "ml_app": lambda trace: [trace.ml_app or trace.service],
    "service": lambda trace: [trace.service],
    "model": lambda trace: [span.model for span in trace.spans],
}
SPAN_TEXTS: dict[str, Callable[[tuple[Trace, Span]], Iterable[str]]] = {
    "kind": lambda each: [each[1].kind],
    "name": lambda each: [each[1].name],
    "status": lambda each: ["error" if each[1].error else "ok"],
    "model": lambda each: [each[1].model],
    "provider": lambda each: [each[1].provider],
    "ml_app": lambda each: [each[0].ml_app or each[0].service],
    "service": lambda each: [each[0].service],
    "error.type": lambda each: [each[1].error[0] if each[1].error else ""],
}
"""Fields of each list, and what a thing in it has there."""

TEXTS: dict[str, dict[str, Any]] = {"sessions": SESSION_TEXTS, "traces": TRACE_TEXTS, "spans": SPAN_TEXTS}


def _of(session: Session, kind: type[PageEvent]) -> list[Any]:
    return [event for _, _, event in session.events() if isinstance(event, kind)]


def questions(model: Model) -> dict[str, tuple[str, dict[str, Any]]]:
    """What is asked, by the name of each answer: a path and its parameters."""
    asked: dict[str, tuple[str, dict[str, Any]]] = {"overview": ("/overview", {})}
    for signal, texts in TEXTS.items():
        asked[f"facets {signal}"] = (
            "/facets",
            {"signal": signal, "limit": MOST_VALUES, "field": [*texts]},
        )
        asked[f"histogram {signal}"] = ("/timeseries", {"signal": signal, "buckets": 10})
        asked[f"values {signal}"] = ("/search/values", {"signal": signal, "field": "service"})
    asked["histogram by service"] = ("/timeseries", {"signal": "traces", "buckets": 10, "by": "service"})
    for session in model.scenario.sessions:
        traces, tokens, cost_usd = _totals(model, session)
        cost = f"[{max(0, cost_usd - COST_SLACK_USD):.12f} TO {cost_usd + COST_SLACK_USD:.12f}]"
        query = f"traces:{traces} tokens:{tokens} cost:{cost}"
        asked[f"like {session.id}"] = ("/sessions", {"query": query, "limit": MOST_VALUES})
    return asked


def told(name: str, answer: Json) -> Any:
    """What of an answer is compared: no starts of steps, since these move with the time of asking."""
    if name == "overview":
        sums = {
            tile["name"]: sum(value for _, value in tile["points"])
            for tile in answer["tiles"]
            if tile["unit"] == "count" and tile["name"] != "users"
        }
        tiles = {tile["name"]: [tile["value"], tile["previous"]] for tile in answer["tiles"]}
        return {"tiles": tiles, "sums": sums}
    if name.startswith("facets"):
        return {facet["field"]: _counts(facet["values"]) for facet in answer["facets"]}
    if name.startswith("histogram"):
        return {each["key"]: sum(value for _, value in each["points"]) for each in answer["series"]}
    if name.startswith("values"):
        return _counts(answer["values"])
    return sorted(item["session_id"] for item in answer["items"])


def _counts(values: list[Json]) -> list[list[Any]]:
    return [[each["value"], each["count"]] for each in values]


def expected(model: Model) -> dict[str, Any]:
    """What must be told, by the name of each question."""
    scenario = model.scenario
    traces = [trace for trace in scenario.traces if is_llm(trace)]
    spans = [(trace, span) for trace in scenario.traces for span in trace.spans if span.kind != "span"]
    things: dict[str, Sequence[Any]] = {"sessions": scenario.sessions, "traces": traces, "spans": spans}
    found: dict[str, Any] = {"overview": _overview(model, traces)}
    for signal, texts in TEXTS.items():
        found[f"facets {signal}"] = {
            name: _commonest(things[signal], text_of) for name, text_of in texts.items()
        }
        found[f"histogram {signal}"] = {"": len(things[signal])}
        found[f"values {signal}"] = found[f"facets {signal}"]["service"]
    every_span = [(trace, span) for trace in scenario.traces for span in trace.spans]
    found["values spans"] = _commonest(every_span, SPAN_TEXTS["service"])
    found["values traces"] = _commonest(scenario.traces, TRACE_TEXTS["service"])
    found["histogram by service"] = dict(Counter(trace.service for trace in traces))
    for session in scenario.sessions:
        found[f"like {session.id}"] = sorted(
            other.id
            for other in scenario.sessions
            if _is_like(_totals(model, other), _totals(model, session))
        )
    return found


def _commonest(things: Iterable[Thing], texts_of: Callable[[Thing], Iterable[str]]) -> list[list[Any]]:
    counts = Counter(text for thing in things for text in set(texts_of(thing)) if text)
    return [list(each) for each in sorted(counts.items(), key=lambda each: (-each[1], each[0].encode()))]


def _totals(model: Model, session: Session) -> tuple[int, int, float]:
    """Traces, tokens and cost of a session."""
    sums = [counted(trace) for trace in model.traces_of(session.id)]
    tokens = sum(usage.input + usage.output for each in sums for usage in each.usages)
    return len(sums), tokens, sum(cost for each in sums for cost in each.costs_usd)


def _is_like(one: tuple[int, int, float], other: tuple[int, int, float]) -> bool:
    return one[:2] == other[:2] and abs(one[2] - other[2]) <= COST_SLACK_USD


def _overview(model: Model, traces: list[Trace]) -> Json:
    sessions = model.scenario.sessions
    users = {user_id for session in sessions if (user_id := model.user(session)["id"])}
    frustrated = [each for each in sessions if any(SESSION_TEXTS["frustration"](each))]
    painted = sorted(
        answer.first_paint_ms
        for session in sessions
        for answer in _of(session, Answer)
        if answer.first_paint_ms is not None
    )
    verdicts = [each.assessment for each in model.verdicts if each.assessment and each.source != "behaviour"]
    counts = {"sessions": len(sessions), "answers": len(traces)}
    tiles: Json = {name: [count, 0] for name, count in counts.items()}
    tiles["users"] = [len(users), 0]
    tiles["error_rate"] = [_share([each for each in sessions if _of(each, PageError)], sessions), None]
    tiles["frustration_rate"] = [_share(frustrated, sessions), None]
    tiles["cost"] = [About(sum(cost for trace in traces for cost in counted(trace).costs_usd)), 0]
    for percent in (50, 75, 95):
        value = painted[len(painted) * percent // 100] if painted else None
        tiles[f"felt_first_word_p{percent}"] = [value, None]
    tiles["evaluation_pass_rate"] = [_share([each for each in verdicts if each == "pass"], verdicts), None]
    return {"tiles": tiles, "sums": counts}


def _share(part: Sequence[Any], whole: Sequence[Any]) -> Any:
    return About(len(part) / len(whole)) if whole else None
