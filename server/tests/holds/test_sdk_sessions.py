"""The Python SDK and a real server: however a request names its session, the session has the whole trace."""

import time
from collections.abc import Callable, Iterator
from contextvars import copy_context
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

import pytest

from diptych import LLMObs

from .answers import path_of
from .page_payloads import rum_body, view_event
from .project import Project, new_project
from .scenario import Session, Tab, View, ViewVersion

if TYPE_CHECKING:
    from server.tests.conftest import RunningServer

SESSION_ID = "0f5c1f6a-7b8e-4c55-9d0e-3a1c2b4d5e6f"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{TRACE_ID}-b7ad6b7169203331-01"
QUERY = urlencode({"dip-session": SESSION_ID, "dip-traceparent": TRACEPARENT, "q": "parcel"})
"""What the browser SDK adds to the address of an EventSource or WebSocket, which carry no headers."""


def by_baggage() -> None:
    """A page's fetch."""
    LLMObs.activate_distributed_headers({"traceparent": TRACEPARENT, "baggage": f"session.id={SESSION_ID}"})


def by_header() -> None:
    """A page behind a proxy that drops baggage."""
    LLMObs.activate_distributed_headers({"traceparent": TRACEPARENT, "dip-session": SESSION_ID})


def by_query() -> None:
    """An EventSource."""
    LLMObs.activate_distributed_headers(dict(parse_qsl(QUERY)))


def by_trace_alone() -> None:
    """A page that sends no session: the documented body field names it."""
    LLMObs.activate_distributed_headers({"traceparent": TRACEPARENT})


WAYS: dict[str, tuple[Callable[[], None], bool, str]] = {
    "baggage": (by_baggage, False, "baggage"),
    "header": (by_header, False, "header"),
    "query": (by_query, False, "header"),
    "annotate in a nested span": (by_trace_alone, True, "explicit"),
}
"""How the request arrives, whether the agent annotates, and how the session is then known."""


@pytest.fixture
def project(server: "RunningServer") -> Iterator[Project]:
    """A project that the SDK sends to."""
    with new_project(server.url, server.data) as made:
        LLMObs.enable(ml_app="shop", url=server.url, key=made.keys["server"], strict=True, linger_ms=20)
        yield made
        LLMObs.disable()


def serve_request(arrive: Callable[[], None], *, annotates: bool) -> None:
    """An agent's handler: an earlier step, a nested agent, a later step."""
    arrive()
    with LLMObs.workflow("handler"):
        with LLMObs.task("earlier"):
            pass
        with LLMObs.agent("agent"):
            if annotates:
                LLMObs.annotate(span=None, tags={"session_id": SESSION_ID})
            with LLMObs.llm(model_name="gpt-4o-mini", model_provider="openai", name="call") as call:
                LLMObs.annotate(span=call, input_data="where?", output_data="here", metrics=TOKENS)
        with LLMObs.task("later"):
            pass


TOKENS = {"input_tokens": 100, "output_tokens": 10, "total_tokens": 110}


@pytest.mark.parametrize("way", WAYS)
def test_the_sdk_brings_the_session(way: str, project: Project) -> None:
    arrive, annotates, source = WAYS[way]
    # In a context of its own: what arrives with a request must not outlive it, here into other tests.
    copy_context().run(serve_request, arrive, annotates=annotates)
    assert LLMObs.flush()
    view = View("view", "https://shop.example/", 0, (ViewVersion(1, 1_000, None, False),), (), ())
    page = Session(SESSION_ID, "shop", "", "", "", None, 0, (Tab("tab", (view,)),))
    line = view_event(page, page.tabs[0], view, view.versions[0], time.time_ns() // 1_000_000)
    project.post("/v1/rum", rum_body([line], ""), "text/plain").raise_for_status()

    trace = project.get(path_of("traces", TRACE_ID)).json()
    assert {span["name"] for span in trace["spans"]} == {"handler", "earlier", "agent", "call", "later"}
    assert [(each["session_id"], each["source"]) for each in trace["sessions"]] == [(SESSION_ID, source)]
    session = project.get(path_of("sessions", SESSION_ID)).json()
    assert (session["traces"], session["tokens"]["total"]) == (1, 110)
