"""`diptych-run`: a program without a line of ours is traced."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .anthropic_api import AnthropicAPI
from .receiver import Receiver

PROGRAM = """
import sys
import anthropic
client = anthropic.Anthropic(api_key="x", base_url=sys.argv[1])
client.messages.create(model="claude-test", max_tokens=9, messages=[{"role": "user", "content": "hello"}])
print("done", sys.argv[2:])
"""


def run(*command: str, **environ: str) -> subprocess.CompletedProcess[str]:
    given = {**os.environ, **environ}
    return subprocess.run(
        [sys.executable, "-m", "diptych.run", *command],
        capture_output=True,
        text=True,
        env=given,
        check=False,
    )


@pytest.mark.parametrize("starter", [[sys.executable], []])
def test_no_code_change(starter: list[str], receiver: Receiver, api: AnthropicAPI, tmp_path: Path) -> None:
    program = tmp_path / "app.py"
    program.write_text(PROGRAM)
    done = run(
        *starter,
        str(program),
        api.url,
        "--flag",
        DIPTYCH_URL=receiver.url,
        DIPTYCH_KEY="secret",
        DIPTYCH_ML_APP="untouched",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "done ['--flag']\n"
    [span] = receiver.spans
    assert span.name == "anthropic.chat"
    assert span.resource["service.name"] == "untouched"
    assert receiver.requests[0][1]["authorization"] == "Bearer secret"


def test_the_environments_own_sitecustomize_still_runs(receiver: Receiver, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.customized = True")
    done = run(
        sys.executable,
        "-c",
        "import sys; from diptych import LLMObs; print(sys.customized, LLMObs.enabled())",
        PYTHONPATH=str(tmp_path),
        DIPTYCH_URL=receiver.url,
        DIPTYCH_KEY="k",
    )
    assert (done.stdout, done.stderr) == ("True True\n", "")


def test_usage_and_unknown_commands() -> None:
    assert (run().returncode, run("--help").returncode) == (2, 0)
    assert "usage: diptych-run" in run("--help").stdout
    missing = run("no-such-command-at-all")
    assert missing.returncode == 127
    assert "no such command" in missing.stderr
