"""The other side of the intake benchmark: the engine alone, given the same rows, prepared beforehand.

A process of its own (`python -m bench.engine KIND ROWS BATCH`), since a process can open one engine only.
Prints the seconds that the inserts took.
"""

import asyncio
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence

from bench.payloads import otlp_requests, rum_requests, session_ids
from diptych_server.access.keys import Keyring
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.limits import Limits
from diptych_server.intake.quota import Quota
from diptych_server.intake.rum import RumIntake
from diptych_server.intake.trace import TraceIntake
from diptych_server.privacy.rules import NO_RULES
from diptych_server.store.accounts import Accounts
from diptych_server.store.database import Database
from diptych_server.store.rows import Row

SESSIONS = 300
"""Sessions that the load is spread over."""


def bodies(kind: str, rows: int) -> list[bytes]:
    """The requests of a load: the same for the server and for the engine alone."""
    make = otlp_requests if kind == "spans" else rum_requests
    return make(rows, session_ids(SESSIONS))


def prepared_rows(kind: str, requests: list[bytes], project_id: str, accounts: Accounts) -> Iterator[Row]:
    """What the intake makes of the requests."""
    delivery = Delivery(project_id, "server", time.time_ns() // 1_000_000, 0, 30)
    if kind == "spans":
        traces = TraceIntake(NO_RULES, Drops())
        for body in requests:
            yield from traces.read(body, "application/x-protobuf", delivery).rows
        return
    limits = Limits()
    rum = RumIntake(Keyring(accounts), NO_RULES, Quota(limits.session_events, limits.session_bytes), Drops())
    for body in requests:
        lines, reasons = rum.decode(body)
        yield from rum.rows(lines, reasons, delivery)


async def insert_all(database: Database, rows: Sequence[Row], batch: int) -> float:
    """Seconds to insert `rows`, `batch` at a time, one insert after the other."""
    began = time.perf_counter()
    for start in range(0, len(rows), batch):
        await database.insert(rows[start : start + batch])
    return time.perf_counter() - began


def main() -> None:
    """Insert the rows of one load into a fresh store."""
    kind, rows, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    folder = tempfile.mkdtemp(prefix="diptych-bench-engine-")
    try:
        accounts = Accounts.open(f"sqlite:///{folder}/accounts.db")
        project_id = accounts.ensure_project("bench").id
        prepared = list(prepared_rows(kind, bodies(kind, rows), project_id, accounts))
        database = Database.open(f"chdb://{folder}/store")
        print(asyncio.run(insert_all(database, prepared, batch)))
        database.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
