"""One program with one tracing library, run by `bench.python_sdk` in a process of its own; prints JSON.

    python -m bench.python_sdk_program spans|calls otel|ddtrace|diptych|diptych_alone|none NUMBER SINK_URL

`spans` makes NUMBER spans, three levels deep, each entered, annotated with a dict and a text, and left.
`calls` asks a local stand-in of Anthropic's API NUMBER times with its real client; `diptych_alone` without
the span that the client (2.x) makes itself wherever a TracerProvider is set.
"""

# mypy: disable-error-code="no-untyped-call"
# ddtrace types some of its calls loosely.

import gc
import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from typing import Any

QUESTION = {"question": "Which tent stands a storm on a ridge, and how much does it weigh?", "count": 3}
ANSWER = "The one with four poles, of four kilograms. " * 11  # about 500 characters
KINDS = ("workflow", "agent", "task")

Step = Callable[[str], AbstractContextManager[Any]]


def otel(url: str, queue: int) -> tuple[Step, Callable[[Any], None], Callable[[], None]]:
    """The bare OpenTelemetry SDK: how to start a span, annotate it, and send all of them."""
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(f"{url}/v1/traces"), queue))
    trace.set_tracer_provider(provider)
    tracer = trace.get_tracer("bench")

    def annotate(span: Any) -> None:
        span.set_attributes({"input.value": json.dumps(QUESTION), "output.value": ANSWER})

    return tracer.start_as_current_span, annotate, lambda: provider.shutdown()


def ddtrace(url: str) -> tuple[Step, Callable[[Any], None], Callable[[], None]]:
    """Real ddtrace in its default mode, with an agent."""
    os.environ |= {
        "DD_TRACE_AGENT_URL": url,
        "DD_INSTRUMENTATION_TELEMETRY_ENABLED": "0",
        "DD_REMOTE_CONFIGURATION_ENABLED": "0",
    }
    from ddtrace.llmobs import LLMObs
    from ddtrace.trace import tracer

    LLMObs.enable(ml_app="bench")

    def annotate(span: Any) -> None:
        LLMObs.annotate(span, input_data=QUESTION, output_data=ANSWER)

    def finish() -> None:
        LLMObs.flush()
        tracer.flush()

    return lambda kind: getattr(LLMObs, kind)(name=kind), annotate, finish


def diptych(url: str) -> tuple[Step, Callable[[Any], None], Callable[[], None]]:
    """Our SDK as it comes."""
    from diptych import LLMObs

    LLMObs.enable(ml_app="bench", url=url, key="k")

    def annotate(span: Any) -> None:
        LLMObs.annotate(span, input_data=QUESTION, output_data=ANSWER)

    def finish() -> None:
        if not LLMObs.flush(60) or LLMObs.dropped():
            raise RuntimeError(f"spans were lost: {LLMObs.dropped()}")

    return lambda kind: getattr(LLMObs, kind)(kind), annotate, finish


def make_spans(step: Step, annotate: Callable[[Any], None], number: int) -> None:
    """`number` spans in traces of three, each inside the one before."""
    outer, middle, inner = KINDS
    for _ in range(number // 3):
        with step(outer) as first:
            annotate(first)
            with step(middle) as second:
                annotate(second)
                with step(inner) as third:
                    annotate(third)


def measured(work: Callable[[], None], finish: Callable[[], None], number: int) -> dict[str, float]:
    """Microseconds a piece: wall and CPU of the caller's thread, CPU of the process until all is sent."""
    gc.collect()
    process_s = time.process_time()
    thread_s, wall_s = time.thread_time(), time.perf_counter()
    work()
    wall_s, thread_s = time.perf_counter() - wall_s, time.thread_time() - thread_s
    finish()
    process_s = time.process_time() - process_s
    return {
        "wall_us": wall_s / number * 1e6,
        "thread_us": thread_s / number * 1e6,
        "process_us": process_s / number * 1e6,
    }


def spans(library: str, number: int, url: str) -> dict[str, float]:
    """The cost of a span."""
    if library == "otel":
        step, annotate, finish = otel(url, number)
    elif library == "otel_default":
        step, annotate, finish = otel(url, 2048)
    else:
        step, annotate, finish = {"ddtrace": ddtrace, "diptych": diptych}[library](url)
    make_spans(step, annotate, 300)
    time.sleep(0.5)  # what the first spans start, such as a connection, is not of the others' cost
    return measured(lambda: make_spans(step, annotate, number), finish, number)


def calls(library: str, number: int, url: str) -> dict[str, float]:
    """The cost of a call of Anthropic's client: median microseconds of wall and of the thread's CPU."""
    if library == "diptych_alone":
        os.environ["ANTHROPIC_OPEN_TELEMETRY"] = "false"
        library = "diptych"
    finish: Callable[[], None] | None = None
    if library != "none":
        _, _, finish = {"ddtrace": ddtrace, "diptych": diptych}[library](url)
    import anthropic

    client = anthropic.Anthropic(api_key="x", base_url=f"{url}/model")
    tools: Any = [{"name": "stock", "description": "How many are left", "input_schema": {"type": "object"}}]

    def ask() -> None:
        client.messages.create(
            model="claude-bench",
            max_tokens=100,
            messages=[{"role": "user", "content": ANSWER}],
            tools=tools,
        )

    for _ in range(30):
        ask()
    walls_s, threads_s = [], []
    for _ in range(number):
        wall_s, thread_s = time.perf_counter(), time.thread_time()
        ask()
        walls_s.append(time.perf_counter() - wall_s)
        threads_s.append(time.thread_time() - thread_s)
    if finish is not None:
        finish()
    return {"wall_us": median(walls_s) * 1e6, "thread_us": median(threads_s) * 1e6}


def main() -> None:
    """Run what the arguments say, and print it."""
    what, library, number, url = sys.argv[1:]
    work = {"spans": spans, "calls": calls}[what]
    print(json.dumps(work(library, int(number), url)))


if __name__ == "__main__":
    main()
