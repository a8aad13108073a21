"""Ids that come in and go out with headers, in every form that servers and clients have them."""

from __future__ import annotations

import asyncio
from email.message import Message
from typing import Any

import pytest
from opentelemetry import propagate, trace
from opentelemetry.context import attach

from diptych import LLMObs
from diptych._propagation import header_map

from .receiver import Receiver

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PARENT_ID = "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE_ID}-{PARENT_ID}-01"


def message(**headers: str) -> Message:
    made = Message()
    for name, value in headers.items():
        made[name] = value
    return made


FORMS: list[Any] = [
    {"traceparent": TRACEPARENT, "baggage": "session.id=S,user.id=U"},
    {"Traceparent": TRACEPARENT, "Baggage": "other=1, session.id = S ;prop=1, user.id=U"},
    [("traceparent", TRACEPARENT), ("baggage", "session.id=S"), ("baggage", "user.id=U")],
    [(b"traceparent", TRACEPARENT.encode()), (b"baggage", b"session.id=S,user.id=U")],
    {"HTTP_TRACEPARENT": TRACEPARENT, "HTTP_BAGGAGE": "session.id=S,user.id=U", "wsgi.input": object()},
    message(Traceparent=TRACEPARENT, Baggage="session.id=S,user.id=U"),
    {"traceparent": [TRACEPARENT], "baggage": ["session.id=S,user.id=U"]},
]


@pytest.mark.parametrize("headers", FORMS)
def test_every_form_of_headers(headers: Any, llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.activate_distributed_headers(headers), llmobs.agent("agent"):
        pass
    with llmobs.agent("next request"):
        pass
    assert llmobs.flush()
    spans = receiver.by_name()
    assert (spans["agent"].trace_id, spans["agent"].parent_id) == (TRACE_ID, PARENT_ID)
    assert spans["agent"].session == ("S", "baggage")
    assert spans["agent"].attributes["user.id"] == "U"
    assert spans["next request"].trace_id != TRACE_ID
    assert spans["next request"].session is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"dip-session": "S%C3%A4,1"}, ("Sä,1", "header")),
        ({"dip-session": "S", "baggage": "session.id=B"}, ("B", "baggage")),
        ({"baggage": "session.id=S%2C1%20%C3%A4"}, ("S,1 ä", "baggage")),
        ({"baggage": "session.id="}, None),
        ({"baggage": "=,;,session.id"}, None),
        ({"x-datadog-tags": "_dd.p.llmobs_sid=D,_dd.p.tid=0"}, ("D", "header")),
        ({"baggage": "session.id=" + "x" * 300}, ("x" * 128, "baggage")),
        ({}, None),
    ],
)
def test_session_of_headers(
    headers: dict[str, str], expected: Any, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    with llmobs.activate_distributed_headers(headers), llmobs.agent("agent"):
        pass
    assert llmobs.flush()
    assert receiver.spans[0].session == expected


@pytest.mark.parametrize(
    ("headers", "trace_id", "parent_id"),
    [
        (
            {"traceparent": "00-" + "1" * 32 + "-" + "2" * 16 + "-01", "dip-traceparent": TRACEPARENT},
            TRACE_ID,
            PARENT_ID,
        ),
        (
            {
                "x-datadog-trace-id": str(int(TRACE_ID[16:], 16)),
                "x-datadog-parent-id": str(int(PARENT_ID, 16)),
                "x-datadog-tags": f"_dd.p.tid={TRACE_ID[:16]}",
            },
            TRACE_ID,
            PARENT_ID,
        ),
        ({"traceparent": f"00-{TRACE_ID}-{PARENT_ID}-00"}, TRACE_ID, PARENT_ID),
    ],
)
def test_trace_of_headers(
    headers: dict[str, str], trace_id: str, parent_id: str, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    with llmobs.activate_distributed_headers(headers), llmobs.agent("agent"):
        pass
    assert llmobs.flush()
    [span] = receiver.spans
    assert (span.trace_id, span.parent_id) == (trace_id, parent_id)


@pytest.mark.parametrize(
    "headers", [{"traceparent": "nonsense"}, {"x-datadog-trace-id": "x"}, {"baggage": "x" * 9_000}, {}, []]
)
def test_bad_headers_are_no_headers(headers: Any, llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.activate_distributed_headers(headers), llmobs.agent("agent"):
        pass
    assert llmobs.flush()
    assert receiver.spans[0].parent_id == ""


def test_activating_again_forgets_what_was_before(llmobs: type[LLMObs], receiver: Receiver) -> None:
    llmobs.activate_distributed_headers(FORMS[0])
    llmobs.activate_distributed_headers({})
    with llmobs.agent("agent"):
        pass
    assert llmobs.flush()
    [span] = receiver.spans
    assert span.trace_id != TRACE_ID
    assert span.session is None
    assert "user.id" not in span.attributes


def test_inside_a_span_only_the_ids_are_taken(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("outer"):
        llmobs.activate_distributed_headers(FORMS[0])
        with llmobs.agent("inner"):
            pass
    with llmobs.task("after"):
        pass
    assert llmobs.flush()
    spans = receiver.by_name()
    assert spans["inner"].parent_id == spans["outer"].span_id
    assert spans["inner"].session == spans["outer"].session == ("S", "baggage")
    assert spans["after"].session is None


async def test_tasks_do_not_see_each_others_activation(llmobs: type[LLMObs], receiver: Receiver) -> None:
    async def request(number: int) -> None:
        llmobs.activate_distributed_headers({"baggage": f"session.id=s{number}"})
        await asyncio.sleep(0)
        with llmobs.agent(f"s{number}"):
            await asyncio.sleep(0)

    await asyncio.gather(*(request(number) for number in range(50)))
    assert llmobs.flush()
    assert all(span.session_id == span.name for span in receiver.spans)


def test_outgoing_headers(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.activate_distributed_headers({"baggage": "other=1,session.id=R"}):
        headers = llmobs.inject_distributed_headers({"accept": "x"})
        assert headers == {"accept": "x", "baggage": "other=1,session.id=R"}
        with llmobs.workflow("outer") as outer, llmobs.agent("inner") as inner:
            llmobs.annotate(tags={"session_id": "S,ä 1", "user_id": "U"})
            headers = llmobs.inject_distributed_headers({})
            assert headers["traceparent"].startswith(f"00-{inner.trace_id}-{inner.span_id}-0")
            assert headers["baggage"] == "other=1,session.id=S%2C%C3%A4+1,user.id=U"
            headers = llmobs.inject_distributed_headers({}, outer)
            assert outer.span_id in headers["traceparent"]
            assert "session.id=R" in headers["baggage"]
            assert header_map(headers)["baggage"] == headers["baggage"]


def test_instrumented_clients_and_servers_carry_the_ids(llmobs: type[LLMObs], receiver: Receiver) -> None:
    """What OpenTelemetry's instrumentations of HTTP clients and servers do, by its global propagator."""
    headers: dict[str, str] = {}
    with llmobs.agent("caller"):
        llmobs.annotate(tags={"session_id": "S", "user_id": "U"})
        propagate.inject(headers)
    attach(propagate.extract(headers))
    with trace.get_tracer("server").start_as_current_span("POST /tool"), llmobs.tool("callee"):
        pass
    assert llmobs.flush()
    spans = receiver.by_name()
    assert spans["callee"].trace_id == spans["caller"].trace_id
    assert spans["POST /tool"].parent_id == spans["caller"].span_id
    assert spans["callee"].session == spans["POST /tool"].session == ("S", "baggage")
    assert spans["callee"].attributes["user.id"] == "U"


def test_calls_of_models_carry_no_ids(llmobs: type[LLMObs]) -> None:
    with llmobs.llm("m", session_id="S"):
        headers: dict[str, str] = {}
        propagate.inject(headers)
        assert "traceparent" in headers
        assert "baggage" not in headers
        with trace.get_tracer("http").start_as_current_span("POST vendor"):
            headers.clear()
            propagate.inject(headers)
            assert "baggage" not in headers


def test_what_is_annotated_inside_a_block_ends_with_it(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.activate_distributed_headers({}):
        llmobs.annotate(tags={"session_id": "S"})
        with llmobs.task("inside"):
            pass
    with llmobs.task("after"):
        pass
    assert llmobs.flush()
    spans = receiver.by_name()
    assert (spans["inside"].session_id, spans["after"].session_id) == ("S", None)
