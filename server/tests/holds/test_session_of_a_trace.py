"""The session of a trace, however it is known and whichever side arrives first: printed as a table.

A trace belongs to a session when anything of it says so, whenever it says so; then the whole trace does, with
the tokens of the spans that never heard of it. What a sender only calls `session.id` is a browser session as
soon as a page proves it, and a conversation until then. ddtrace 4.16.0 loses the session in 6 of 9 cases.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import pytest

from .answers import path_of
from .page_payloads import page_event, rum_body, view_event
from .project import Project, new_project
from .scenario import (
    Evaluation,
    Resource,
    SaidSession,
    Session,
    SessionSource,
    Span,
    Tab,
    Trace,
    TraceRef,
    Usage,
    View,
    ViewVersion,
)
from .trace_payloads import evaluations_body, otlp_json, otlp_protobuf

if TYPE_CHECKING:
    from conftest import AddCells
    from server.tests.conftest import RunningServer

Side = Literal["page", "agent", "judge"]

ORDERS: dict[str, tuple[Side, ...]] = {
    "page first": ("page", "agent", "judge"),
    "spans first": ("agent", "page", "judge"),
    "judge first": ("judge", "agent", "page"),
    "all twice": ("agent", "judge", "page", "agent", "judge", "page"),
}
"""In which order the sides arrive."""

NO_PAGE = "no page yet"
"""The agent's and the judge's side alone."""

AGO_MS = 60_000
PAGE_SPAN_ID = "000000000000aaaa"
ROOT_ID, EARLY_ID, TOOL_ID, LATE_ID = (f"{number:016x}" for number in range(1, 5))

USED = Usage(100, 10)
"""Of each of the two model spans; at most one of them knows of the session."""

TOKENS = 2 * (USED.input + USED.output)


def said(source: SessionSource) -> Callable[[str], dict[str, Any]]:
    """A span that names the session for sure."""
    return lambda session_id: {"session": SaidSession(session_id, source)}


def claimed(session_id: str) -> dict[str, Any]:
    """A span that calls it `session.id`."""
    return {"claim": session_id}


def tagged(session_id: str) -> dict[str, Any]:
    """A span with a tag."""
    return {"tags": {"session_id": session_id}}


def keyed(session_id: str) -> dict[str, Any]:
    """A span with the key of later feedback."""
    return {"tags": {"feedback_key": f"key of {session_id}"}}


def traced(apm_trace_id: str) -> Callable[[str], dict[str, Any]]:
    """A span of ddtrace, which tells the trace of its request as a tag."""
    return lambda _session_id: {"tags": {"apm_trace_id": apm_trace_id}}


APM_64, APM_128 = "0" * 16 + "00000000000000a1", "6b03652a00000000" + "00000000000000a2"


def silent(_session_id: str) -> dict[str, Any]:
    """A span that says nothing."""
    return {}


@dataclass(frozen=True)
class Way:
    """One way to know the session of a trace: a row of the table."""

    name: str
    source: str | None
    """How the API says that it is known; None where it is not."""
    root: Callable[[str], dict[str, Any]] = silent
    late: Callable[[str], dict[str, Any]] = silent
    """What the last span says: annotated late, deep in the tree."""
    late_service: str = "agent"
    is_claimed_by_process: bool = False
    is_asked_by_page: bool = False
    apm_trace_id: str = ""
    """What the page's request carried, where the agent's trace has an id of its own."""
    judgement: dict[str, Any] = field(default_factory=dict)
    """What an evaluation says that names the session."""


WAYS = (
    Way("explicit, on the root", "explicit", root=said("explicit")),
    Way("explicit, late in a nested span", "explicit", late=said("explicit")),
    Way("explicit, only in another service", "explicit", late=said("explicit"), late_service="catalogue"),
    Way("baggage of the page", "baggage", root=said("baggage")),
    Way("header dip-session", "header", root=said("header")),
    Way("a request of the page, by its trace id", "trace", is_asked_by_page=True),
    Way("the same, by the 64 bits of its APM trace", "trace", late=traced(APM_64), apm_trace_id=APM_64),
    Way("the same, by the 128 bits of its APM trace", "trace", late=traced(APM_128), apm_trace_id=APM_128),
    Way("evaluation of the trace", "evaluation", judgement={"metric_type": "score", "value": 1}),
    Way(
        "feedback on a span",
        "evaluation",
        judgement={"metric_type": "text", "value": "wrong", "source": "human", "span_id": LATE_ID},
    ),
    Way(
        "feedback with a key that a span carries",
        "evaluation",
        late=keyed,
        judgement={"metric_type": "boolean", "value": False, "trace_id": None},
    ),
    Way(
        "the same, where a span says it too",
        "explicit",
        root=said("explicit"),
        late=keyed,
        judgement={"metric_type": "boolean", "value": False, "trace_id": None},
    ),
    Way("session.id of a span", "claim", late=claimed),
    Way("session.id of the process", "claim", is_claimed_by_process=True),
    Way("tag session_id", "claim", late=tagged),
    Way("claimed by one span, said by another", "explicit", root=claimed, late=said("explicit")),
    Way("nobody", None),
)

TABLE = "How the session of a trace is known, by the order in which it arrives"

CONVERSATION = "conversation"
"""What a claim is while no page has proved it."""


@dataclass(frozen=True)
class Case:
    """One way with ids of its own, and all that its sides send."""

    way: Way
    number: int

    @property
    def session_id(self) -> str:
        """Of the page."""
        return f"session of {self.way.name}"

    @property
    def trace_id(self) -> str:
        """Of the agent's run."""
        return f"{self.number + 1:032x}"

    def page(self) -> Session:
        """The page's side: one view, and the request that began the trace."""
        carried = self.way.apm_trace_id or (self.trace_id if self.way.is_asked_by_page else "")
        ref = TraceRef(carried, PAGE_SPAN_ID) if carried else None
        request = Resource("request", 0, "fetch", "POST", "https://shop.example/chat", 200, 9_000, ref)
        view = View("view", "https://shop.example/", 0, (ViewVersion(1, 1_000, None, False),), (request,), ())
        return Session(self.session_id, "shop", "", "", "", None, 0, (Tab("tab", (view,)),))

    def agent(self) -> list[tuple[Trace, Span]]:
        """The agent's side: a root, a model call before the session is known, and one after."""
        way, session_id = self.way, self.session_id
        call: dict[str, Any] = {"model": "gpt-4o-mini", "provider": "openai", "usage": USED}
        parent_id = PAGE_SPAN_ID if way.is_asked_by_page else None
        root = Span(ROOT_ID, parent_id, "agent", "agent", 0, 8_000_000, **way.root(session_id))
        early = Span(EARLY_ID, ROOT_ID, "early", "llm", 1_000, 2_000, **call)
        tool = Span(TOOL_ID, ROOT_ID, "tool", "tool", 4_000, 4_000)
        late = Span(LATE_ID, TOOL_ID, "late", "llm", 5_000, 2_000, **call | way.late(session_id))
        claim = session_id if way.is_claimed_by_process else None
        here = Trace(self.trace_id, "agent", "", (root, early, tool), claim)
        there = Trace(self.trace_id, way.late_service, "", (late,), claim)
        return [(here, root), (here, early), (here, tool), (there, late)]

    def judge(self) -> list[Evaluation]:
        """The judge's side."""
        if not self.way.judgement:
            return []
        ids: dict[str, Any] = {"trace_id": self.trace_id, "session_id": self.session_id}
        if self.way.late is keyed:
            ids["feedback_key"] = f"key of {self.session_id}"
        return [Evaluation(f"of {self.trace_id}", "quality", at_ms=0, **ids | self.way.judgement)]


CASES = tuple(Case(way, number) for number, way in enumerate(WAYS))


def deliver(project: Project, side: Side, began_ms: int, cases: tuple[Case, ...] = CASES) -> None:
    """Bring one side of all cases."""
    if side == "page":
        lines = []
        for case in cases:
            session = case.page()
            for tab, view in session.views():
                lines += [view_event(session, tab, view, version, began_ms) for version in view.versions]
                lines += [page_event(session, tab, view, event, began_ms) for event in view.events]
        answer = project.post(
            "/v1/rum", rum_body(lines, ""), "text/plain", sent_at=time.time_ns() // 1_000_000
        )
        assert answer.json()["accepted"] == len(lines), answer.text
    elif side == "agent":
        # The last spans go alone and before the others, as another process would send them.
        spans = [each for case in cases for each in case.agent()]
        late = [each for each in spans if each[1].id == LATE_ID]
        assert project.post("/v1/traces", otlp_json(late, began_ms), "application/json").json() == {}
        rest = otlp_protobuf([each for each in spans if each not in late], began_ms)
        assert project.post("/v1/traces", rest, "application/x-protobuf").content == b""
    else:
        verdicts = [verdict for case in cases for verdict in case.judge()]
        answer = project.post("/v1/evaluations", evaluations_body(verdicts, began_ms), "application/json")
        assert answer.json()["accepted"] == len(verdicts), answer.text


@pytest.fixture(scope="module")
def projects(server: "RunningServer") -> Iterator[dict[str, Project]]:
    """A project an order, everything delivered."""
    began_ms = time.time_ns() // 1_000_000 - AGO_MS
    made = {order: new_project(server.url, server.data) for order in (NO_PAGE, *ORDERS)}
    for order, project in made.items():
        for side in ORDERS.get(order, ("agent", "judge")):
            deliver(project, side, began_ms)
    yield made
    for project in made.values():
        project.http.close()


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.way.name)
def test_trace_belongs_to_the_session(
    case: Case, order: str, projects: dict[str, Project], add_cells: "AddCells"
) -> None:
    project = projects[order]
    trace = project.get(path_of("traces", case.trace_id)).json()
    session = project.get(path_of("sessions", case.session_id)).json()
    of_session = project.get(path_of("sessions", case.session_id, "traces")).json()["items"]
    source = trace["sessions"][0]["source"] if trace["sessions"] else None
    add_cells(TABLE, case.way.name, {order: source or "–"})

    belongs = case.way.source is not None
    assert source == case.way.source
    assert [(each["session_id"], each["exists"]) for each in trace["sessions"]] == [
        (case.session_id, True)
    ] * belongs
    assert [each["trace_id"] for each in of_session] == [case.trace_id] * belongs
    assert [each["session_ids"] for each in of_session] == [[case.session_id]] * belongs
    # The whole trace: also the model call before anybody knew.
    assert trace["tokens"]["total"] == TOKENS
    assert session["traces"] == belongs
    assert session["tokens"]["total"] == TOKENS * belongs
    assert session["cost_usd"] == (trace["cost_usd"] if belongs else None)
    assert trace["conversation_id"] is None
    turns = project.get("/turns", session_id=case.session_id).json()["items"]
    assert [(turn["turn_id"], turn["session_id"]) for turn in turns] == [
        (case.trace_id, case.session_id)
    ] * belongs


@pytest.mark.parametrize("order", ORDERS)
def test_a_search_by_totals_finds_the_sessions_that_show_them(
    order: str, projects: dict[str, Project]
) -> None:
    query = f"traces:1 tokens:{TOKENS} cost:>0"
    found = projects[order].get("/sessions", query=query, limit=100).json()["items"]
    assert {each["session_id"] for each in found} == {case.session_id for case in CASES if case.way.source}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.way.name)
def test_before_any_page_proves_it(case: Case, projects: dict[str, Project], add_cells: "AddCells") -> None:
    project = projects[NO_PAGE]
    trace = project.get(path_of("traces", case.trace_id)).json()
    of_session = project.get(path_of("sessions", case.session_id, "traces")).json()["items"]
    is_claim = case.way.source == "claim"
    is_known = case.way.source not in (None, "trace", "claim")
    found = trace["sessions"][0]["source"] if trace["sessions"] else trace["conversation_id"] and CONVERSATION
    add_cells(TABLE, case.way.name, {NO_PAGE: found or "–"})

    assert project.get(path_of("sessions", case.session_id)).status_code == 404
    assert [(each["session_id"], each["exists"]) for each in trace["sessions"]] == [
        (case.session_id, False)
    ] * is_known
    assert trace["conversation_id"] == (case.session_id if is_claim else None)
    # The list answers for any id that spans claim, and counts no session that has not been seen.
    assert [each["trace_id"] for each in of_session] == [case.trace_id] * (is_claim or is_known)
    assert all(each["session_ids"] == [] for each in of_session)
