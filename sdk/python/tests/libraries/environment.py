"""The environments of the libraries that the SDK is tried with, apart from the project's own packages.

Each is made when first needed, from its lock file beside this one, below `.venv/libraries/`. The SDK itself
is taken from the source, by `PYTHONPATH`. LlamaIndex has one of its own: its client of OpenAI needs an older
`openai` than the others.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SOURCE = HERE.parents[1] / "src"
FOLDER = Path(sys.prefix) / "libraries"
INSTALL_SECONDS = 600

FOREIGN = ("DD_", "_DD_", "DIPTYCH_", "OTEL_", "OPENAI_", "ANTHROPIC_", "TRACELOOP_")
"""Settings of whoever runs the tests; none of them may change what is tried."""


def python(name: str = "libraries") -> Path:
    """An environment's Python; its packages are installed anew when its lock file has changed."""
    lock, folder = HERE / f"{name}.lock", FOLDER / name
    found, mark = folder / "bin" / "python", folder / "lock.sha256"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if not mark.exists() or mark.read_text() != digest:
        uv = str(Path(sys.executable).with_name("uv"))
        install = [uv, "pip", "install", "-q", "--python", str(found), "--require-hashes", "-r", str(lock)]
        for command in ([uv, "venv", "-q", "--clear", "--python", sys.executable, str(folder)], install):
            subprocess.run(command, check=True, timeout=INSTALL_SECONDS)
        mark.write_text(digest)
    return found


def variables(models_url: str) -> dict[str, str]:
    """Environment variables of a program: the SDK on its path, clients pointed at the model APIs."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    return own | {
        "PYTHONPATH": str(SOURCE),
        "ANTHROPIC_BASE_URL": models_url,
        "ANTHROPIC_API_KEY": "none",
        "OPENAI_BASE_URL": f"{models_url}/v1",
        "OPENAI_API_KEY": "none",
    }
