"""The head of a list that ends now is kept, and grows with what comes: it stays what the store would tell."""

import random
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from diptych_server.query.instants import DAY_MS
from diptych_server.store.database import Database
from diptych_server.store.kept_answers import KeptAnswers
from diptych_server.store.kept_things import KeptThings
from diptych_server.store.rows import Row

from .conftest import Ask
from .seeds import NOW_MS, llm, rum, span
from .test_turns import answer, reaction

MS_NS = 1_000_000
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS

LISTS: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
    "sessions": ({}, ("events",)),
    "sessions, the last begun": ({"sort": "first_seen"}, ("events",)),
    "traces": ({}, ("spans",)),
    "turns": ({}, ("spans", "answers", "reaction")),
}
"""What each is asked with, and what it is of."""


def commits(project_id: str, kinds: Sequence[str], seed: int) -> Iterator[list[Row]]:
    """Rows of one table each, of things that go on and of new ones, some of clocks that are ahead."""
    source = random.Random(seed)
    for _ in range(30):
        ago_ms = [source.randrange(-4 * MINUTE_MS, 180 * MINUTE_MS) for _ in range(source.randrange(1, 24))]
        seen_ms = [NOW_MS - each for each in ago_ms]
        match source.choice(kinds):
            case "events":
                yield [
                    rum(project_id, f"e{at}", session_id=f"s{source.randrange(90)}", ts=at) for at in seen_ms
                ]
            case "spans":
                # Most traces are of no LLM kind: the first of them fill no page.
                of_kind = [(source.randrange(200), at) for at in seen_ms]
                yield [
                    span(
                        project_id,
                        f"{at:016x}",
                        trace_id=f"{number:032x}",
                        kind="span" if number % 8 else "llm",
                        start_ns=at * MS_NS,
                    )
                    for number, at in of_kind
                ]
            case "answers":
                yield [
                    answer(project_id, f"a{at}", trace_id=f"{source.randrange(200):032x}", ts=at)
                    for at in seen_ms
                ]
            case "reaction":
                answer_id = f"a{source.randrange(20)}"
                yield [
                    answer(project_id, answer_id, trace_id="", ts=seen_ms[0]),
                    reaction(project_id, "copy", answer_id, ts=seen_ms[-1]),
                ]


def heads(statements: Sequence[str]) -> int:
    """How often the head of a list was asked for."""
    return sum(" AS id, " in sql and " AS at_ms" in sql for sql in statements)


@pytest.mark.parametrize("from_ms", [NOW_MS - HOUR_MS, NOW_MS - DAY_MS], ids=["an hour", "a day"])
@pytest.mark.parametrize("named", LISTS)
async def test_a_list_that_is_asked_again_is_what_it_would_be_asked_anew(
    database: Database, project_id: str, ask: Ask, statements: list[str], named: str, from_ms: int
) -> None:
    path, *_ = named.split(",")
    parameters, kinds = LISTS[named]

    async def told() -> Any:
        found = await ask(path, limit=2, from_=from_ms, **parameters)
        assert found.status_code == 200
        return found.json()["items"]

    asked = 0
    kept, things = database.kept, database.things
    for rows in commits(project_id, kinds, seed=len(named)):
        await database.insert(rows)
        statements.clear()
        grown = await told()
        asked += heads(statements)
        database.kept, database.things = KeptAnswers(database.arrivals), KeptThings(database.arrivals)
        assert grown == await told()
        database.kept, database.things = kept, things
    assert asked == (2 if path == "turns" else 1), "the store is asked for the head of each list only once"


async def test_a_list_that_ended_is_asked_for_each_time(
    database: Database, project_id: str, ask: Ask, statements: list[str]
) -> None:
    for at in (NOW_MS - 5_000, NOW_MS - 4_000, NOW_MS - 3_000):
        await database.insert([llm(project_id, "1" * 16, trace_id=f"{at:032x}", start_ns=at * MS_NS)])
        found = (await ask("traces", to=NOW_MS - 3_500)).json()["items"]
        assert found[0]["trace_id"] == f"{min(at, NOW_MS - 4_000):032x}"
    assert heads(statements) == 3
