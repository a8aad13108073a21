"""How fast spans and RUM events come through HTTP to where a query finds them, beside the engine alone.

One side: a real server, a closed loop of N connections; the clock stops when the last request is
acknowledged, which is after its rows are stored. The other: the engine inserting the same rows, made before.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench.engine import bodies
from bench.http_load import LoadResult, closed_loop
from bench.markdown import table
from bench.server_process import Server, serving
from diptych_server.store.database import Database

WARM_UP_REQUESTS = 20
BULK_ROWS = 20_000
"""The engine's best batch in storage tests: a commit if acknowledgements could wait a second."""

ROWS = 20_000
ROUNDS = 3
"""A load takes two seconds, in which a machine may be faster or slower than in the next two."""

CONNECTIONS = (4, 32)

TABLES = {"spans": "spans", "rum": "rum_events"}


class IntakeRun(msgspec.Struct, kw_only=True):
    """One measured load."""

    kind: str
    connections: int
    rows: int
    rows_per_s: float
    ack_p50_ms: float
    ack_p99_ms: float
    cpu_us_a_row: float
    peak_mb: float
    disk_bytes_a_row: float
    stored: int
    inserts: int
    engine_same_rows_per_s: float
    engine_bulk_rows_per_s: float

    @property
    def lost(self) -> int:
        """Acknowledged rows that a query does not find."""
        return self.rows - self.stored

    @property
    def bulk_share(self) -> float:
        """Of what the engine alone does in batches of `BULK_ROWS`."""
        return self.rows_per_s / self.engine_bulk_rows_per_s


def engine_rows_per_s(kind: str, rows: int, batch: int) -> float:
    """The engine alone, in a process of its own."""
    command = [sys.executable, "-m", "bench.engine", kind, str(rows), str(batch)]
    seconds = float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return rows / seconds


def send(server: Server, kind: str, requests: list[bytes], connections: int) -> LoadResult:
    """Send all requests; every one must be acknowledged."""
    path, key, content_type = {
        "spans": ("/v1/traces", "server", "application/x-protobuf"),
        "rum": (f"/v1/rum?sent_at={int(time.time() * 1000)}", "client", "text/plain"),
    }[kind]
    result = asyncio.run(
        closed_loop(
            server.url + path,
            requests,
            connections=connections,
            key=server.keys[key],
            content_type=content_type,
        )
    )
    if set(result.statuses) - {200, 202}:
        raise RuntimeError(f"not every request was taken: {result.statuses}")
    return result


def stored_and_inserts(data: Path, kind: str) -> tuple[int, int]:
    """Distinct rows of the table, and how many inserts made them."""
    database = Database.open(f"chdb://{data}/store")
    identity = "span_id" if kind == "spans" else "event_id"
    table = TABLES[kind]

    async def ask() -> tuple[int, int]:
        [stored] = await database.query(f"SELECT uniqExact({identity}) AS n FROM {table}")
        [inserts] = await database.query(
            "SELECT sum(blocks) AS n FROM (SELECT max(max_block_number) AS blocks FROM system.parts"
            " WHERE table = {table:String} AND active GROUP BY partition_id)",
            {"table": table},
        )
        return int(stored["n"]), int(inserts["n"])

    try:
        return asyncio.run(ask())
    finally:
        database.close()


def measure(kind: str, rows: int, connections: int) -> IntakeRun:
    """Run one load on a fresh server, then the engine alone in the same batches and in bulk."""
    data = Path(tempfile.mkdtemp(prefix="diptych-bench-"))
    try:
        requests = bodies(kind, rows)
        sent = len(requests) * (100 if kind == "spans" else 50)
        with serving(data) as server:
            send(server, kind, requests[:WARM_UP_REQUESTS], connections)
            disk, cpu_s = server.disk_bytes(), server.cpu_s()
            load = send(server, kind, requests[WARM_UP_REQUESTS:], connections)
            cpu_s, peak_mb, disk = server.cpu_s() - cpu_s, server.peak_mb(), server.disk_bytes() - disk
        measured = sent - WARM_UP_REQUESTS * (100 if kind == "spans" else 50)
        stored, inserts = stored_and_inserts(data, kind)
        return IntakeRun(
            kind=kind,
            connections=connections,
            rows=sent,
            rows_per_s=measured / load.wall_s,
            ack_p50_ms=load.percentile_ms(0.5),
            ack_p99_ms=load.percentile_ms(0.99),
            cpu_us_a_row=cpu_s * 1e6 / measured,
            peak_mb=peak_mb,
            disk_bytes_a_row=disk / measured,
            stored=stored,
            inserts=inserts,
            engine_same_rows_per_s=engine_rows_per_s(kind, sent, max(1, sent // max(1, inserts))),
            engine_bulk_rows_per_s=engine_rows_per_s(kind, sent, BULK_ROWS),
        )
    finally:
        shutil.rmtree(data, ignore_errors=True)


TEXT = f"""\
{ROWS:,} rows, a closed loop: OTLP protobuf of 100 spans (about 3 kB each) or NDJSON of 50 RUM events
(about 1.9 kB each) a request. A request is acknowledged after its rows are stored, so what is acknowledged
is queryable. The engine alone inserts the same rows, prepared beforehand, into the same tables and views.
Of {ROUNDS} rounds of all loads that with the middle share is shown, and what any of them lost."""

Column = tuple[str, Callable[[IntakeRun], str]]

COLUMNS: tuple[Column, ...] = (
    ("load", lambda run: run.kind),
    ("connections", lambda run: f"{run.connections}"),
    ("through HTTP, rows/s", lambda run: f"{run.rows_per_s:,.0f}"),
    ("engine alone, same batches", lambda run: f"{run.engine_same_rows_per_s:,.0f}"),
    ("**share**", lambda run: f"**{run.rows_per_s / run.engine_same_rows_per_s:.0%}**"),
    ("engine alone, batches of 20,000", lambda run: f"{run.engine_bulk_rows_per_s:,.0f}"),
    ("**share**", lambda run: f"**{run.bulk_share:.0%}**"),
    ("acknowledged p50 / p99, ms", lambda run: f"{run.ack_p50_ms:.0f} / {run.ack_p99_ms:.0f}"),
    ("CPU µs a row", lambda run: f"{run.cpu_us_a_row:.0f}"),
    ("peak RSS, MB", lambda run: f"{run.peak_mb:.0f}"),
    ("disk B a row, unmerged", lambda run: f"{run.disk_bytes_a_row:,.0f}"),
    ("lost", lambda run: f"{run.lost}"),
)


def _middle(runs: Sequence[IntakeRun]) -> IntakeRun:
    middle = sorted(runs, key=lambda run: run.bulk_share)[len(runs) // 2]
    return msgspec.structs.replace(middle, stored=middle.rows - sum(run.lost for run in runs))


def section() -> str:
    """Measure; what came through HTTP until queryable, as a share of the engine alone."""
    loads = [(kind, count) for kind in ("spans", "rum") for count in CONNECTIONS]
    rounds = [[measure(kind, ROWS, count) for kind, count in loads] for _ in range(ROUNDS)]
    rows = [[show(_middle(runs)) for _, show in COLUMNS] for runs in zip(*rounds, strict=True)]
    return "\n\n".join(
        ("## Intake: through HTTP until queryable", TEXT, table([name for name, _ in COLUMNS], rows))
    )
