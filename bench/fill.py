"""Fill a server's data folder without HTTP: `python -m bench.fill FOLDER EVENTS SPANS`.

The rows are what the intake makes of payloads, and copies of them; only the way in is shorter. Returns when
the engine has merged what it wants to merge, so that a read meets neither its work nor parts that are about
to go, and prints how many parts each table is left with and what they weigh.
"""

import asyncio
import multiprocessing
import os
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from bench.copies import copy_all
from bench.population import Plan, Visit
from diptych_server.access.keys import Keyring
from diptych_server.errors import Unavailable
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

MADE_EVENTS = 100_000
"""Events of a load that are made from payloads; what is more are copies."""

SESSIONS_A_BATCH = 300
"""About 20,000 RUM events and 10,000 spans an insert."""

MOST_TRIES = 5
QUIET_S = 5.0
"""No merge for so long: none is coming."""

MOST_SETTLING_S = 180.0

PAGE_CLOCK_BEHIND_MS = 40


class Maker:
    """What a process needs to turn visits into rows."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        limits = Limits()
        accounts = Accounts.open(f"sqlite:///{folder}/accounts.db")
        self._plan = plan
        self._delivery = Delivery(plan.project_id, "server", time.time_ns() // 1_000_000, None, 30)
        self._traces = TraceIntake(NO_RULES, Drops())
        self._rum = RumIntake(
            Keyring(accounts), NO_RULES, Quota(limits.session_events, limits.session_bytes), Drops()
        )

    def rows(self, first: int) -> list[list[Row]]:
        """Rows of some sessions, a list a table."""
        found: dict[type[Row], list[Row]] = defaultdict(list)
        for visit in self._plan.visits(first, SESSIONS_A_BATCH):
            for row in self._rows(visit):
                found[type(row)].append(row)
        return list(found.values())

    def _rows(self, visit: Visit) -> Iterator[Row]:
        lines, reasons = self._rum.decode(visit.events)
        page = replace(self._delivery, user_agent=visit.user_agent, clock_offset_ms=PAGE_CLOCK_BEHIND_MS)
        yield from self._rum.rows(lines, reasons, page)
        yield from self._traces.read(visit.spans, "application/x-protobuf", self._delivery).rows
        yield from visit.judgements
        yield from visit.segments


_maker: list[Maker] = []
"""Of a worker process, made once."""


def _start(folder: Path, plan: Plan) -> None:
    _maker.append(Maker(folder, plan))


def _rows(first: int) -> list[list[Row]]:
    return _maker[0].rows(first)


async def settled(database: Database) -> list[dict[str, Any]]:
    """Wait until no merge runs; the tables with their rows, parts and bytes."""
    began = quiet_since = time.perf_counter()
    while time.perf_counter() - began < MOST_SETTLING_S and time.perf_counter() - quiet_since < QUIET_S:
        [running] = await database.query("SELECT count() AS n FROM system.merges")
        if running["n"]:
            quiet_since = time.perf_counter()
        await asyncio.sleep(0.2)
    return await database.query(
        """
        SELECT table, sum(rows) AS rows, count() AS parts, sum(bytes_on_disk) AS bytes FROM system.parts
        WHERE active AND database = currentDatabase() AND table != 'schema_migrations'
        GROUP BY table ORDER BY bytes DESC
        """
    )


async def insert_all(database: Database, batches: Iterable[list[list[Row]]]) -> None:
    """Every table of every batch in one insert."""
    for tables in batches:
        for rows in tables:
            await _insert(database, rows)


async def _insert(database: Database, rows: list[Row]) -> None:
    for _ in range(MOST_TRIES):
        try:
            return await database.insert(rows)
        except Unavailable:  # a busy machine; a row that is inserted again is still one row
            await asyncio.sleep(1)
    return await database.insert(rows)


def fill(folder: Path, events: int, spans: int) -> list[dict[str, Any]]:
    """Store `events` RUM events and `spans` spans, with what belongs to them, in the project `default`."""
    copies = max(0, events // MADE_EVENTS - 1)
    accounts = Accounts.open(f"sqlite:///{folder}/accounts.db")
    plan = Plan.of(
        events // (copies + 1),
        spans // (copies + 1),
        accounts.ensure_project("default").id,
        now_ms=time.time_ns() // 1_000_000,
    )
    accounts.close()
    firsts = range(0, len(plan.sessions), SESSIONS_A_BATCH)
    # Spawned before the engine is opened, and never forked: a child of the engine's process would hang.
    with ProcessPoolExecutor(
        os.cpu_count(), multiprocessing.get_context("spawn"), _start, (folder, plan)
    ) as makers:
        database = Database.open(f"chdb://{folder}/store")
        try:
            asyncio.run(insert_all(database, makers.map(_rows, firsts)))
            copy_all(folder / "store", copies)
            return asyncio.run(settled(database))
        finally:
            database.close()


if __name__ == "__main__":
    tables = fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    print(msgspec.json.encode(tables).decode())
