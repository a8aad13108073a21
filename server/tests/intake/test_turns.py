"""Of large bodies that come at once one is decoded a turn of the loop, and other work goes on between."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from diptych_server.intake.batch import Batch
from diptych_server.intake.doors import TURN_BYTES, Doors
from diptych_server.store.database import Database
from diptych_server.store.rows import Row

from .conftest import Sender
from .samples import otlp, span

REQUESTS = 12


class Clock:
    """Counts the turns of the event loop."""

    def __init__(self) -> None:
        self.turn = 0
        self._task = asyncio.create_task(self._run())

    async def _run(self) -> None:
        while True:
            self.turn += 1
            await asyncio.sleep(0)

    def stop(self) -> None:
        self._task.cancel()


class TimedBatch(Batch):
    """The real one; knows in which turn it was given the rows of each request."""

    def __init__(self, database: Database, clock: Clock) -> None:
        super().__init__(database)
        self.turns: list[int] = []
        self._clock = clock

    async def add(self, rows: Sequence[Row]) -> None:
        if rows:
            self.turns.append(self._clock.turn)
        await super().add(rows)


async def status(doors: Doors, key: str, body: bytes) -> int:
    """Of the answer to a request at the spans' door."""
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/v1/traces",
        "query_string": b"",
        "headers": [(b"authorization", f"Bearer {key}".encode()), (b"content-type", b"application/json")],
    }
    sent: list[Mapping[str, Any]] = []

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    await doors(scope, receive, send)
    return int(sent[0]["status"])


async def turns_of(sender: Sender, text_bytes: int) -> list[int]:
    """In which turns the rows of requests that came at once were made, each with a text so long."""
    clock = Clock()
    batch = TimedBatch(sender.database, clock)
    doors = Doors(sender.house.keyring, batch, sender.house.blobs, sender.house.drops)
    bodies = [otlp(span(spanId=f"{number:016x}", name="x" * text_bytes)) for number in range(1, REQUESTS + 1)]
    answers = await asyncio.gather(*(status(doors, sender.server_key, body) for body in bodies))
    clock.stop()
    assert answers == [200] * REQUESTS
    return batch.turns


async def test_of_large_bodies_one_is_decoded_a_turn(sender: Sender) -> None:
    turns = await turns_of(sender, TURN_BYTES)
    assert len(set(turns)) == REQUESTS
    assert turns == sorted(turns)


async def test_small_ones_are_decoded_at_once(sender: Sender) -> None:
    assert len(set(await turns_of(sender, 100))) == 1
