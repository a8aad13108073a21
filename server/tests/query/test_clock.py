"""How far a page's clock is off, from its batches and from requests that a span answers."""

from typing import Any

import pytest

from diptych_server.query.clock import Bounds, session_clocks
from diptych_server.query.page import WINDOW_MS, read_page
from diptych_server.store.database import Database
from diptych_server.store.rows import RumEventRow, SpanRow, first_wins
from diptych_server.wire.answers import Clock

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, ROOT, TRACE, deliver, llm, resource, rum, segment, span

MS_NS = 1_000_000

WINDOW_START_MS = ASKED_MS // WINDOW_MS * WINDOW_MS

YEAR_MS = 365 * 86_400_000


async def clock_of(ask: Ask) -> dict[str, Any]:
    clock: dict[str, Any] = (await ask("sessions", "s1", "replay")).json()["clock"]
    return clock


async def test_the_quickest_batch_bounds_the_offset_from_above(
    database: Database, project_id: str, ask: Ask
) -> None:
    offsets = (None, 7_300, 7_040, 9_000)
    await deliver(
        database,
        [rum(project_id, f"click-{number}", clock_offset_ms=offset) for number, offset in enumerate(offsets)]
        + [segment(project_id, 0, clock_offset_ms=7_050)],
    )
    assert await clock_of(ask) == {"offset_ms": 7_040.0, "error_ms": None}


async def test_a_segment_counts_as_a_batch(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(
        database, [rum(project_id, "click", clock_offset_ms=400), segment(project_id, 0, clock_offset_ms=300)]
    )
    assert await clock_of(ask) == {"offset_ms": 300.0, "error_ms": None}


@pytest.mark.parametrize("skew_ms", [0, 7_000, -7_000, YEAR_MS])
async def test_a_request_that_a_span_answers_bounds_it_from_both_sides(
    database: Database, project_id: str, ask: Ask, skew_ms: int
) -> None:
    # The request takes 400 ms; its span begins 40 ms after its start and ends 25 ms before its end.
    page_ms = ASKED_MS - skew_ms
    await deliver(
        database,
        [
            resource(project_id, "chat", ts=page_ms, clock_offset_ms=skew_ms + 90, seen_at=ASKED_MS),
            span(
                project_id,
                parent_id="e" * 16,
                start_ns=(ASKED_MS + 40) * MS_NS,
                duration_ns=335 * MS_NS,
            ),
            llm(project_id, "c" * 16, start_ns=(ASKED_MS + 60) * MS_NS, duration_ns=100 * MS_NS),
        ],
    )
    clock = await clock_of(ask)
    assert clock == {"offset_ms": skew_ms + (40 - 25) / 2, "error_ms": (40 + 25) / 2}
    assert abs(clock["offset_ms"] - skew_ms) <= clock["error_ms"]
    trace = (await ask("traces", TRACE)).json()
    assert trace["clock"] == clock
    assert trace["sessions"][0]["replay_at"] == page_ms


async def test_a_span_that_outlives_its_request_bounds_it_weakly(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            resource(project_id, "chat", clock_offset_ms=90),
            span(project_id, parent_id="e" * 16, start_ns=(ASKED_MS + 40) * MS_NS, duration_ns=5_000 * MS_NS),
        ],
    )
    # Above: it began 40 ms after it was asked. Below: it began before the answer was complete.
    assert await clock_of(ask) == {"offset_ms": (40 + 40 - 400) / 2, "error_ms": 200.0}


async def test_a_server_clock_that_contradicts_the_batches_is_left_out(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            resource(project_id, "chat", clock_offset_ms=90),
            span(project_id, parent_id="e" * 16, start_ns=(ASKED_MS + 60_000) * MS_NS),
        ],
    )
    assert await clock_of(ask) == {"offset_ms": 90.0, "error_ms": None}


async def test_each_tab_and_ten_minutes_have_a_clock_of_their_own(
    database: Database, project_id: str
) -> None:
    moments = {
        ("one", WINDOW_START_MS): 100,
        ("one", WINDOW_START_MS + WINDOW_MS): 200,
        ("two", WINDOW_START_MS): 300,
    }
    await deliver(
        database,
        [
            rum(project_id, f"{tab}-{at}", tab_id=tab, ts=at + 1, clock_offset_ms=offset)
            for (tab, at), offset in moments.items()
        ],
    )
    clocks = await session_clocks(database, project_id, await read_page(database, project_id, "s1"), [])
    for (tab, at), offset in moments.items():
        assert clocks.at(tab, at) == Clock(offset_ms=offset, error_ms=None)
    # The nearest window of the tab; for a tab that nothing is known of, the best of the session.
    assert clocks.at("one", WINDOW_START_MS + 5 * WINDOW_MS) == Clock(offset_ms=200, error_ms=None)
    assert clocks.at("three", WINDOW_START_MS) == clocks.of_session() == Clock(offset_ms=100, error_ms=None)


async def test_a_delivery_that_came_twice_counts_as_the_first(
    database: Database, project_id: str, ask: Ask
) -> None:
    first = rum(project_id, "click", clock_offset_ms=80, precedence=first_wins(NOW_MS))
    again = first._replace(clock_offset_ms=10, precedence=first_wins(NOW_MS + 60_000))
    await deliver(database, [again, first])
    assert await clock_of(ask) == {"offset_ms": 80.0, "error_ms": None}


async def test_another_projects_batches_and_spans_say_nothing(
    database: Database, project_id: str, ask: Ask
) -> None:
    other = f"{project_id}-other"
    theirs: list[RumEventRow | SpanRow] = [
        rum(other, "click", clock_offset_ms=1),
        span(other, ROOT, parent_id="e" * 16),
    ]
    await deliver(database, [resource(project_id, "chat", clock_offset_ms=90), *theirs])
    assert await clock_of(ask) == {"offset_ms": 90.0, "error_ms": None}


def test_without_a_bound_from_above_there_is_no_clock() -> None:
    assert Bounds(upper=[], lower=[5.0]).clock() is None
