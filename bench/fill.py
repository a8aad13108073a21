"""Fill a server's data folder without HTTP: `python -m bench.fill FOLDER EVENTS SPANS`.

The rows are what the intake makes of the same payloads, spread over 20 hours; only the way in is shorter.
"""

import asyncio
import sys
from pathlib import Path

from bench.engine import insert_all, prepared_rows
from bench.payloads import otlp_requests, rum_requests, session_ids
from diptych_server.store.accounts import Accounts
from diptych_server.store.database import Database

SPREAD_HOURS = 20.0
EVENTS_A_SESSION = 67
"""1 M events in 15,000 sessions, the load of the storage tests."""

SLICE_ROWS = 50_000


def fill(folder: Path, events: int, spans: int) -> None:
    """Insert `events` RUM events and `spans` spans into the project `default`."""
    accounts = Accounts.open(f"sqlite:///{folder}/accounts.db")
    project_id = accounts.ensure_project("default").id
    sessions = session_ids(max(1, events // EVENTS_A_SESSION))
    database = Database.open(f"chdb://{folder}/store")
    for kind, total, make in (("rum", events, rum_requests), ("spans", spans, otlp_requests)):
        for seed, _ in enumerate(range(0, total, SLICE_ROWS)):
            bodies = make(min(SLICE_ROWS, total), sessions, hours=SPREAD_HOURS, seed=seed)
            rows = list(prepared_rows(kind, bodies, project_id, accounts))
            asyncio.run(insert_all(database, rows, 20_000))
    database.close()
    accounts.close()


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
