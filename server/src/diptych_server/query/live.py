"""`GET /api/v1/live`: server-sent events that say when a list may hold something new.

The reader then asks the list.

An event tells that something arrived, never what: the list's own question, with its search and its reader's
rights, is the one place that says what is in it. An event's id is the commit that it tells of, so a reader
that was cut off hears at once when it comes back whether it has missed any.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable

import msgspec

from diptych_server.errors import Unavailable
from diptych_server.store.arrivals import Arrivals, Watch
from diptych_server.wire.explore import Signal

MAX_STREAMS = 200
"""Open at once, of all projects; each is a connection and a task."""

RESERVED_STREAMS = 20
"""Kept for other projects: no project takes them all."""

LEAST_GAP_S = 0.25
"""Between two events of a stream: commits in between are told by the later one."""

HEARTBEAT_S = 2.0
"""Between two signs of life where nothing arrives: how soon a stream ends once its reader may not read."""

RETRY_MS = 2_000
"""When a reader that was cut off comes back."""

_AGENT_SIDE = ("spans", "span_messages", "evaluations")
_BOTH_SIDES = ("rum_events", "replay_segments", *_AGENT_SIDE)

TABLES_OF: dict[Signal, tuple[str, ...]] = {
    "sessions": _BOTH_SIDES,
    "traces": (*_AGENT_SIDE, "rum_events"),
    "spans": _AGENT_SIDE,
    "turns": _BOTH_SIDES,
}
"""Tables whose rows a list is made of. A session's row counts its traces; a trace's tells its session."""

_RUN = secrets.token_hex(4)
"""Numbers of commits start anew with each process: ids of another one say nothing."""

_HEARTBEAT = b": still here\n\n"

IsAllowed = Callable[[], Awaitable[bool]]


class Arrival(msgspec.Struct, kw_only=True):
    """The data of an `arrival` event."""

    signal: Signal


def require_room(arrivals: Arrivals, project_id: str) -> None:
    """Check that one more stream of the project can be opened.

    Raises:
        Unavailable: there are as many as this server keeps open.
    """
    if not _has_room(arrivals, project_id):
        raise Unavailable("as many live streams are open as this server keeps", retry_after_s=30)


async def arrivals_stream(
    arrivals: Arrivals, project_id: str, signal: Signal, last_event_id: str | None, is_allowed: IsAllowed
) -> AsyncIterator[bytes]:
    """The events of a stream, until the reader may not read any more or the server stops.

    Args:
        arrivals: what is stored in this process.
        project_id: the reader's.
        signal: the list that is watched.
        last_event_id: of the last event that the reader has seen; whatever came since is told at once.
        is_allowed: whether the reader may still read; asked before each event.
    """
    if not _has_room(arrivals, project_id):
        return
    tables = TABLES_OF[signal]
    told = b"event: arrival\ndata: " + msgspec.json.encode(Arrival(signal=signal)) + b"\n\n"
    with arrivals.watch(project_id) as watch:
        known = _known(last_event_id, watch.number(tables))
        yield b"retry: %d\nid: %s\nevent: watching\ndata: {}\n\n" % (RETRY_MS, _event_id(known))
        async for number in _numbers(watch, known, tables):
            if arrivals.is_closed or not await is_allowed():
                return
            if number is not None:
                yield b"id: %s\n" % _event_id(number) + told
                await asyncio.sleep(LEAST_GAP_S)
            else:
                yield _HEARTBEAT


async def _numbers(watch: Watch, known: int, tables: tuple[str, ...]) -> AsyncIterator[int | None]:
    """Each new commit's number; None where there was none for a while."""
    while True:
        number = await watch.after(known, tables, HEARTBEAT_S)
        yield number if number > known else None
        known = number


def _has_room(arrivals: Arrivals, project_id: str) -> bool:
    return arrivals.watched < MAX_STREAMS and arrivals.watched_by(project_id) < MAX_STREAMS - RESERVED_STREAMS


def _event_id(number: int) -> bytes:
    return b"%s-%d" % (_RUN.encode(), number)


def _known(last_event_id: str | None, newest: int) -> int:
    """The commit up to which the reader has seen everything; -1: there is something to tell at once."""
    if not last_event_id:
        return newest
    run, _, number = last_event_id.partition("-")
    return int(number) if run == _RUN and number.isdecimal() and len(number) < 16 else -1
