"""What was stored since: who waits here is woken by each commit of a project, and reads it by itself.

There is no queue: a commit is a number, one a project and table, and who was away learns that it has grown.
So nothing can pile up for a reader that is slow, and nothing is missed by one that comes back.
"""

import asyncio
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from diptych_server.store.came import Came, Remembered
from diptych_server.store.rows import TABLES, Row


class Watch:
    """One who waits for commits of a project."""

    def __init__(self, arrivals: "Arrivals", project_id: str) -> None:
        self._arrivals = arrivals
        self._project_id = project_id
        self.woken = asyncio.Event()

    def number(self, tables: Collection[str]) -> int:
        """The newest commit of these tables, 0 when this process has seen none."""
        return max((self._arrivals.number(self._project_id, table) for table in tables), default=0)

    async def after(self, known: int, tables: Collection[str], timeout_s: float) -> int:
        """Wait for a commit beyond `known`; give its number, or `known` when none came in time."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout_s
        while (number := self.number(tables)) <= known and not self._arrivals.is_closed:
            self.woken.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self.woken.wait()
            except TimeoutError:
                return known
        return max(number, known)


class Arrivals:
    """The commits of this process; used on the event loop alone."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], int] = {}
        self._remembered: dict[str, Remembered] = {}
        self._count = 0
        self._watches: dict[str, set[Watch]] = {}
        self.is_closed = False

    def note(self, rows: Sequence[Row]) -> None:
        """Say that rows of one table are stored."""
        table = TABLES[type(rows[0])]
        self._count += 1
        for project_id in {row.project_id for row in rows}:
            self._newest[project_id, table] = self._count
            came = Came.of(row for row in rows if row.project_id == project_id)
            self._remembered.setdefault(project_id, Remembered()).note(self._count, came)
            for watch in self._watches.get(project_id, ()):
                watch.woken.set()

    def number(self, project_id: str, table: str) -> int:
        """The newest commit of a table, 0 when there was none."""
        return self._newest.get((project_id, table), 0)

    def newest(self, project_id: str) -> int:
        """The newest commit of any table, 0 when there was none."""
        return max((self.number(project_id, table) for table in TABLES.values()), default=0)

    def since(self, project_id: str, number: int) -> Came | None:
        """What came in the commits after this one; None where that is not known."""
        remembered = self._remembered.get(project_id)
        return remembered.since(number) if remembered else Came.of([])

    @property
    def watched(self) -> int:
        """How many wait, of all projects."""
        return sum(len(watches) for watches in self._watches.values())

    def watched_by(self, project_id: str) -> int:
        """How many wait of one project."""
        return len(self._watches.get(project_id, ()))

    @contextmanager
    def watch(self, project_id: str) -> Iterator[Watch]:
        """Wait for commits of a project, until the end of the block."""
        watch = Watch(self, project_id)
        self._watches.setdefault(project_id, set()).add(watch)
        try:
            yield watch
        finally:
            self._watches[project_id].discard(watch)
            if not self._watches[project_id]:
                del self._watches[project_id]

    def close(self) -> None:
        """Wake all who wait: the server stops."""
        self.is_closed = True
        for watches in self._watches.values():
            for watch in watches:
                watch.woken.set()
