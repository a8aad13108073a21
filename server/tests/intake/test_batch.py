"""Group commit: answered after it is stored, few inserts, and one bad request fails alone."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import pytest

from diptych_server.errors import RowsRefused, Unavailable
from diptych_server.intake.batch import ENOUGH_ROWS, REST_SHARE, Batch
from diptych_server.store.database import Database
from diptych_server.store.rows import EvaluationRow, Row, RumEventRow, SpanRow

NOW_MS = time.time_ns() // 1_000_000


class Watched:
    """The real engine, with a count of its inserts and a gate that holds them back."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.inserts: list[int] = []
        self.running = 0
        self.most_running = 0
        self.is_open = asyncio.Event()
        self.is_open.set()
        self.failure: Exception | None = None

    @property
    def is_asked(self) -> bool:
        """As Database.is_asked."""
        return self._database.is_asked

    async def insert(self, rows: Sequence[Row]) -> None:
        """As Database.insert."""
        self.inserts.append(len(rows))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.is_open.wait()
            if self.failure is not None:
                raise self.failure
            await self._database.insert(rows)
        finally:
            self.running -= 1


@pytest.fixture
async def watched(database: Database) -> Watched:
    """The run's engine, watched."""
    return Watched(database)


def batch_of(watched: Watched, **options: Any) -> Batch:
    return Batch(watched, **options)  # type: ignore[arg-type] # has what Batch needs


def spans(project_id: str, count: int, first: int = 0, **changes: Any) -> list[SpanRow]:
    row = SpanRow(
        project_id=project_id,
        trace_id="t",
        span_id="",
        parent_id="",
        precedence=1,
        start_ns=NOW_MS * 1_000_000,
        duration_ns=1,
        seen_at=NOW_MS,
        received_at=NOW_MS,
        retention_days=30,
        name="work",
    )
    return [row._replace(span_id=f"{number}", **changes) for number in range(first, first + count)]


async def stored(database: Database, project_id: str) -> int:
    sql = "SELECT count() AS spans FROM spans WHERE project_id = {p:String}"
    (row,) = await database.query(sql, {"p": project_id})
    return int(row["spans"])


async def test_rows_are_stored_when_add_returns(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched)
    await batch.add(spans(project_id, 3))
    assert await stored(database, project_id) == 3
    assert watched.inserts == [3]


async def test_requests_that_wait_together_are_stored_together(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched)
    await asyncio.gather(*(batch.add(spans(project_id, 10, number * 10)) for number in range(50)))
    assert sum(watched.inserts) == 500
    assert len(watched.inserts) <= 2
    assert watched.most_running == 1


async def test_a_lone_request_waits_for_company_but_not_long(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched, company_wait_s=0.05)
    began_s = time.monotonic()
    first = asyncio.create_task(batch.add(spans(project_id, 1)))
    await asyncio.sleep(0.01)
    assert watched.inserts == []
    await batch.add(spans(project_id, 1, 1))
    await first
    assert watched.inserts == [2], "the second one starts the commit"
    assert time.monotonic() - began_s < 5


async def test_rows_that_come_during_a_commit_go_into_the_next(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched, company_wait_s=0)
    watched.is_open.clear()
    adding = [asyncio.create_task(batch.add(spans(project_id, 1, number))) for number in range(2)]
    await asyncio.sleep(0.05)
    adding += [asyncio.create_task(batch.add(spans(project_id, 1, number))) for number in range(2, 30)]
    await asyncio.sleep(0.05)
    watched.is_open.set()
    await asyncio.gather(*adding)
    assert watched.inserts == [2, 28]


async def test_those_whose_rows_were_stored_have_their_next_rows_in_the_next_commit(
    watched: Watched, project_id: str
) -> None:
    batch = batch_of(watched, company_wait_s=0)

    async def client(number: int) -> None:
        for turn in range(2):
            await batch.add(spans(project_id, 1, 10 * number + turn))

    watched.is_open.clear()
    clients = [asyncio.create_task(client(number)) for number in range(2)]
    await asyncio.sleep(0.05)
    clients += [asyncio.create_task(client(number)) for number in range(2, 4)]
    await asyncio.sleep(0.05)
    watched.is_open.set()
    await asyncio.gather(*clients)
    assert watched.inserts == [2, 4, 2]


async def test_so_many_rows_that_they_are_worth_it_are_made_ready_while_a_commit_is_stored(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched, company_wait_s=0)
    watched.is_open.clear()
    adding = [asyncio.create_task(batch.add(spans(project_id, 1)))]
    await asyncio.sleep(0.05)
    for number in range(2):
        adding.append(
            asyncio.create_task(batch.add(spans(project_id, ENOUGH_ROWS, 1 + number * ENOUGH_ROWS)))
        )
        await asyncio.sleep(0.05)
    assert watched.inserts == [1, ENOUGH_ROWS], "one is stored, one is made ready, the third waits"
    watched.is_open.set()
    await asyncio.gather(*adding)
    assert watched.most_running == 2
    assert await stored(database, project_id) == 1 + 2 * ENOUGH_ROWS


async def test_when_all_who_were_answered_are_back_nothing_is_waited_for(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched, company_wait_s=0)
    watched.is_open.clear()

    async def client(number: int) -> None:
        for turn in range(2):
            await batch.add(spans(project_id, 1, 10 * number + turn))

    clients = [asyncio.create_task(client(number)) for number in range(3)]
    await asyncio.sleep(4)
    watched.is_open.set()
    began_s = time.monotonic()
    await asyncio.gather(*clients)
    assert time.monotonic() - began_s < REST_SHARE * 4, "so long it would wait for others, after that commit"
    assert watched.inserts == [3, 3]


async def test_while_someone_waits_for_an_answer_rows_wait_for_each_other(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched, company_wait_s=0)
    asked = asyncio.create_task(database.query("SELECT sleep(2)"))
    await batch.add(spans(project_id, 1))
    adding = []
    for number in range(1, 11):
        adding.append(asyncio.create_task(batch.add(spans(project_id, 1, number))))
        await asyncio.sleep(0.01)
    await asyncio.gather(*adding)
    assert not asked.done()
    assert watched.inserts == [1, 10]
    await asked


async def test_so_many_rows_that_they_cost_more_than_their_commit_wait_for_no_answer(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched, company_wait_s=0, rest_while_asked_s=600)
    asked = asyncio.create_task(database.query("SELECT sleep(2)"))
    await batch.add(spans(project_id, 1))
    await asyncio.wait_for(batch.add(spans(project_id, ENOUGH_ROWS, 1)), timeout=60)
    assert watched.inserts == [1, ENOUGH_ROWS]
    await asked
    await batch.close()


async def test_a_commit_has_a_size_and_a_larger_request_goes_whole(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched, commit_rows=100)
    await asyncio.gather(*(batch.add(spans(project_id, 40, number * 40)) for number in range(6)))
    assert watched.inserts == [80, 80, 80]
    await batch.add(spans(project_id, 250, 1_000))
    assert watched.inserts[-1] == 250


async def test_tables_do_not_wait_for_each_other(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched, company_wait_s=0)
    watched.is_open.clear()
    span = asyncio.create_task(batch.add(spans(project_id, 1)))
    event = RumEventRow(
        project_id, "e", 1, "view", NOW_MS, NOW_MS, NOW_MS, None, 30, "app", "session", "view"
    )
    rum = asyncio.create_task(batch.add([event]))
    await asyncio.sleep(0.1)
    assert watched.running == 2
    watched.is_open.set()
    await asyncio.gather(span, rum)


async def test_a_bad_request_fails_alone(watched: Watched, database: Database, project_id: str) -> None:
    batch = batch_of(watched)
    requests = [spans(project_id, 2, number * 2) for number in range(5)]
    requests[2] = spans(project_id, 2, 4, input_tokens="many")
    results = await asyncio.gather(*(batch.add(rows) for rows in requests), return_exceptions=True)
    assert isinstance(results[2], RowsRefused)
    assert [result for number, result in enumerate(results) if number != 2] == [None] * 4
    assert await stored(database, project_id) == 8


async def test_a_full_store_is_unavailable_to_all_and_recovers_by_itself(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched)
    watched.failure = Unavailable("the disk is full", retry_after_s=5)
    results = await asyncio.gather(
        *(batch.add(spans(project_id, 1, number)) for number in range(3)), return_exceptions=True
    )
    assert all(isinstance(result, Unavailable) for result in results)
    assert len(watched.inserts) == 1, "it is not tried again request by request"
    watched.failure = None
    await batch.add(spans(project_id, 3))
    assert await stored(database, project_id) == 3


async def test_the_queue_is_bounded(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched, waiting_rows=100, company_wait_s=0)
    watched.is_open.clear()
    running = [asyncio.create_task(batch.add(spans(project_id, 10, number * 10))) for number in range(2)]
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(batch.add(spans(project_id, 50, number * 50))) for number in range(2)]
    await asyncio.sleep(0.05)
    with pytest.raises(Unavailable, match="too many rows wait") as refused:
        await batch.add(spans(project_id, 1))
    assert refused.value.retry_after_s == 1
    watched.is_open.set()
    await asyncio.gather(*running, *waiting)
    await batch.add(spans(project_id, 1))


async def test_close_stores_what_waits_and_takes_no_more(
    watched: Watched, database: Database, project_id: str
) -> None:
    batch = batch_of(watched, company_wait_s=60)
    waiting = asyncio.create_task(batch.add(spans(project_id, 7)))
    await asyncio.sleep(0.01)
    await batch.close()
    await waiting
    assert await stored(database, project_id) == 7
    with pytest.raises(Unavailable, match="stopping"):
        await batch.add(spans(project_id, 1))


async def test_a_sender_that_does_not_wait_any_more_harms_nobody(watched: Watched, project_id: str) -> None:
    batch = batch_of(watched, company_wait_s=0.01)
    gone = asyncio.create_task(batch.add(spans(project_id, 1)))
    await asyncio.sleep(0)
    gone.cancel()
    await batch.add(spans(project_id, 1, 1))
    assert sum(watched.inserts) == 2


async def test_no_rows_are_no_insert(watched: Watched) -> None:
    batch = batch_of(watched)
    no_rows: list[EvaluationRow] = []
    await batch.add(no_rows)
    assert watched.inserts == []
