# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""A worker's application: each task is a span. As a program it sends six tasks. `BROKER` is a folder."""

import os
from pathlib import Path

from celery import Celery

from diptych import LLMObs

LLMObs.enable(ml_app="shop", linger_ms=10_000)  # nothing leaves by itself before the process ends

FOLDER = Path(os.environ["BROKER"])
(FOLDER / "queue").mkdir(exist_ok=True)

app = Celery("celery_app", broker="filesystem://", backend=f"file://{FOLDER}")
app.conf.broker_transport_options = {
    "data_folder_in": str(FOLDER / "queue"),
    "data_folder_out": str(FOLDER / "queue"),
}


@app.task
def answer(number: int) -> int:
    """Answers with the id of the process."""
    with LLMObs.workflow(f"task {number}"):
        return os.getpid()


if __name__ == "__main__":
    for pending in [answer.delay(number) for number in range(6)]:
        print(pending.get(timeout=60))
