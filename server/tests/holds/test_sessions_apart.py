"""What belongs to several sessions, to several projects, or to none stays told apart."""

import time
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .answers import path_of
from .project import Project, new_project
from .scenario import SaidSession, Trace
from .test_session_of_a_trace import EARLY_ID, LATE_ID, TOKENS, Case, Side, Way, claimed, deliver
from .trace_payloads import otlp_json

if TYPE_CHECKING:
    from server.tests.conftest import RunningServer

BEGAN_MS = time.time_ns() // 1_000_000 - 60_000

ONE = Case(Way("one", "claim", late=claimed), 0)
OTHER = Case(Way("other", None), 1)


def session_of(project: Project, case: Case) -> Any:
    return project.get(path_of("sessions", case.session_id)).json()


def trace_of(project: Project, case: Case) -> Any:
    return project.get(path_of("traces", case.trace_id)).json()


def test_a_trace_of_two_sessions_belongs_to_both_whole(server: "RunningServer") -> None:
    said = {
        EARLY_ID: SaidSession(ONE.session_id, "explicit"),
        LATE_ID: SaidSession(OTHER.session_id, "baggage"),
    }
    spans = [(trace, replace(span, session=said.get(span.id), claim=None)) for trace, span in ONE.agent()]
    with new_project(server.url, server.data) as project:
        project.post("/v1/traces", otlp_json(spans, BEGAN_MS), "application/json").raise_for_status()
        deliver(project, "page", BEGAN_MS, (ONE, OTHER))
        trace = trace_of(project, ONE)
        assert [(each["session_id"], each["source"]) for each in trace["sessions"]] == [
            (ONE.session_id, "explicit"),
            (OTHER.session_id, "baggage"),
        ]
        assert {span["span_id"]: span["session_id"] for span in trace["spans"]} == {
            span.id: said[span.id].session_id if span.id in said else None for _, span in spans
        }
        for case in (ONE, OTHER):
            session = session_of(project, case)
            assert (session["traces"], session["tokens"]["total"]) == (1, TOKENS)
            assert session["cost_usd"] == trace["cost_usd"]


def test_one_session_id_in_two_projects_is_two_sessions(server: "RunningServer") -> None:
    with new_project(server.url, server.data) as here, new_project(server.url, server.data) as there:
        for side in ("agent", "page"):
            deliver(here, side, BEGAN_MS, (ONE,))
        # The same claim in another project, where no page ever proves it.
        deliver(there, "agent", BEGAN_MS, (ONE,))
        assert [each["session_id"] for each in trace_of(here, ONE)["sessions"]] == [ONE.session_id]
        assert trace_of(there, ONE)["sessions"] == []
        assert trace_of(there, ONE)["conversation_id"] == ONE.session_id
        assert there.get(path_of("sessions", ONE.session_id)).status_code == 404
        assert there.get("/sessions").json()["items"] == []

        # Then the other project sees a page of its own: nothing is counted across.
        deliver(there, "page", BEGAN_MS, (ONE,))
        for project in (here, there):
            session = session_of(project, ONE)
            assert (session["resources"], session["traces"]) == (1, 1)
            assert session["tokens"]["total"] == TOKENS


def test_a_claim_that_no_page_proves_is_a_conversation_for_all_its_traces(server: "RunningServer") -> None:
    second = Trace(f"{7:032x}", "agent", "", (), ONE.session_id)
    spans = [*ONE.agent(), *((second, span) for _, span in OTHER.agent())]
    with new_project(server.url, server.data) as project:
        project.post("/v1/traces", otlp_json(spans, BEGAN_MS), "application/json").raise_for_status()
        found = project.get(path_of("sessions", ONE.session_id, "traces")).json()["items"]
        assert [each["trace_id"] for each in found] == [ONE.trace_id, second.id]
        assert {each["conversation_id"] for each in found} == {ONE.session_id}
        assert [each["session_ids"] for each in found] == [[], []]

        sides: tuple[Side, ...] = ("page", "page")
        for side in sides:
            deliver(project, side, BEGAN_MS, (ONE,))
        found = project.get(path_of("sessions", ONE.session_id, "traces")).json()["items"]
        assert {each["conversation_id"] for each in found} == {None}
        assert session_of(project, ONE)["traces"] == 2
