"""Answers that hold until rows arrive: asked once, and anew as soon as another may be right."""

import asyncio

import pytest

from diptych_server.store.came import MOST_REMEMBERED, Came
from diptych_server.store.database import Database
from diptych_server.store.kept_answers import MAX_KEPT
from diptych_server.store.rows import RumEventRow

from .test_database import rum_event


class Counting:
    """Counts the events of a project, and how often it was asked to."""

    def __init__(self, database: Database, project_id: str) -> None:
        self.asked = 0
        self._database = database
        self._project_id = project_id

    async def __call__(self) -> int:
        self.asked += 1
        [row] = await self._database.query(
            "SELECT count() AS found FROM rum_events WHERE project_id = {p:String}", {"p": self._project_id}
        )
        return int(row["found"])


async def test_an_answer_is_asked_for_once_until_rows_arrive(database: Database, project_id: str) -> None:
    count = Counting(database, project_id)
    for found in range(3):
        assert [await database.kept.ask(project_id, "count", count) for _ in range(2)] == [found, found]
        assert count.asked == found + 1
        await database.insert([rum_event(project_id, f"event {found}")])


async def test_rows_of_another_project_change_nothing(database: Database, project_id: str) -> None:
    count = Counting(database, project_id)
    await database.kept.ask(project_id, "count", count)
    await database.insert([rum_event(f"{project_id} beside", "event")])
    await database.kept.ask(project_id, "count", count)
    assert count.asked == 1


async def test_who_asks_meanwhile_waits_for_the_same_answer(database: Database, project_id: str) -> None:
    count = Counting(database, project_id)
    first, *others = (asyncio.create_task(database.kept.ask(project_id, "count", count)) for _ in range(4))
    await asyncio.sleep(0)
    first.cancel()
    assert await asyncio.gather(*others) == [0, 0, 0]
    assert count.asked == 1


async def test_an_error_is_raised_and_not_kept(database: Database, project_id: str) -> None:
    async def failing() -> int:
        raise TimeoutError

    count = Counting(database, project_id)
    with pytest.raises(TimeoutError):
        await database.kept.ask(project_id, "count", failing)
    assert await database.kept.ask(project_id, "count", count) == 0


class Events:
    """The ids of a project's answers, asked for or grown."""

    def __init__(self, database: Database, project_id: str) -> None:
        self.asked = 0
        self._database = database
        self._project_id = project_id

    async def ids(self) -> set[str]:
        return await self._database.kept.ask(self._project_id, "ids", self._asked, self._grown)

    async def _asked(self) -> set[str]:
        self.asked += 1
        rows = await self._database.query(
            "SELECT event_id FROM rum_events WHERE project_id = {p:String}", {"p": self._project_id}
        )
        return {row["event_id"] for row in rows}

    async def _grown(self, known: set[str], came: Came) -> set[str] | None:
        return None if "last" in came.answer_ids else known | came.answer_ids


def an_answer(project_id: str, event_id: str) -> RumEventRow:
    return rum_event(project_id, event_id)._replace(type="answer")


async def test_an_answer_grows_with_what_came_since(database: Database, project_id: str) -> None:
    events = Events(database, project_id)
    await database.insert([an_answer(project_id, "first")])
    assert await events.ids() == {"first"}
    for event_id in ("second", "third"):
        await database.insert([an_answer(project_id, event_id)])
    await database.insert([an_answer(f"{project_id} beside", "of another project")])
    assert await events.ids() == {"first", "second", "third"}
    assert events.asked == 1


async def test_where_it_cannot_grow_it_is_asked_for_anew(database: Database, project_id: str) -> None:
    events = Events(database, project_id)
    assert await events.ids() == set()
    await database.insert([an_answer(project_id, "last")])
    assert await events.ids() == {"last"}
    assert events.asked == 2
    many = [an_answer(project_id, f"{number}") for number in range(MOST_REMEMBERED + 1)]
    await database.insert(many)
    assert len(await events.ids()) == len(many) + 1
    assert events.asked == 3, "more came than is remembered"


async def test_of_many_questions_the_latest_are_kept(database: Database, project_id: str) -> None:
    count = Counting(database, project_id)
    for key in (*range(MAX_KEPT + 1), MAX_KEPT):
        await database.kept.ask(project_id, key, count)
    assert count.asked == MAX_KEPT + 1
    await database.kept.ask(project_id, 0, count)
    assert count.asked == MAX_KEPT + 2
