"""What was read of things by their ids, which holds until more rows of them are stored.

Who comes back to a list, watches it live or searches in it once more is shown mostly what was there before:
only what is new or has changed is read.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Collection, Coroutine, Hashable, Mapping
from typing import Any, NamedTuple, TypeVar

from diptych_server.store.arrivals import Arrivals
from diptych_server.store.came import Came

Thing = TypeVar("Thing")

MOST_ROWS = 10_000
"""Of all projects and kinds, some 20 MB; those of things that were wanted longest ago go first."""

MAX_AGE_S = 3600.0
"""Rows also expire, of which no commit tells: what was read longer ago is read again."""


class _Kept(NamedTuple):
    thing: Any
    row_count: int
    read_at_s: float


class _Known(NamedTuple):
    """How far what is kept of one kind of a project's things is known to hold."""

    number: int
    """The newest commit that was looked at."""
    times_forgotten: int
    """Part of the key, so that all that was kept before it is none any more."""


class KeptThings:
    """Reads again only what may have changed; used on the event loop alone."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._known: dict[tuple[str, Hashable], _Known] = {}
        self._kept: OrderedDict[tuple[str, Hashable, int, str], _Kept] = OrderedDict()
        self._row_count = 0

    async def read(
        self,
        project_id: str,
        kind: Hashable,
        ids: Collection[str],
        read: Callable[[Collection[str]], Coroutine[Any, Any, Mapping[str, Thing]]],
        changed: Callable[[Came], Collection[str]],
        row_count: Callable[[Thing], int] = lambda _: 1,
    ) -> dict[str, Thing]:
        """The things of these ids that there are. They are handed to all who ask: nobody may change them.

        Args:
            project_id: whose they are.
            kind: all that they depend on beside their ids and rows.
            ids: which; of one that there is not nothing is kept.
            read: reads things by their ids. An error is raised.
            changed: ids of those that rows which came may have changed.
            row_count: how many rows a thing holds.
        """
        number = self._arrivals.newest(project_id)
        key = (project_id, kind, self._forget(project_id, kind, number, changed).times_forgotten)
        now_s = time.monotonic()
        found = {
            each: kept.thing
            for each in ids
            if (kept := self._kept.get((*key, each))) is not None and now_s - kept.read_at_s < MAX_AGE_S
        }
        for each in found:
            self._kept.move_to_end((*key, each))
        missing = set(ids) - found.keys()
        if not missing:
            return found
        read_now = await read(missing)
        # What came meanwhile may have been seen or not.
        came = self._arrivals.since(project_id, number)
        unsure = missing if came is None else changed(came)
        for each, thing in read_now.items():
            if each not in unsure:
                # That there are none is a row, too.
                self._keep((*key, each), _Kept(thing, max(1, row_count(thing)), now_s))
        return found | dict(read_now)

    def _forget(
        self, project_id: str, kind: Hashable, number: int, changed: Callable[[Came], Collection[str]]
    ) -> _Known:
        """Let go of what may have changed since the last look."""
        known = self._known.get((project_id, kind), _Known(number, 0))
        came = self._arrivals.since(project_id, known.number)
        if came is None:
            known = known._replace(times_forgotten=known.times_forgotten + 1)
        else:
            for each in changed(came):
                self._drop((project_id, kind, known.times_forgotten, each))
        self._known[project_id, kind] = known = known._replace(number=number)
        return known

    def _keep(self, key: tuple[str, Hashable, int, str], kept: _Kept) -> None:
        self._drop(key)
        self._kept[key] = kept
        self._row_count += kept.row_count
        while self._row_count > MOST_ROWS:
            self._drop(next(iter(self._kept)))

    def _drop(self, key: tuple[str, Hashable, int, str]) -> None:
        if (kept := self._kept.pop(key, None)) is not None:
            self._row_count -= kept.row_count
