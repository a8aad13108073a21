"""What a reader asks wrongly is answered with what was expected, what came and where."""

import pytest

from diptych_server.errors import BadRequest
from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import DAY_MS, Period, parse_instant
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import deliver, rum

LISTS = (("sessions",), ("sessions", "s1", "events"), ("sessions", "s1", "traces"), ("traces",), ("spans",))


@pytest.mark.parametrize("path", [*LISTS, ("evaluations",)], ids="/".join)
@pytest.mark.parametrize("limit", ["0", "1001", "many"])
async def test_a_limit_out_of_bounds_is_refused(ask: Ask, path: tuple[str, ...], limit: str) -> None:
    answer = await ask(*path, limit=limit)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["where"] == "limit"


@pytest.mark.parametrize("path", [*LISTS, ("evaluations",)], ids="/".join)
@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "gA", "ü"])
async def test_a_cursor_that_is_none_is_refused(ask: Ask, path: tuple[str, ...], cursor: str) -> None:
    answer = await ask(*path, cursor=cursor)
    assert answer.status_code == 400
    assert answer.json()["where"] == "cursor"
    assert "expected the `next_cursor`" in answer.json()["detail"]
    assert f"got {cursor!r}" in answer.json()["detail"]


async def test_a_cursor_fits_its_own_list_and_order_only(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(database, [rum(project_id, name, session_id=name) for name in "ab"])
    cursor = (await ask("sessions", limit=1)).json()["next_cursor"]
    assert (await ask("sessions", limit=1, cursor=cursor)).status_code == 200
    assert (await ask("sessions", limit=1, cursor=cursor, order="asc")).status_code == 400
    assert (await ask("sessions", limit=1, cursor=cursor, sort="duration")).status_code == 400
    assert (await ask("traces", cursor=cursor)).status_code == 400


@pytest.mark.parametrize("moment", ["yesterday", "2026-11-22T10:00:00", "-5", "99999999999999", "٣"])
async def test_a_time_that_is_none_is_refused(ask: Ask, moment: str) -> None:
    answer = await ask("sessions", from_=moment)
    assert answer.status_code == 400
    assert answer.json()["where"] == "from"
    assert f"got {moment!r}" in answer.json()["detail"]


async def test_an_end_before_the_start_is_refused(ask: Ask) -> None:
    answer = await ask("traces", from_="2026-11-22T10:00:00Z", to="2026-11-22T09:00:00Z")
    assert (answer.status_code, answer.json()["where"]) == (400, "to")


@pytest.mark.parametrize("name", ["sort", "order"])
async def test_an_order_that_is_none_is_refused(ask: Ask, name: str) -> None:
    answer = await ask("sessions", **{name: "sideways"})
    assert (answer.status_code, answer.json()["where"]) == (400, name)


def test_a_time_is_rfc_3339_with_its_offset_or_epoch_milliseconds() -> None:
    ten = 1_795_341_600_000
    assert parse_instant("2026-11-22T10:00:00Z", "from") == ten
    assert parse_instant("2026-11-22T11:00:00.250+01:00", "from") == ten + 250
    assert parse_instant(str(ten), "from") == ten


def test_a_range_without_a_start_is_a_day_long() -> None:
    assert Period.of(None, "2026-11-22T10:00:00Z", now_ms=1_900_000_000_000) == (
        1_795_341_600_000 - DAY_MS,
        1_795_341_600_000,
    )


def test_a_cursor_comes_back_as_it_went() -> None:
    cursor = Cursor("traces:start:desc", -(2**63), ("ü/é", ""))
    assert Cursor.decode(cursor.encode(), "traces:start:desc", id_count=2) == cursor
    with pytest.raises(BadRequest, match="next_cursor"):
        Cursor.decode(cursor.encode(), "traces:start:desc")
