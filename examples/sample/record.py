"""Records the sample anew: `make sample` (half an hour on two cores), `make sample VISITS=30` to try it.

Starts a recorder in the place of a Diptych server, the shop in each of its houses (`plan.py`), and Chromium
with the visitors (`visits.js`); what the two SDKs have sent is then cut into visits and packed (`cut.py`).
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from .archive import ARCHIVE
from .cut import cut
from .plan import HOUSES, House, as_json, visits
from .tape import Tape

EXAMPLES = Path(__file__).parents[1]
SDK = EXAMPLES.parent / "server/src/diptych_server/static/sdk"
LAST_SPANS_S = 3
"""The agents' SDK sends within this time after the last visit."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m sample.record", description=__doc__)
    parser.add_argument("--visits", type=int, default=340, help="how many people come (default 340)")
    parser.add_argument("--to", type=Path, default=ARCHIVE, help="the archive to write")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="diptych-sample-") as folder:
        tape, visited = Path(folder) / "tape", Path(folder) / "visited.ndjson"
        record(options.visits, tape, visited)
        print(cut(tape, visited, {visit.number: visit for visit in visits(options.visits)}, options.to))


def record(count: int, tape_file: Path, visited: Path) -> None:
    """Lets all visitors come; afterwards the tape holds what was sent, and `visited` who came."""
    plan = tape_file.with_suffix(".json")
    with ExitStack() as stack:
        tape = Tape(tape_file, SDK)
        stack.callback(tape.close)
        houses = [
            {"name": house.name, "host": house.host, "port": _open(house, tape.url, stack)}
            for house in HOUSES
        ]
        plan.write_text(json.dumps({"houses": houses, "visits": [as_json(visit) for visit in visits(count)]}))
        script = ["node", str(Path(__file__).with_name("visits.js")), str(plan), str(visited)]
        subprocess.run(script, check=True)  # noqa: S603 - our own
        time.sleep(LAST_SPANS_S)


def _open(house: House, recorder_url: str, stack: ExitStack) -> int:
    """Starts the shop as one of its houses; returns its port."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if name != "ANTHROPIC_API_KEY"},
        **house.settings,
        "CONCIERGE_PORT": str(port),
        "DIPTYCH_URL": recorder_url,
        "DIPTYCH_KEY": "sample-server-key",
        "DIPTYCH_CLIENT_KEY": "sample-client-key",
        "PYTHONPATH": str(EXAMPLES),
    }
    shop = subprocess.Popen([sys.executable, "-m", "concierge"], env=environment, stdout=subprocess.PIPE)
    stack.callback(_close, shop)
    assert shop.stdout
    if b"ready" not in (line := shop.stdout.readline()):
        raise RuntimeError(f"the shop {house.name} did not start: {line.decode()!r}")
    return port


def _close(shop: subprocess.Popen[bytes]) -> None:
    shop.send_signal(signal.SIGTERM)
    shop.wait(timeout=30)


if __name__ == "__main__":
    main()
