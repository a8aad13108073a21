"""Run the benchmarks and write docs/performance.md: `python -m bench [--quick]` (`make bench`)."""

import argparse
import os
import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from bench.intake import IntakeRun
from bench.intake import measure as measure_intake
from bench.reads import ReadRun
from bench.reads import measure as measure_reads

ROOT = Path(__file__).resolve().parent.parent
INTAKE_ROWS = 20_000
CONNECTIONS = (4, 32)
READ_EVENTS = (100_000, 1_000_000)
QUICK_READ_EVENTS = (10_000, 100_000)

INTAKE_TEXT = f"""\
{INTAKE_ROWS:,} rows, a closed loop: OTLP protobuf of 100 spans (about 3 kB each) or NDJSON of 50 RUM events
(about 1.9 kB each) a request. A request is acknowledged after its rows are stored, so what is acknowledged
is queryable. The engine alone inserts the same rows, prepared beforehand, into the same tables and views."""

Column = tuple[str, Callable[[IntakeRun], str]]

INTAKE_COLUMNS: tuple[Column, ...] = (
    ("load", lambda run: run.kind),
    ("connections", lambda run: f"{run.connections}"),
    ("through HTTP, rows/s", lambda run: f"{run.rows_per_s:,.0f}"),
    ("engine alone, same batches", lambda run: f"{run.engine_same_rows_per_s:,.0f}"),
    ("**share**", lambda run: f"**{run.rows_per_s / run.engine_same_rows_per_s:.0%}**"),
    ("engine alone, batches of 20,000", lambda run: f"{run.engine_bulk_rows_per_s:,.0f}"),
    ("**share**", lambda run: f"**{run.rows_per_s / run.engine_bulk_rows_per_s:.0%}**"),
    ("acknowledged p50 / p99, ms", lambda run: f"{run.ack_p50_ms:.0f} / {run.ack_p99_ms:.0f}"),
    ("CPU µs a row", lambda run: f"{run.cpu_us_a_row:.0f}"),
    ("peak RSS, MB", lambda run: f"{run.peak_mb:.0f}"),
    ("disk B a row, unmerged", lambda run: f"{run.disk_bytes_a_row:,.0f}"),
    ("lost", lambda run: f"{run.lost}"),
)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def intake_section(runs: Sequence[IntakeRun]) -> str:
    """What came through HTTP until queryable, as a share of the engine alone."""
    rows = [[show(run) for _, show in INTAKE_COLUMNS] for run in runs]
    return "\n\n".join(
        (
            "## Intake: through HTTP until queryable",
            INTAKE_TEXT,
            table([name for name, _ in INTAKE_COLUMNS], rows),
        )
    )


def reads_section(small: Sequence[ReadRun], large: Sequence[ReadRun]) -> str:
    """The pages' own queries at two sizes."""
    rows = [
        [
            few.question,
            f"{few.p50_ms:.0f} / {few.p95_ms:.0f}",
            f"{many.p50_ms:.0f} / {many.p95_ms:.0f}",
            f"**{many.p50_ms / few.p50_ms:.1f} ×**",
        ]
        for few, many in zip(small, large, strict=True)
    ]
    head = [
        "question",
        f"{small[0].events:,} events, p50 / p95 ms",
        f"{large[0].events:,} events, p50 / p95 ms",
        "p50, large to small",
    ]
    return "\n\n".join(
        (
            "## Reads: the pages' own queries",
            "Over HTTP, one reader, warm, RUM events and half as many spans spread over 20 hours.",
            table(head, rows),
        )
    )


def main() -> None:
    """Measure, print, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="reads at 10 k and 100 k events; writes no page")
    quick = parser.parse_args().quick
    head = (
        "# Performance\n\nWritten by `make bench`; every figure is from one run on one machine, both sides "
        f"of a ratio measured in it. {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, chDB {version('chdb')}."
    )
    runs = [measure_intake(kind, INTAKE_ROWS, count) for kind in ("spans", "rum") for count in CONNECTIONS]
    sections = [head, intake_section(runs)]
    print(sections[1], flush=True)
    small, large = (measure_reads(events) for events in (QUICK_READ_EVENTS if quick else READ_EVENTS))
    sections.append(reads_section(small, large))
    print(sections[2])
    if not quick:
        (ROOT / "docs/performance.md").write_text("\n\n".join(sections) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
