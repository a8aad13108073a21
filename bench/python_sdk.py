"""What the Python SDK costs its host, beside real ddtrace and the bare OpenTelemetry SDK.

Every figure of a row is from the same run; the libraries take turns, each time in a fresh process, and the
median of the rounds counts.
"""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
import timeit
import urllib.request
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

SPANS = 20_000
ROUNDS = 3
CALLS = 300
CALL_ROUNDS = 7
IMPORT_ROUNDS = 7

LIBRARIES = {
    "diptych": "diptych",
    "otel": "OpenTelemetry, a queue that loses none",
    "otel_default": "OpenTelemetry, its default queue",
    "ddtrace": "ddtrace, agent mode",
}

IMPORTS = {
    "diptych": "from diptych import LLMObs",
    "ddtrace": "from ddtrace.llmobs import LLMObs",
    "none": "pass",
}

ENABLED = {
    "diptych": "from diptych import LLMObs; LLMObs.enable(url='{url}', key='k'); LLMObs.disable()",
    "ddtrace": "from ddtrace.llmobs import LLMObs; LLMObs.enable(ml_app='a'); LLMObs.disable()",
    "none": "pass",
}


class Cost(msgspec.Struct, kw_only=True):
    """One library's cost of a span or a call: medians over the rounds, and what was lost of all of them."""

    library: str
    wall_us: float
    thread_us: float
    process_us: float = 0.0
    lost: int = 0


class Result(msgspec.Struct, kw_only=True):
    """All that one run measured."""

    spans: list[Cost]
    calls: list[Cost]
    import_ms: dict[str, float]
    enable_ms: dict[str, float]
    off_ns: dict[str, float]


@contextlib.contextmanager
def sink() -> Iterator[str]:
    """Address of the sink, a process of its own."""
    command = [sys.executable, "-m", "bench.python_sdk_sink"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def received(url: str) -> int:
    """Spans that came since the last time."""
    with urllib.request.urlopen(f"{url}/count", timeout=60) as answer:
        spans: int = json.load(answer)["spans"]
        return spans


def _environment() -> dict[str, str]:
    foreign = ("DD_", "OTEL_", "DIPTYCH_", "ANTHROPIC_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    own |= {"DD_INSTRUMENTATION_TELEMETRY_ENABLED": "0", "DD_REMOTE_CONFIGURATION_ENABLED": "0"}
    return own


def _run(what: str, library: str, number: int, url: str) -> dict[str, float]:
    command = [sys.executable, "-m", "bench.python_sdk_program", what, library, str(number), url]
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=_environment()
    )
    figures: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return figures


def costs(what: str, libraries: tuple[str, ...], number: int, rounds: int, url: str) -> list[Cost]:
    """The libraries' costs, in turns."""
    figures: dict[str, list[dict[str, float]]] = {library: [] for library in libraries}
    arrived = dict.fromkeys(libraries, 0)
    for at in range(rounds):
        for library in libraries[at % len(libraries) :] + libraries[: at % len(libraries)]:
            figures[library].append(_run(what, library, number, url))
            arrived[library] += received(url)
    made = rounds * (number // 3 * 3 + 300)
    return [
        Cost(
            library=library,
            wall_us=statistics.median(each["wall_us"] for each in figures[library]),
            thread_us=statistics.median(each["thread_us"] for each in figures[library]),
            process_us=statistics.median(each.get("process_us", 0.0) for each in figures[library]),
            lost=made - arrived[library] if what == "spans" else 0,
        )
        for library in libraries
    ]


def start_times(programs: dict[str, str], url: str) -> dict[str, float]:
    """Median milliseconds that each program takes more than an empty one."""
    times: dict[str, list[float]] = {name: [] for name in programs}
    environment = _environment() | {"DD_TRACE_AGENT_URL": url}
    for _ in range(IMPORT_ROUNDS):
        for name, program in programs.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", program.format(url=url)], check=True, env=environment)
            times[name].append((time.perf_counter() - began) * 1000)
    empty = statistics.median(times.pop("none"))
    return {name: statistics.median(each) - empty for name, each in times.items()}


class _Empty:
    """Calls that do nothing, of the same shape as the SDK's: what a call costs in Python at all."""

    @classmethod
    def annotate(cls, span: Any = None, input_data: Any = None, output_data: Any = None) -> None:
        """Nothing."""

    @classmethod
    def task(cls, name: str | None = None) -> "_Empty":
        """A context manager that does nothing."""
        return _EMPTY

    def __enter__(self) -> "_Empty":
        return self

    def __exit__(self, *exc: object) -> None:
        """Nothing."""


_EMPTY = _Empty()


def off_times() -> dict[str, float]:
    """Nanoseconds of calls while LLM Observability is off, and of empty ones."""
    from diptych import LLMObs
    from diptych.decorators import task

    def empty(question: str) -> str:
        return question

    decorated = task(empty)

    def with_off() -> None:
        with LLMObs.task("step"):
            pass

    def with_empty() -> None:
        with _Empty.task("step"):
            pass

    programs: dict[str, Callable[[], Any]] = {
        "function": lambda: empty("a"),
        "decorated": lambda: decorated("a"),
        "empty annotate": lambda: _Empty.annotate(input_data="a", output_data="b"),
        "annotate": lambda: LLMObs.annotate(input_data="a", output_data="b"),
        "empty with": with_empty,
        "with": with_off,
        "nothing": lambda: None,
    }
    number = 200_000
    best = {
        name: min(timeit.repeat(program, number=number, repeat=7)) / number * 1e9
        for name, program in programs.items()
    }
    nothing = best.pop("nothing")
    return {name: took - (0 if "with" in name else nothing) for name, took in best.items()}


def measure() -> Result:
    """Everything, in about 100 s."""
    with sink() as url:
        return Result(
            spans=costs("spans", tuple(LIBRARIES), SPANS, ROUNDS, url),
            calls=costs("calls", ("none", "diptych", "diptych_alone", "ddtrace"), CALLS, CALL_ROUNDS, url),
            import_ms=start_times(IMPORTS, url),
            enable_ms=start_times(ENABLED, url),
            off_ns=off_times(),
        )


def _added(call_of: dict[str, Cost], library: str, field: str) -> float:
    """What a library adds to a call, microseconds."""
    added: float = getattr(call_of[library], field) - getattr(call_of["none"], field)
    return added


def _ratios(ours: Cost, other: Cost) -> str:
    fields = ("wall_us", "thread_us", "process_us")
    return ", ".join(f"{getattr(ours, field) / getattr(other, field):.2f}" for field in fields) + " ×"


def markdown(result: Result) -> str:
    """What was measured, as Markdown."""
    span_of = {cost.library: cost for cost in result.spans}
    call_of = {cost.library: cost for cost in result.calls}
    ours, off = span_of["diptych"], result.off_ns
    how = (
        "A span is entered, annotated with a dict and a text, and left, three levels deep; "
        f"{SPANS:,} as fast as the loop goes, {ROUNDS} rounds in turns, medians. "
        "CPU of the process is until all is sent."
    )
    lines = [
        "## Python SDK: what it costs its host",
        how,
        "\n".join(
            [
                "| a span | wall µs | thread CPU µs | process CPU µs | lost | **ours to it, in order** |",
                "| --- | --- | --- | --- | --- | --- |",
                *(
                    f"| {LIBRARIES[cost.library]} | {cost.wall_us:.0f} | {cost.thread_us:.0f} | "
                    f"{cost.process_us:.0f} | {cost.lost:,} | **{_ratios(ours, cost)}** |"
                    for cost in result.spans
                ),
            ]
        ),
        "\n".join(
            [
                "| | diptych | beside |",
                "| --- | --- | --- |",
                *(
                    f"| {name}, ms | {times['diptych']:.0f} | ddtrace {times['ddtrace']:.0f} |"
                    for name, times in (
                        ("import", result.import_ms),
                        ("import and enable", result.enable_ms),
                    )
                ),
                *(
                    f"| {mine} while off, ns | {off[mine]:.0f} | empty {off[empty]:.0f}: "
                    f"**{off[mine] / off[empty]:.1f} ×** |"
                    for mine, empty in (
                        ("decorated", "function"),
                        ("annotate", "empty annotate"),
                        ("with", "empty with"),
                    )
                ),
                *(
                    f"| an automatic Anthropic call, {name} added, µs | "
                    f"{_added(call_of, 'diptych', field):.0f}; {_added(call_of, 'diptych_alone', field):.0f} "
                    f"without the client's own span | ddtrace {_added(call_of, 'ddtrace', field):.0f} |"
                    for name, field in (("wall", "wall_us"), ("CPU of the thread", "thread_us"))
                ),
            ]
        ),
    ]
    return "\n\n".join(lines)


def section() -> str:
    """Measure; the part of the page that says so."""
    return markdown(measure())
