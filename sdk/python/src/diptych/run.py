"""`diptych-run COMMAND …`: runs a Python program with LLM Observability on, without a change to its code.

    DIPTYCH_URL=… DIPTYCH_KEY=… diptych-run python app.py
    diptych-run gunicorn shop:app

The program's interpreter, and those it starts, call `LLMObs.enable()` before their own code. Settings come
from the environment. A later `LLMObs.enable()` of the program does nothing.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

USAGE = "usage: diptych-run COMMAND [ARGUMENT …]     for example: diptych-run python app.py"

BOOTSTRAP = Path(__file__).with_name("_bootstrap")
"""Holds a `sitecustomize`, which an interpreter imports when it starts."""

_NOT_FOUND = 127
"""What a shell answers for a command that does not exist."""


def main() -> None:
    """Replaces this process by the command."""
    command = sys.argv[1:]
    if not command or command[0] in ("-h", "--help"):
        print(USAGE)
        sys.exit(0 if command else 2)
    if command[0].endswith(".py"):
        command = [sys.executable, *command]
    program = shutil.which(command[0])
    if program is None:
        print(f"diptych-run: {command[0]}: no such command", file=sys.stderr)
        sys.exit(_NOT_FOUND)
    path = [str(BOOTSTRAP), *filter(None, [os.environ.get("PYTHONPATH")])]
    os.environ["PYTHONPATH"] = os.pathsep.join(path)
    os.execv(program, command)  # noqa: S606  # running the user's command is what it is for


if __name__ == "__main__":
    main()
