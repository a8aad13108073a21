"""How long the server takes until its first healthy answer, and what memory it then has."""

import shutil
import statistics
import tempfile
import time
from pathlib import Path

from bench.markdown import table
from bench.server_process import serving

ROUNDS = 3
IDLE_S = 3.0


def section() -> str:
    """Measure empty folders and restarts of them; medians."""
    empty, again, idle = [], [], []
    for _ in range(ROUNDS):
        folder = Path(tempfile.mkdtemp(prefix="diptych-bench-start-"))
        try:
            with serving(folder, with_keys=False) as server:
                empty.append(server.started_s)
            with serving(folder, with_keys=False) as server:
                again.append(server.started_s)
                time.sleep(IDLE_S)
                idle.append(server.resident_mb())
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    rows = [
        ["an empty folder, until healthy, s", f"{statistics.median(empty):.1f}"],
        ["the same again, s", f"{statistics.median(again):.1f}"],
        ["idle, MB", f"{statistics.median(idle):.0f}"],
    ]
    return "\n\n".join(
        ("## Start", f"From starting the process, one process; medians of {ROUNDS}.", table(["", ""], rows))
    )
