"""What the life of a process does to a queue: the process forks, and it ends."""

from __future__ import annotations

import atexit
import os
import sys
import weakref
from functools import partial
from typing import Any, Protocol

_POOLS = "multiprocessing.util"
"""Its forked processes end by `os._exit`, after finalizers of its own only."""


class Queue(Protocol):
    """What waits to be sent."""

    def after_fork(self) -> None:
        """In a child: begins anew."""

    def before_end(self) -> None:
        """Sends what waits, within the time that the end of a process may take."""

    def at_exit(self) -> None:
        """As `before_end`, and takes nothing more."""


_known: weakref.WeakSet[Queue] = weakref.WeakSet()
"""The queues that `multiprocessing` knows of."""


def watch(queue: Queue) -> None:
    """Tells `queue` of forks of this process and of its end, for as long as somebody else refers to it."""
    weak = weakref.ref(queue)
    os.register_at_fork(after_in_child=partial(_forked, weak))
    atexit.register(_exits, weak)
    _tell_pools(queue)


def _forked(weak: weakref.ref[Queue]) -> None:
    if (queue := weak()) is not None:
        queue.after_fork()
        _tell_pools(queue)  # which may have been imported since; it looks for what is registered after this


def _exits(weak: weakref.ref[Queue]) -> None:
    if (queue := weak()) is not None:
        queue.at_exit()


def _tell_pools(queue: Queue) -> None:
    util: Any = sys.modules.get(_POOLS)
    if util is not None and queue not in _known:
        _known.add(queue)
        util.register_after_fork(queue, _begins)


def _begins(queue: Queue) -> None:
    """In a process of `multiprocessing`, once it has forgotten what its parent was to do at the end."""
    sys.modules[_POOLS].Finalize(None, _ends, args=(weakref.ref(queue),), exitpriority=0)


def _ends(weak: weakref.ref[Queue]) -> None:
    if (queue := weak()) is not None:
        queue.before_end()
