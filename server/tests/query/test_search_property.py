"""Random searches against a filter in plain Python over the same sessions, traces and spans."""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych_server.query import page_keys
from diptych_server.store.database import Database
from diptych_server.store.kept_answers import KeptAnswers
from diptych_server.store.rows import Row

from .conftest import Ask
from .seeds import ASKED_MS, deliver, llm, rum, span, view

MS_NS = 1_000_000
SIZE = 9
EXAMPLES = 60
IDS = {"sessions": "session_id", "traces": "trace_id", "spans": "span_id"}
SAID = ["Where is my parcel?", "refund the tent please", "Ridge 4, four people", "parcel refund", ""]
WORDS = ["parcel", "refund", "tent", "ridge", "four", "tomorrow"]


@dataclass
class Span:
    """A span as it is sent."""

    span_id: str
    name: str
    kind: str
    duration_ms: int
    status: str
    model: str = ""
    cost: float | None = None
    ttft_ms: float | None = None
    error_type: str = ""
    said: str = ""

    @property
    def text(self) -> str:
        return self.said.lower()


@dataclass
class Trace:
    """A trace; its first span holds the others."""

    trace_id: str
    session: "Session | None"
    spans: list[Span]

    def any(self, name: str) -> list[str]:
        return [getattr(each, name) for each in self.spans]

    @property
    def status(self) -> str:
        return "error" if "error" in self.any("status") else "ok"

    @property
    def cost(self) -> float | None:
        costs = [each.cost for each in self.spans if each.cost is not None]
        return sum(costs) if costs else None


@dataclass
class Session:
    """A session; its events are a view, then actions and errors."""

    session_id: str
    service: str
    env: str
    user_id: str
    actions: list[str]
    errors: list[str]
    duration_ms: int
    traces: list[Trace] = field(default_factory=list)

    @property
    def text(self) -> list[str]:
        """What words are looked for in, one event each."""
        return [each.lower() for each in (*self.actions, *self.errors)]


def shop() -> tuple[list[Session], list[Trace]]:
    """The same few sessions for every search, and traces, some of which are of no session."""
    chance = random.Random(7)
    sessions: list[Session] = []
    traces: list[Trace] = []
    for number in range(SIZE):
        session = Session(
            session_id=f"session-{number}",
            service=chance.choice(["shop", "Checkout", "docs"]),
            env=chance.choice(["production", "staging", ""]),
            user_id=chance.choice(["42", "7", ""]),
            actions=chance.sample(["Pay now", "Ask Ridge", "refund parcel"], chance.randint(0, 2)),
            errors=chance.sample(["tent undefined", "parcel lost", "four failed"], chance.randint(0, 3)),
            duration_ms=chance.choice([0, 1_000, 5_000]),
        )
        if not (session.actions or session.errors):
            session.duration_ms = 0
        sessions.append(session)
    for number in range(SIZE + 3):
        owner = sessions[number] if number < SIZE - 2 else None
        trace = Trace(f"{number + 1:032x}", owner, _spans(number, chance))
        if owner:
            owner.traces.append(trace)
        traces.append(trace)
    return sessions, traces


def _spans(number: int, chance: random.Random) -> list[Span]:
    def one(place: int, kind: str, **more: Any) -> Span:
        fails = chance.random() < 0.25
        return Span(
            span_id=f"{number * 10 + place + 1:016x}",
            name=chance.choice(["answer", "look up"]),
            kind=kind,
            duration_ms=chance.choice([100, 900, 4_000]),
            status="error" if fails else "ok",
            error_type=chance.choice(["Timeout", "Refused"]) if fails else "",
            said=chance.choice(SAID),
            **more,
        )

    root = one(0, "agent")
    calls = [
        one(
            place,
            "llm",
            model=chance.choice(["claude-haiku-4-5", "gpt-5"]),
            cost=chance.choice([0.001, 0.02, 0.5]),
            ttft_ms=chance.choice([None, 300.0, 1_500.0]),
        )
        for place in range(1, 1 + chance.randint(0, 2))
    ]
    return [root, *calls, *([one(5, "tool")] if chance.random() < 0.5 else [])]


def rows(project_id: str, sessions: Sequence[Session], traces: Sequence[Trace]) -> list[Row]:
    """The same as the store holds it."""
    found: list[Row] = []
    for session in sessions:
        own: dict[str, Any] = {
            "session_id": session.session_id,
            "service": session.service,
            "env": session.env,
            "user_id": session.user_id,
        }
        found.append(view(project_id, f"v-{session.session_id}", name="", view_url="", **own))
        last = ASKED_MS + session.duration_ms
        for number, name in enumerate([*session.actions, *session.errors]):
            kind = "action" if number < len(session.actions) else "error"
            event_id = f"{session.session_id}-{number}"
            found.append(rum(project_id, event_id, type=kind, name=name, view_url="", ts=last, **own))
    for trace in traces:
        claim = trace.session.session_id if trace.session else ""
        for place, each in enumerate(trace.spans):
            make = llm if each.kind == "llm" else span
            more = {"model": each.model, "cost_usd": each.cost} if each.kind == "llm" else {}
            found.append(
                make(
                    project_id,
                    each.span_id,
                    trace_id=trace.trace_id,
                    parent_id="" if place == 0 else trace.spans[0].span_id,
                    session_claim=claim,
                    start_ns=ASKED_MS * MS_NS,
                    duration_ns=each.duration_ms * MS_NS,
                    name=each.name,
                    kind=each.kind,
                    status=each.status,
                    error_type=each.error_type,
                    ttft_ms=each.ttft_ms,
                    input=each.said,
                    **more,
                )
            )
    return found


class Text(NamedTuple):
    """A field of text: its values of an item, and some to ask for."""

    values: Callable[[Any], list[str]]
    some: Sequence[str]


class Number(NamedTuple):
    """A field of numbers, in the unit of `written`."""

    value: Callable[[Any], float | None]
    some: Sequence[float]
    written: Callable[[float], str] = str


def duration(ms: float) -> str:
    return f"{ms / 1000:g}s" if ms % 500 == 0 else f"{ms:g}ms"


TEXTS: dict[str, dict[str, Text]] = {
    "sessions": {
        "service": Text(lambda s: [s.service], ["SHOP", "checkout", "d?cs", "*o*", "none"]),
        "env": Text(lambda s: [s.env], ["production", "stag*", "*"]),
        "usr.id": Text(lambda s: [s.user_id], ["42", "7", "4?", "*"]),
        "action.name": Text(lambda s: s.actions, ['"pay now"', "ask*", "*"]),
        "error.message": Text(lambda s: s.errors, ['"parcel lost"', "*failed", "*"]),
        "trace.model": Text(lambda s: [m for t in s.traces for m in t.any("model")], ["gpt-5", "claude*"]),
        "trace.status": Text(lambda s: [t.status for t in s.traces], ["error", "ok"]),
    },
    "traces": {
        "status": Text(lambda t: [t.status], ["error", "ok"]),
        "model": Text(lambda t: t.any("model"), ["gpt-5", "CLAUDE*", "*"]),
        "span.kind": Text(lambda t: t.any("kind"), ["llm", "tool", "workflow"]),
        "span.error.type": Text(lambda t: t.any("error_type"), ["Timeout", "ref*"]),
        "session.service": Text(lambda t: [t.session.service] if t.session else [], ["shop", "c*"]),
        "session.error.message": Text(lambda t: t.session.errors if t.session else [], ["*lost", "*"]),
    },
    "spans": {
        "kind": Text(lambda s: [s[0].kind], ["llm", "tool", "agent"]),
        "name": Text(lambda s: [s[0].name], ["answer", '"look up"', "l*"]),
        "status": Text(lambda s: [s[0].status], ["error", "ok"]),
        "model": Text(lambda s: [s[0].model], ["gpt-5", "claude*", "*"]),
        "error.type": Text(lambda s: [s[0].error_type], ["timeout", "*"]),
        "trace.status": Text(lambda s: [s[1].status], ["error", "ok"]),
        "session.env": Text(lambda s: [s[1].session.env] if s[1].session else [], ["staging", "*"]),
    },
}

NUMBERS: dict[str, dict[str, Number]] = {
    "sessions": {
        "error.count": Number(lambda s: len(s.errors), [0, 1, 2, 3]),
        "action.count": Number(lambda s: len(s.actions), [0, 1, 2]),
        "duration": Number(lambda s: s.duration_ms, [0, 1_000, 4_000, 5_000], duration),
        "traces": Number(lambda s: len(s.traces), [0, 1]),
    },
    "traces": {
        "duration": Number(lambda t: max(t.any("duration_ms")), [100, 900, 4_000], duration),
        "spans": Number(lambda t: len(t.spans), [1, 2, 3, 4]),
        "errors": Number(lambda t: t.any("status").count("error"), [0, 1, 2]),
    },
    "spans": {
        "duration": Number(lambda s: s[0].duration_ms, [100, 500, 900, 4_000], duration),
        "cost": Number(lambda s: s[0].cost, [0.001, 0.01, 0.5]),
        "ttft": Number(lambda s: s[0].ttft_ms, [300, 1_000, 1_500], duration),
        "trace.spans": Number(lambda s: len(s[1].spans), [1, 2, 3, 4]),
    },
}

TEXT_OF: dict[str, Callable[[Any], list[str]]] = {
    "sessions": lambda s: s.text,
    "traces": lambda t: [each.text for each in t.spans],
    "spans": lambda s: [s[0].text],
}


class Asked(NamedTuple):
    """A search as it is written, and as Python; words are kept apart, since those side by side are one."""

    text: str
    holds: Callable[[Any], bool]
    words: frozenset[str] = frozenset()


def term_of_text(name: str, a_field: Text, value: str) -> Asked:
    bare = value.strip('"').lower()
    pattern = re.compile(re.escape(bare).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)

    def holds(item: Any) -> bool:
        return any(each and pattern.fullmatch(each.lower()) for each in a_field.values(item))

    return Asked(f"{name}:{value}", holds)


def term_of_number(name: str, a_field: Number, operator: str, limit: float) -> Asked:
    compare: dict[str, Callable[[float], bool]] = {
        "": lambda value: value == limit,
        ">": lambda value: value > limit,
        ">=": lambda value: value >= limit,
        "<": lambda value: value < limit,
        "<=": lambda value: value <= limit,
    }

    def holds(item: Any) -> bool:
        value = a_field.value(item)
        return value is not None and compare[operator](value)

    return Asked(f"{name}:{operator}{a_field.written(limit)}", holds)


def range_of_number(name: str, a_field: Number, ends: str, low: float, high: float) -> Asked:
    def holds(item: Any) -> bool:
        value = a_field.value(item)
        if value is None:
            return False
        above = value >= low if ends[0] == "[" else value > low
        return above and (value <= high if ends[1] == "]" else value < high)

    return Asked(f"{name}:{ends[0]}{a_field.written(low)} TO {a_field.written(high)}{ends[1]}", holds)


def words_of(signal: str, words: frozenset[str]) -> Asked:
    """Whole words of a span's text; parts of words too in an event of a session."""

    def is_in(word: str, text: str) -> bool:
        return word in text if signal == "sessions" else word in re.findall(r"\w+", text)

    def holds(item: Any) -> bool:
        return any(all(is_in(word, text) for word in words) for text in TEXT_OF[signal](item))

    return Asked(" ".join(sorted(words)), holds, words)


def all_of(signal: str, parts: list[Asked]) -> Asked:
    joined: list[Asked] = []
    for part in parts:
        if part.words and joined and joined[-1].words:
            joined[-1] = words_of(signal, joined[-1].words | part.words)
        else:
            joined.append(part)
    text = "(" + " ".join(part.text for part in parts) + ")"
    words = joined[0].words if len(joined) == 1 else frozenset[str]()
    return Asked(text, lambda item: all(part.holds(item) for part in joined), words)


def any_of(parts: list[Asked]) -> Asked:
    text = "(" + " OR ".join(part.text for part in parts) + ")"
    return Asked(text, lambda item: any(part.holds(item) for part in parts))


def none_of(sign: str, part: Asked) -> Asked:
    return Asked(f"{sign}({part.text})", lambda item: not part.holds(item))


def searches(signal: str) -> st.SearchStrategy[Asked]:
    """Any search over the fields above, with words, negations and groups."""
    texts, numbers = TEXTS[signal], NUMBERS[signal]
    text_terms = st.sampled_from(sorted(texts)).flatmap(
        lambda name: st.sampled_from(texts[name].some).map(lambda some: term_of_text(name, texts[name], some))
    )

    def number_terms(name: str) -> st.SearchStrategy[Asked]:
        some = st.sampled_from(numbers[name].some)
        single = st.builds(
            lambda operator, limit: term_of_number(name, numbers[name], operator, limit),
            st.sampled_from(["", ">", ">=", "<", "<="]),
            some,
        )
        between = st.builds(
            lambda ends, low, high: range_of_number(
                name, numbers[name], ends, min(low, high), max(low, high)
            ),
            st.sampled_from(["[]", "{}", "[}", "{]"]),
            some,
            some,
        )
        return single | between

    words = st.frozensets(st.sampled_from(WORDS), min_size=1, max_size=2).map(
        lambda some: words_of(signal, some)
    )
    leaf = text_terms | st.sampled_from(sorted(numbers)).flatmap(number_terms) | words
    return st.recursive(
        leaf,
        lambda inner: (
            st.lists(inner, min_size=2, max_size=3).map(lambda parts: all_of(signal, parts))
            | st.lists(inner, min_size=2, max_size=3).map(any_of)
            | st.builds(none_of, st.sampled_from(["-", "NOT "]), inner)
        ),
        max_leaves=6,
    )


QUESTIONS = st.sampled_from(sorted(IDS)).flatmap(lambda signal: st.tuples(st.just(signal), searches(signal)))


class Shop(NamedTuple):
    """The stored shop: its items by signal."""

    items: dict[str, list[tuple[str, Any]]]


@pytest.fixture
async def stocked(database: Database, project_id: str) -> Shop:
    sessions, traces = shop()
    await deliver(database, rows(project_id, sessions, traces))
    return Shop(
        {
            "sessions": [(each.session_id, each) for each in sessions],
            "traces": [(each.trace_id, each) for each in traces],
            "spans": [(each.span_id, (each, trace)) for trace in traces for each in trace.spans],
        }
    )


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=QUESTIONS, most_led=st.sampled_from([page_keys.MOST_LED, 0]))
async def test_any_search_finds_what_plain_python_finds(
    database: Database,
    ask: Ask,
    stocked: Shop,
    monkeypatch: pytest.MonkeyPatch,
    question: tuple[str, Asked],
    most_led: int,
) -> None:
    monkeypatch.setattr(page_keys, "MOST_LED", most_led)
    # What was kept in mind was few or many by the other limit.
    database.kept = KeptAnswers(database.arrivals)
    signal, asked = question
    answer = await ask(signal, query=asked.text, limit=200)
    assert answer.status_code == 200, (asked.text, answer.text)
    found = sorted(item[IDS[signal]] for item in answer.json()["items"])
    expected = sorted(item_id for item_id, item in stocked.items[signal] if asked.holds(item))
    assert found == expected, f"{signal}: {asked.text}"
