"""Celery's forked workers: their spans arrive, also those of a worker that ends after its only task."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from sdk.python.tests.receiver import Receiver

from . import environment

HERE = Path(__file__).parent
WORKER = ("-m", "celery", "-A", "celery_app", "worker", "--pool", "prefork", "--concurrency", "2")
WORKERS = {"that stay": WORKER, "that end after each task": (*WORKER, "--max-tasks-per-child", "1")}


@pytest.mark.parametrize("name", WORKERS)
def test_each_task_is_one_span(name: str, receiver: Receiver, tmp_path: Path) -> None:
    own = {"DIPTYCH_URL": receiver.url, "DIPTYCH_KEY": "k", "BROKER": str(tmp_path)}
    variables = environment.variables("") | own
    python = str(environment.python())
    with subprocess.Popen(
        [python, *WORKERS[name]], cwd=HERE, env=variables, stderr=subprocess.PIPE, text=True
    ) as worker:
        try:
            sent = subprocess.run(
                [python, "-m", "celery_app"],
                cwd=HERE,
                env=variables,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            worker.send_signal(signal.SIGTERM)
            _, log = worker.communicate(timeout=60)
    assert sent.returncode == 0, sent.stderr + log
    processes = sent.stdout.split()
    assert len(set(processes)) == 6 if "end" in name else len(set(processes)) <= 2, log
    assert "failed inside diptych" not in log
    assert sorted(span.name for span in receiver.spans) == [f"task {number}" for number in range(6)]
