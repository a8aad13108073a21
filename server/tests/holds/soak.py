"""The server's part of `make soak`: new scenarios for an hour, then 200 rounds of kill -9 at random points.

    python -m server.tests.holds.soak [--minutes 60] [--kill-rounds 200] [--shrink]

Every run of scenarios has a server and a seed of its own; a failure prints the command that repeats it.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent

EXAMPLES_A_RUN = 50
"""Scenarios that share a server: enough that its tables grow and merge, few enough that a failure is near."""


def main() -> int:
    """Soak; 0 when everything held."""
    given = arguments()
    began_s = time.monotonic()
    runs = 0
    while time.monotonic() - began_s < given.minutes * 60:
        runs += 1
        seed = random.SystemRandom().randrange(2**32)
        environment = {"HOLDS_EXAMPLES": str(EXAMPLES_A_RUN)} | (
            {"HOLDS_SHRINK": "1"} if given.shrink else {}
        )
        say(f"run {runs}: {EXAMPLES_A_RUN} scenarios, seed {seed}")
        if (code := run("test_idempotence.py", environment, f"--hypothesis-seed={seed}")) != 0:
            return code
    say(f"{runs * EXAMPLES_A_RUN} scenarios held, each twice, in {time.monotonic() - began_s:.0f} s")
    if given.kill_rounds == 0:
        return 0
    say(f"{given.kill_rounds} rounds of kill -9")
    code = run("test_kill.py", {"HOLDS_KILL_ROUNDS": str(given.kill_rounds)})
    if code == 0:
        say(f"{given.kill_rounds} kills: nothing acknowledged was lost, nothing doubled")
    return code


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="soak", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=60, help="of new scenarios (default: 60)")
    parser.add_argument("--kill-rounds", type=int, default=200, help="of kill -9 (default: 200)")
    parser.add_argument("--shrink", action="store_true", help="make a failing scenario small; takes minutes")
    return parser.parse_args()


def run(test: str, environment: dict[str, str], *options: str) -> int:
    """Run one test file; where it fails, say how to run it again."""
    command = [sys.executable, "-m", "pytest", "-q", str(HERE / test), *options]
    code = subprocess.run(command, env=os.environ | environment, check=False).returncode
    if code != 0:
        settings = " ".join(f"{name}={value}" for name, value in environment.items())
        say(f"failed; again: {settings} {' '.join(command)}")
    return code


def say(text: str) -> None:
    """One line of progress."""
    print(f"· {text}", flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
