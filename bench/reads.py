"""How long the pages' own queries take: one reader at two sizes, then four readers while events arrive."""

import contextlib
import random
import statistics
import threading
import time
from collections import defaultdict
from collections.abc import Sequence

import msgspec

from bench.arrivals import VISITORS, Arrivals, arriving
from bench.http_reader import Reader
from bench.markdown import table
from bench.questions import Asked, questions
from bench.server_process import Server, serving
from bench.stored import Filled, Stored

REPEATS = 30
WARM_UP = 5
READERS = 4
LOADED_S = 60.0
"""Of four readers without a pause."""

RESTED_S = 120.0
"""Of one reader who looks, while nothing arrives."""

LOOKED_AT_S = 240.0
"""Of four readers who look: each question is asked some fifty times."""

LOOK_S = 0.5
"""How long a reader looks at an answer before the next question, on average; a person takes longer."""

IDLE_S = 3.0
"""After the first healthy answer, before the memory of an idle server is looked at."""

EVENTS = (100_000, 1_000_000)
QUICK_EVENTS = (10_000, 100_000)

ROWS_OF = {"rum_events": "a RUM event", "spans": "a span, its text index included"}
"""What a row of the raw tables is."""


class Timing(msgspec.Struct, kw_only=True):
    """How long one question took."""

    question: str
    is_scan: bool
    p50_ms: float
    p95_ms: float
    times: int


class ReadRun(msgspec.Struct, kw_only=True):
    """All that was asked at one size."""

    filled: Filled
    restart_s: float
    idle_mb: float
    alone: list[Timing] = []
    resting: list[Timing] = []
    """One reader who looks at what they are answered, while nothing else happens."""
    together: list[Timing] = []
    """Four readers while events arrive."""
    looking: list[Timing] = []
    """The same, where they look, too."""
    arrivals: Arrivals | None = None
    peak_mb: float = 0.0


def timing(question: Asked, times_ms: Sequence[float]) -> Timing:
    """Of one question."""
    ordered = sorted(times_ms)
    return Timing(
        question=question.name,
        is_scan=question.is_scan,
        p50_ms=statistics.median(ordered),
        p95_ms=ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))],
        times=len(ordered),
    )


def read_alone(reader: Reader, question: Asked, source: random.Random) -> Timing:
    """One reader: the question `REPEATS` times after some that warm it up."""
    for path in question.paths[:WARM_UP]:
        reader.ask(path)
    return timing(question, [reader.ask(source.choice(question.paths)) for _ in range(REPEATS)])


def read_together(
    server: Server, asked: Sequence[Asked], readers: int, seconds: float, look_s: float = 0.0
) -> list[Timing]:
    """So many readers, each asking one question after the other, in an order of its own."""
    times: dict[str, list[float]] = defaultdict(list)
    failures: list[BaseException] = []
    until = time.perf_counter() + seconds

    def read(seed: int) -> None:
        source = random.Random(seed)
        try:
            with contextlib.closing(Reader(server)) as reader:
                while time.perf_counter() < until:
                    for question in source.sample(asked, len(asked)):
                        times[question.name].append(reader.ask(source.choice(question.paths)))
                        time.sleep(source.uniform(0, 2 * look_s))
        except Exception as exc:  # told to whoever waits for the readers
            failures.append(exc)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return [timing(question, times[question.name]) for question in asked]


def measure(stored: Stored, sizes: Sequence[int]) -> list[ReadRun]:
    """Ask every question at each size, one after the other; then the last by readers while events arrive.

    Each question is asked at all sizes before the next: a machine that grows slower meanwhile makes no ratio.
    """
    filled = [stored.filled(events) for events in sizes]
    with serving(filled[-1].folder) as largest:
        with contextlib.ExitStack() as stack:
            servers = [*(stack.enter_context(serving(each.folder)) for each in filled[:-1]), largest]
            time.sleep(IDLE_S)
            runs = [
                ReadRun(filled=each, restart_s=server.started_s, idle_mb=server.resident_mb())
                for each, server in zip(filled, servers, strict=True)
            ]
            readers = [stack.enter_context(contextlib.closing(Reader(server))) for server in servers]
            source = random.Random(5)
            asked = [questions(reader) for reader in readers]
            for same in zip(*asked, strict=True):
                for run, reader, question in zip(runs, readers, same, strict=True):
                    run.alone.append(read_alone(reader, question, source))
            for run, server in zip(runs, servers, strict=True):
                run.peak_mb = server.peak_mb()
        run = runs[-1]
        run.resting = read_together(largest, asked[-1], 1, RESTED_S, LOOK_S)
        with arriving(largest) as arrived:
            run.together = read_together(largest, asked[-1], READERS, LOADED_S)
            run.looking = read_together(largest, asked[-1], READERS, LOOKED_AT_S, LOOK_S)
        run.arrivals = arrived()
        run.peak_mb = largest.peak_mb()
    return runs


def section(stored: Stored, *, is_quick: bool) -> str:
    """Measure both sizes; the part of the page that says so."""
    few, many = measure(stored, QUICK_EVENTS if is_quick else EVENTS)
    return "\n\n".join((_alone(few, many), _together(many), _at_rest(few, many)))


def _ms(timing: Timing) -> str:
    return f"{timing.p50_ms:.0f} / {timing.p95_ms:.0f}"


def _alone(few: ReadRun, many: ReadRun) -> str:
    rows = [
        [small.question, _ms(small), _ms(large), f"**{large.p50_ms / small.p50_ms:.1f} ×**"]
        for small, large in zip(few.alone, many.alone, strict=True)
    ]
    head = [
        "question",
        f"{few.filled.events:,} events, p50 / p95 ms",
        f"{many.filled.events:,} events, p50 / p95 ms",
        "p50, large to small",
    ]
    text = (
        f"Over HTTP, one reader, warm, each question {REPEATS} times. Half as many spans as events; sessions"
        " of some minutes spread over 20 hours, with answers, judgements and recordings; the period is the"
        " last 24 hours. The folders are filled first, and asked when no merge runs any more, each question"
        " at both sizes before the next."
    )
    return "\n\n".join(("## Reads: the pages' own questions", text, table(head, rows)))


def _together(run: ReadRun) -> str:
    if run.arrivals is None:
        return ""
    text = (
        f"{READERS} readers, each with one question after the other, at {run.filled.events:,} events: without"
        f" a pause, so that the cores never rest, and as people who look at an answer, here for {LOOK_S} s on"
        f" average. Meanwhile {run.arrivals.events_per_s:.0f} events a second of {VISITORS:,} visitors"
        " arrived in requests, each"
        f" acknowledged in {run.arrivals.ack_p50_ms:.0f} / {run.arrivals.ack_p95_ms:.0f} ms (p50 / p95)."
        " Whoever looks finds the processor's caches cold where the machine serves others as well: so one"
        " reader who looks while nothing arrives is shown beside, and the last column is set against it."
    )
    rows = [
        [
            each.question,
            _ms(each),
            f"{each.times}",
            f"{resting.p50_ms:.0f}",
            _ms(looking),
            f"{looking.times}",
            f"**{looking.p50_ms / resting.p50_ms:.1f} ×**",
        ]
        for each, resting, looking in zip(run.together, run.resting, run.looking, strict=True)
    ]
    head = [
        "question",
        "without a pause, p50 / p95 ms",
        "asked",
        "one, looking, p50 ms",
        "looking, p50 / p95 ms",
        "asked",
        "p50, four to one",
    ]
    return "\n\n".join((f"### {READERS} readers while events arrive", text, table(head, rows)))


def _other_bytes(run: ReadRun) -> str:
    """Of roll-ups, judgements and the index of recordings."""
    other = sum(each.bytes for each in run.filled.tables if each.table not in ROWS_OF)
    return f"{other / (run.filled.events + run.filled.spans):,.0f}"


def _at_rest(few: ReadRun, many: ReadRun) -> str:
    """What lies on the disk, and what the server needs to serve it."""
    rows = [
        [
            f"bytes on disk {what}",
            *(
                f"{each.bytes / each.rows:,.0f} in {each.parts} parts"
                for run in (few, many)
                for each in run.filled.tables
                if each.table == name
            ),
        ]
        for name, what in ROWS_OF.items()
    ]
    rows.append(["bytes on disk of all else, an event or span", *map(_other_bytes, (few, many))])
    rows.append(["restart until healthy, s", *(f"{run.restart_s:.1f}" for run in (few, many))])
    rows.append(["memory when idle, MB", *(f"{run.idle_mb:.0f}" for run in (few, many))])
    rows.append(["highest memory while asked, MB", *(f"{run.peak_mb:.0f}" for run in (few, many))])
    head = ["", *(f"{run.filled.events:,} events" for run in (few, many))]
    return "\n\n".join(("### At rest, after merges", table(head, rows)))
