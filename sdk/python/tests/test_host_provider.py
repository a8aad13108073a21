"""Beside an application's own OpenTelemetry: its provider is joined, only traces with an LLM span are sent.

A process can set its TracerProvider only once, so each case is a process of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys

from .receiver import Receiver

HOST = """
import sys
from opentelemetry import trace, propagate, context
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from diptych import LLMObs

mine = InMemorySpanExporter()
provider = TracerProvider(resource=Resource.create({"service.name": "host"}))
provider.add_span_processor(SimpleSpanProcessor(mine))
trace.set_tracer_provider(provider)
tracer = trace.get_tracer("host")
options = dict(ml_app="shop", url=sys.argv[1], key="k", strict=True)
"""


def run(program: str, receiver: Receiver) -> str:
    """Runs the program in a process whose provider is set; what it printed."""
    command = [sys.executable, "-W", "error", "-c", HOST + program, receiver.url]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_joins_the_hosts_provider(receiver: Receiver) -> None:
    out = run(
        """
LLMObs.enable(**options)
with tracer.start_as_current_span("GET /chat"):
    with tracer.start_as_current_span("SELECT"):
        pass
    with LLMObs.agent("agent", session_id="S"):
        with tracer.start_as_current_span("POST vendor"):
            pass
LLMObs.flush()
print(trace.get_tracer_provider() is provider, sorted(span.name for span in mine.get_finished_spans()))
""",
        receiver,
    )
    assert out == "True ['GET /chat', 'POST vendor', 'SELECT', 'agent']\n"
    spans = receiver.by_name()
    assert set(spans) == {"GET /chat", "SELECT", "agent", "POST vendor"}
    assert {span.resource["service.name"] for span in spans.values()} == {"host"}
    assert spans["agent"].parent_id == spans["GET /chat"].span_id
    assert {span.session_id for span in spans.values()} == {"S"}


def test_traces_without_an_llm_span_are_not_sent(receiver: Receiver) -> None:
    out = run(
        """
LLMObs.enable(**options)
for _ in range(3):
    with tracer.start_as_current_span("GET /health"):
        with tracer.start_as_current_span("SELECT"):
            pass
with tracer.start_as_current_span("GET /chat"):
    pass
LLMObs.flush()
print(len(mine.get_finished_spans()), LLMObs.dropped())
""",
        receiver,
    )
    assert out == "7 {'trace_without_llm_span': 7}\n"
    assert receiver.requests == []


def test_llm_spans_of_other_instrumentations_count(receiver: Receiver) -> None:
    run(
        """
LLMObs.enable(**options)
for number, attributes in enumerate((
    {"gen_ai.operation.name": "chat"},
    {"openinference.span.kind": "LLM"},
    {"traceloop.span.kind": "workflow"},
    {"llm.request.type": "chat"},
)):
    with tracer.start_as_current_span(f"root {number}"):
        with tracer.start_as_current_span(f"start {number}", attributes=attributes):
            pass
with tracer.start_as_current_span("root of late"):
    with tracer.start_as_current_span("late") as span:
        with tracer.start_as_current_span("below late"):
            pass
        span.set_attribute("gen_ai.request.model", "m")
LLMObs.flush()
assert LLMObs.dropped() == {}, LLMObs.dropped()
""",
        receiver,
    )
    names = set(receiver.by_name())
    assert names >= {f"{part} {number}" for part in ("root", "start") for number in range(4)}
    assert names >= {"root of late", "late", "below late"}


def test_held_spans_are_bounded_and_counted(receiver: Receiver) -> None:
    out = run(
        """
LLMObs.enable(**options, held_spans=10)
with tracer.start_as_current_span("GET /chat"):
    for number in range(30):
        with tracer.start_as_current_span(f"step {number}"):
            pass
    with LLMObs.agent("agent"):
        pass
    with tracer.start_as_current_span("step 30"):
        pass
LLMObs.flush()
print(LLMObs.dropped())
""",
        receiver,
    )
    assert out == "{'held_overflow': 20}\n"
    expected = {f"step {number}" for number in range(10)} | {"agent", "step 30", "GET /chat"}
    assert set(receiver.by_name()) == expected


def test_enabled_in_the_middle_of_a_request(receiver: Receiver) -> None:
    run(
        """
with tracer.start_as_current_span("began before"):
    with tracer.start_as_current_span("also before"):
        LLMObs.enable(**options)
        with LLMObs.agent("agent"):
            LLMObs.annotate(tags={"session_id": "S"})
        with LLMObs.task("sibling"):
            pass
LLMObs.flush()
""",
        receiver,
    )
    spans = receiver.by_name()
    assert spans["agent"].session_id == spans["sibling"].session_id == "S"


def test_session_reaches_spans_around_and_annotating_them_is_right(receiver: Receiver) -> None:
    """The undecorated loop below the span of a web framework."""
    run(
        """
LLMObs.enable(**options)
with tracer.start_as_current_span("POST /chat", kind=trace.SpanKind.SERVER):
    LLMObs.annotate(span=None, tags={"session_id": "S", "plan": "pro"})
    with tracer.start_as_current_span("chat m", attributes={"gen_ai.operation.name": "chat"}):
        pass
LLMObs.flush()
""",
        receiver,
    )
    spans = receiver.by_name()
    assert spans["POST /chat"].session == ("S", "explicit")
    assert spans["chat m"].session == ("S", "explicit")


def test_spans_that_the_host_does_not_sample(receiver: Receiver) -> None:
    out = run(
        """
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF
provider.sampler = ALWAYS_OFF
LLMObs.enable(**options)
with LLMObs.agent("agent") as span:
    LLMObs.annotate(tags={"session_id": "S"})
    with LLMObs.tool("tool"):
        pass
LLMObs.flush()
print(repr(span.trace_id), LLMObs.dropped())
""",
        receiver,
    )
    assert out == "'' {}\n"
    assert receiver.requests == []


def test_disable_leaves_the_host_alone(receiver: Receiver) -> None:
    out = run(
        """
before = propagate.get_global_textmap()
LLMObs.enable(**options)
LLMObs.disable()
with tracer.start_as_current_span("after", attributes={"gen_ai.operation.name": "chat"}):
    headers = {}
    propagate.inject(headers)
LLMObs.enable(**options)
LLMObs.disable()
print([span.name for span in mine.get_finished_spans()], sorted(headers))
print(len(provider._active_span_processor._span_processors))
""",
        receiver,
    )
    assert out == "['after'] ['traceparent']\n2\n"
    assert receiver.requests == []


def test_a_fault_of_ours_is_no_fault_of_the_host(receiver: Receiver) -> None:
    out = run(
        """
import logging
logging.disable(logging.CRITICAL)
LLMObs.enable(**{**options, "strict": False})
from diptych import _switch
_switch.client.processor.nodes = None  # what no code of ours does: everything below it fails
with tracer.start_as_current_span("host"):
    with LLMObs.agent("agent"):
        LLMObs.annotate(output_data="x", tags={"session_id": "S"})
print([span.name for span in mine.get_finished_spans()])
""",
        receiver,
    )
    assert out == "['host']\n"


def test_a_processor_added_to_our_provider_sees_what_llmobs_says_of_a_span(receiver: Receiver) -> None:
    program = """
import sys
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from diptych import LLMObs

LLMObs.enable(ml_app="shop", url=sys.argv[1], key="k", strict=True)

def step(name):
    with LLMObs.annotation_context(agent={"model": "m"}), LLMObs.agent(name, version="2"):
        LLMObs.annotate(input_data="in", output_data="out", tags={"conversation_id": "c"})

step("alone")
added = InMemorySpanExporter()
trace.get_tracer_provider().add_span_processor(SimpleSpanProcessor(added))
step("watched")
LLMObs.flush()
[watched] = added.get_finished_spans()
print(sorted(watched.attributes.items()))
"""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program, receiver.url],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = {
        "diptych.span.kind": "agent",
        "gen_ai.agent.version": "2",
        "gen_ai.conversation.id": "c",
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.request.model": "m",
        "input.value": "in",
        "output.value": "out",
    }
    assert done.stdout == f"{sorted({**said, 'gen_ai.agent.name': 'watched'}.items())}\n"
    for name, span in receiver.by_name().items():
        assert span.attributes == {**said, "gen_ai.agent.name": name, "diptych.ml_app": "shop"}
    assert set(receiver.by_name()) == {"alone", "watched"}


def test_a_limit_of_the_environment_holds_for_what_llmobs_says(receiver: Receiver) -> None:
    program = """
import sys
from diptych import LLMObs

LLMObs.enable(ml_app="shop", url=sys.argv[1], key="k", strict=True)
with LLMObs.task("long"):
    LLMObs.annotate(input_data="0123456789ABCDEF")
LLMObs.flush()
"""
    subprocess.run(
        [sys.executable, "-c", program, receiver.url],
        env={**os.environ, "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": "10"},
        timeout=60,
        check=True,
    )
    assert receiver.by_name()["long"].attributes["input.value"] == "0123456789"
