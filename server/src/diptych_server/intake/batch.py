"""Group commit: rows of many requests go into one insert; a request is answered after its rows are stored.

A commit costs the engine about 30 ms whatever it holds, so the rows that arrive while one runs wait and go
together in the next. Those whose rows were stored mostly have more at once: the next commit waits a moment
for them, or clients would fall into two groups that take turns. While someone asks for answers it waits
longer, since both have the same cores. So many rows that they cost more than their commit wait for nobody:
they are made ready while the commit before them is stored.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from diptych_server.errors import RowsRefused, Unavailable
from diptych_server.store.database import Database
from diptych_server.store.rows import TABLES, Row

COMPANY_WAIT_S = 0.05
"""How long a lone request waits for another one to share its commit."""

REST_SHARE = 0.4
"""How long the next commit waits for those of the last one, as a share of what that took."""

REST_WHILE_ASKED_S = 0.25
"""How long it waits while someone asks for answers: a client is patient, a person is not."""

ENOUGH_ROWS = 1_500
"""So many rows cost more than their commit: it waits for no more, but runs while others are being decoded."""

COMMIT_ROWS = 5_000
"""Rows of one commit; a request is never split, so a larger one goes alone."""

WAITING_ROWS = 100_000
"""Rows of a table that may wait; more are refused, for they could not be stored in a few seconds."""


@dataclass(slots=True, eq=False)
class _Waiting:
    """The rows of one request, and who waits for them."""

    rows: Sequence[Row]
    stored: asyncio.Future[None]


class Batch:
    """Collects rows and stores them table by table."""

    def __init__(
        self,
        database: Database,
        *,
        company_wait_s: float = COMPANY_WAIT_S,
        rest_while_asked_s: float = REST_WHILE_ASKED_S,
        commit_rows: int = COMMIT_ROWS,
        waiting_rows: int = WAITING_ROWS,
    ) -> None:
        self._lanes = {
            kind: _Lane(database, table, company_wait_s, rest_while_asked_s, commit_rows, waiting_rows)
            for kind, table in TABLES.items()
        }
        self._is_closed = False

    async def add(self, rows: Sequence[Row]) -> None:
        """Store rows of one table; they are on disk when this returns.

        Raises:
            Unavailable: too many rows wait, the engine cannot write now, or the server is stopping.
            RowsRefused: the engine refuses these rows for what they hold.
        """
        if not rows:
            return
        if self._is_closed:
            raise Unavailable("the server is stopping", retry_after_s=5)
        await self._lanes[type(rows[0])].add(rows)

    @property
    def is_refused(self) -> bool:
        """Whether the engine could not take a table's newest commit; the next one that it takes ends this."""
        return any(lane.is_refused for lane in self._lanes.values())

    async def close(self) -> None:
        """Take no more rows, and store those that wait."""
        self._is_closed = True
        await asyncio.gather(*(lane.drain() for lane in self._lanes.values()))


class _Lane:
    """The queue of one table. Its task lives as long as there is something to store."""

    def __init__(
        self,
        database: Database,
        table: str,
        company_wait_s: float,
        rest_while_asked_s: float,
        commit_rows: int,
        waiting_rows: int,
    ) -> None:
        self._database = database
        self._table = table
        self._company_wait_s = company_wait_s
        self._rest_while_asked_s = rest_while_asked_s
        self._commit_rows = commit_rows
        self._waiting_rows = waiting_rows
        self._waiting: list[_Waiting] = []
        self._rows = 0
        self._is_enough = self._has_company
        self._enough = asyncio.Event()
        self._is_draining = False
        self._task: asyncio.Task[None] | None = None
        self.is_refused = False

    async def add(self, rows: Sequence[Row]) -> None:
        if self._rows and self._rows + len(rows) > self._waiting_rows:
            raise Unavailable(f"too many rows wait for {self._table}", retry_after_s=1)
        stored = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(rows, stored))
        self._rows += len(rows)
        if self._is_enough():
            self._enough.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name=f"commit {self._table}")
        await stored

    async def drain(self) -> None:
        self._is_draining = True
        self._enough.set()
        if self._task is not None:
            await self._task

    def _has_company(self) -> bool:
        return len(self._waiting) >= 2 or self._rows >= self._commit_rows

    def _is_worth_a_commit(self) -> bool:
        return self._rows >= ENOUGH_ROWS

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._wait(self._company_wait_s, self._has_company)
                await self._commits()
        finally:
            self._task = None

    async def _commits(self) -> None:
        """Commit what waits, and without a break what comes meanwhile while that is worth it; then rest."""
        began_s = time.monotonic()
        running = self._begin()
        while await self._is_next_worth_it(running):
            following = self._begin()
            await running
            began_s, running = time.monotonic(), following
        everyone = await running
        await self._rest(time.monotonic() - began_s, everyone)

    def _begin(self) -> asyncio.Task[int]:
        running = asyncio.create_task(self._commit(self._take()))
        # Who waits for rows meanwhile waits no longer than it runs.
        running.add_done_callback(lambda _: self._enough.set())
        return running

    async def _is_next_worth_it(self, running: asyncio.Task[int]) -> bool:
        """Whether so many rows wait before the running commit ends."""
        await self._wait(None, lambda: running.done() or self._is_worth_a_commit())
        return self._is_worth_a_commit()

    async def _rest(self, took_s: float, everyone: int) -> None:
        """Give those who were answered, or who ask for answers, their time."""
        if self._database.is_asked:
            await self._wait(self._rest_while_asked_s, self._is_worth_a_commit)
            return
        await self._wait(
            REST_SHARE * took_s, lambda: len(self._waiting) >= everyone or self._is_worth_a_commit()
        )

    async def _wait(self, most_s: float | None, is_enough: Callable[[], bool]) -> None:
        """Until what waits is enough, or for so long."""
        self._is_enough = is_enough
        self._enough.clear()
        if self._is_draining or is_enough():
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(most_s):
                await self._enough.wait()

    def _take(self) -> list[_Waiting]:
        """The requests of the next commit, in the order in which they came."""
        count = rows = 0
        for waiting in self._waiting:
            if count and rows + len(waiting.rows) > self._commit_rows:
                break
            count += 1
            rows += len(waiting.rows)
        group, self._waiting = self._waiting[:count], self._waiting[count:]
        self._rows -= rows
        return group

    async def _commit(self, group: list[_Waiting]) -> int:
        """Store a group; when the engine refuses it, one request at a time, so that one fails alone.

        Gives how many requests wait when all that are answered have come back with more.
        """
        error = await self._insert([row for waiting in group for row in waiting.rows])
        everyone = len(group) + len(self._waiting)
        for waiting in group:
            if isinstance(error, RowsRefused) and len(group) > 1:
                _tell(waiting, await self._insert(waiting.rows))
            else:
                _tell(waiting, error)
        return everyone

    async def _insert(self, rows: Sequence[Row]) -> Exception | None:
        try:
            await self._database.insert(rows)
        except Exception as exc:
            # Whatever it is, those who wait must hear it, and the lane must go on.
            self.is_refused = isinstance(exc, Unavailable)
            return exc
        self.is_refused = False
        return None


def _tell(waiting: _Waiting, error: Exception | None) -> None:
    if waiting.stored.done():
        return
    if error is None:
        waiting.stored.set_result(None)
    else:
        waiting.stored.set_exception(error)
