"""Things that are read by their ids: once, and anew as soon as something of them has arrived."""

from collections.abc import Awaitable, Callable, Collection

import pytest

from diptych_server.store import kept_things
from diptych_server.store.came import MOST_REMEMBERED
from diptych_server.store.database import Database
from diptych_server.store.rows import RumEventRow

from .test_database import rum_event


class Answers:
    """The pages of a project's answers, and what was read of the store for them."""

    def __init__(self, database: Database, project_id: str, row_count: Callable[[str], int] = len) -> None:
        self.read: list[set[str]] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        """What happens while they are read."""
        self._database = database
        self._project_id = project_id
        self._row_count = row_count

    async def of(self, *ids: str) -> dict[str, str]:
        return await self._database.things.read(
            self._project_id, "pages", ids, self._read, lambda came: came.answer_ids, self._row_count
        )

    async def _read(self, ids: Collection[str]) -> dict[str, str]:
        self.read.append(set(ids))
        rows = await self._database.query(
            """
            SELECT event_id, max(view_url) AS page FROM rum_events
            WHERE project_id = {project:String} AND event_id IN {ids:Array(String)} GROUP BY event_id
            """,
            {"project": self._project_id, "ids": sorted(ids)},
        )
        if self.meanwhile is not None:
            await self.meanwhile()
        return {row["event_id"]: row["page"] for row in rows}


@pytest.fixture
def answers(database: Database, project_id: str) -> Answers:
    return Answers(database, project_id)


def an_answer(project_id: str, event_id: str, page: str = "/a") -> RumEventRow:
    return rum_event(project_id, event_id)._replace(type="answer", view_url=page)


async def test_only_what_was_not_read_before_is_read(
    database: Database, project_id: str, answers: Answers
) -> None:
    await database.insert([an_answer(project_id, each) for each in ("one", "two", "three")])
    assert await answers.of("one", "two") == {"one": "/a", "two": "/a"}
    assert await answers.of("two", "three") == {"two": "/a", "three": "/a"}
    assert await answers.of("one") == {"one": "/a"}
    assert answers.read == [{"one", "two"}, {"three"}]


async def test_what_rows_came_of_is_read_anew(database: Database, project_id: str, answers: Answers) -> None:
    await database.insert([an_answer(project_id, each) for each in ("one", "two")])
    await answers.of("one", "two")
    await database.insert([an_answer(project_id, "one", "/b")])
    await database.insert([an_answer(f"{project_id} beside", "two", "/b")])
    assert await answers.of("one", "two") == {"one": "/b", "two": "/a"}
    assert answers.read == [{"one", "two"}, {"one"}]


async def test_what_there_is_not_may_come(database: Database, project_id: str, answers: Answers) -> None:
    for _ in range(2):
        assert await answers.of("late") == {}
    assert answers.read == [{"late"}]
    await database.insert([an_answer(project_id, "late")])
    assert await answers.of("late") == {"late": "/a"}


async def test_what_came_while_it_was_read_is_read_again(
    database: Database, project_id: str, answers: Answers
) -> None:
    await database.insert([an_answer(project_id, each) for each in ("one", "two")])

    async def one_comes() -> None:
        await database.insert([an_answer(project_id, "one", "/b")])

    answers.meanwhile = one_comes
    assert await answers.of("one", "two") == {"one": "/a", "two": "/a"}
    answers.meanwhile = None
    assert await answers.of("one", "two") == {"one": "/b", "two": "/a"}
    assert answers.read == [{"one", "two"}, {"one"}]


async def test_all_is_read_anew_where_more_came_than_is_remembered(
    database: Database, project_id: str, answers: Answers
) -> None:
    await database.insert([an_answer(project_id, each) for each in ("one", "two")])
    await answers.of("one", "two")
    await database.insert([an_answer(project_id, f"{number}") for number in range(MOST_REMEMBERED + 1)])
    await answers.of("one", "two")
    assert answers.read == [{"one", "two"}, {"one", "two"}]


async def test_what_was_read_long_ago_is_read_anew(
    database: Database, project_id: str, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    await database.insert([an_answer(project_id, "one")])
    await answers.of("one")
    monkeypatch.setattr(kept_things, "MAX_AGE_S", 0.0)
    await answers.of("one")
    assert answers.read == [{"one"}, {"one"}], "its rows may have expired"


async def test_an_error_is_raised_and_nothing_kept(
    database: Database, project_id: str, answers: Answers
) -> None:
    async def failing() -> None:
        raise TimeoutError

    answers.meanwhile = failing
    with pytest.raises(TimeoutError):
        await answers.of("one")
    answers.meanwhile = None
    await database.insert([an_answer(project_id, "one")])
    assert await answers.of("one") == {"one": "/a"}


@pytest.mark.parametrize(("most_rows", "row_count"), [(4, 2), (2, 0)], ids=["rows", "none, which is one"])
async def test_of_many_rows_the_latest_are_kept(
    database: Database, project_id: str, monkeypatch: pytest.MonkeyPatch, most_rows: int, row_count: int
) -> None:
    monkeypatch.setattr(kept_things, "MOST_ROWS", most_rows)
    answers = Answers(database, project_id, lambda page: row_count)
    await database.insert([an_answer(project_id, each) for each in ("one", "two", "three")])
    for each in ("one", "two", "one", "three", "one", "two"):
        await answers.of(each)
    assert answers.read == [{"one"}, {"two"}, {"three"}, {"two"}], "two was wanted longest ago"


async def test_what_there_is_no_room_for_pushes_nothing_out(
    database: Database, project_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_things, "MOST_ROWS", 4)
    answers = Answers(database, project_id, lambda page: 2)
    await database.insert([an_answer(project_id, each) for each in ("one", "two", "three", "four")])
    for ids in (("one",), ("two", "three", "four"), ("one",), ("two",)):
        await answers.of(*ids)
    assert answers.read == [{"one"}, {"two", "three", "four"}, {"two"}]


async def test_of_many_kinds_the_latest_are_kept(
    database: Database, project_id: str, answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_things, "MOST_KINDS", 1)
    beside = Answers(database, f"{project_id} beside")
    await database.insert([an_answer(project_id, "one")])
    await answers.of("one")
    await beside.of("one")
    await database.insert([an_answer(project_id, "one", "/b")])
    assert await answers.of("one") == {"one": "/b"}, "what was known of a forgotten kind is not found again"
