"""Answers that hold until more rows of their project are stored, or grow with what these rows are of.

What must be known of a period before it can be asked about is asked by each part of a screen, at the same
time, and of rows that mostly have not changed since the last look.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Hashable
from typing import Any, NamedTuple, TypeVar, cast

from diptych_server.store.arrivals import Arrivals
from diptych_server.store.came import Came

Answer = TypeVar("Answer")

MAX_KEPT = 64
"""Of all projects: those of a few screens, since one may be long. What was wanted longest ago goes first."""


class _Kept(NamedTuple):
    number: int
    """The newest commit of the project when the answer was asked for."""
    answer: asyncio.Task[Any]


class KeptAnswers:
    """Asks again only what may have another answer by now; used on the event loop alone."""

    def __init__(self, arrivals: Arrivals) -> None:
        self._arrivals = arrivals
        self._kept: OrderedDict[tuple[str, Hashable], _Kept] = OrderedDict()

    async def ask(
        self,
        project_id: str,
        key: Hashable,
        asked: Callable[[], Coroutine[Any, Any, Answer]],
        grown: Callable[[Answer, Came], Coroutine[Any, Any, Answer | None]] | None = None,
    ) -> Answer:
        """The answer to what `key` names; who asks while another waits for it waits for the same.

        It is handed to all who ask: nobody may change it.

        Args:
            project_id: whose rows it is of, and of none but those.
            key: all that the answer depends on beside the rows.
            asked: asks for it. An error is raised to who waits, and not kept.
            grown: makes it of the one that was kept, and of what came since; None where it cannot.
        """
        number = self._arrivals.newest(project_id)
        kept = self._kept.get((project_id, key))
        if kept is None or kept.number != number or _has_failed(kept.answer):
            kept = _Kept(number, asyncio.create_task(self._anew(project_id, kept, asked, grown)))
            self._kept[project_id, key] = kept
        self._kept.move_to_end((project_id, key))
        while len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        # Who leaves must not take the answer from the others.
        return cast(Answer, await asyncio.shield(kept.answer))

    async def _anew(
        self,
        project_id: str,
        kept: _Kept | None,
        asked: Callable[[], Coroutine[Any, Any, Answer]],
        grown: Callable[[Answer, Came], Coroutine[Any, Any, Answer | None]] | None,
    ) -> Answer:
        if kept is not None and grown is not None:
            came = self._arrivals.since(project_id, kept.number)
            await asyncio.wait([kept.answer])
            if came is not None and not _has_failed(kept.answer):
                answer = await grown(kept.answer.result(), came)
                if answer is not None:
                    return answer
        return await asked()


def _has_failed(answer: asyncio.Task[Any]) -> bool:
    return answer.done() and (answer.cancelled() or answer.exception() is not None)
