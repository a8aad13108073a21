"""What was read of things by their ids, which holds until more rows of them are stored.

Who comes back to a list, watches it live or searches in it once more is shown mostly what was there before:
only what is new or has changed is read.
"""

import itertools
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


MOST_KINDS = 500
"""Of all projects; each is some bytes. Some depend on the hours of a period, of which there may be many."""

_NOTHING = object()
"""In place of a thing that there is not."""


class _Kept(NamedTuple):
    thing: Any
    row_count: int
    read_at_s: float


class _Known(NamedTuple):
    """How far what is kept of one kind of a project's things is known to hold."""

    number: int
    """The newest commit that was looked at."""
    generation: int
    """Part of the key: once another begins, what was kept before is found no more."""


class KeptThings:
    """Reads again only what may have changed; used on the event loop alone."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._generations = itertools.count()
        self._known: OrderedDict[tuple[str, Hashable], _Known] = OrderedDict()
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
            ids: which; that there is none of an id is kept, too.
            read: reads things by their ids. An error is raised.
            changed: ids of those that rows which came may have changed.
            row_count: how many rows of some 2 kB a thing is as large as, at least one. What is more than
                there is room for is not kept.
        """
        number = self._arrivals.newest(project_id)
        key = (project_id, kind, self._forget(project_id, kind, number, changed).generation)
        now_s = time.monotonic()
        known = {
            each: kept.thing
            for each in ids
            if (kept := self._kept.get((*key, each))) is not None and now_s - kept.read_at_s < MAX_AGE_S
        }
        for each in known:
            self._kept.move_to_end((*key, each))
        found = {each: thing for each, thing in known.items() if thing is not _NOTHING}
        missing = set(ids) - known.keys()
        if not missing:
            return found
        read_now = await read(missing)
        # What came meanwhile may have been seen or not.
        came = self._arrivals.since(project_id, number)
        sure = missing - set(changed(came)) if came is not None else set()
        kept_now = {
            each: _Kept(read_now[each], max(1, row_count(read_now[each])), now_s)
            if each in read_now
            else _Kept(_NOTHING, 1, now_s)
            for each in sure
        }
        if sum(kept.row_count for kept in kept_now.values()) <= MOST_ROWS:
            for each, kept in kept_now.items():
                self._keep((*key, each), kept)
        return found | dict(read_now)

    def _forget(
        self, project_id: str, kind: Hashable, number: int, changed: Callable[[Came], Collection[str]]
    ) -> _Known:
        """Let go of what may have changed since the last look."""
        known = self._known.get((project_id, kind))
        came = self._arrivals.since(project_id, known.number) if known else None
        if known is None or came is None:
            known = _Known(number, next(self._generations))
        else:
            for each in changed(came):
                self._drop((project_id, kind, known.generation, each))
        self._known[project_id, kind] = known = known._replace(number=number)
        self._known.move_to_end((project_id, kind))
        while len(self._known) > MOST_KINDS:
            self._known.popitem(last=False)
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
