"""What must be known of a period before traces or turns can be asked for in one statement.

Of both: which things are several rows of their roll-up (`query.roll_up_rows`). Of turns also which halves
are led to each other otherwise than by an id (`query.led_halves`), and which may hold a word.

All of it depends on the hours of a period alone, and is kept. Where rows arrived since, what they may have
changed is added, if that can be known of the rows; else it is asked anew.
"""

import asyncio
from collections.abc import Set as AbstractSet

from diptych_server.query.led_halves import LedHalves, led_halves
from diptych_server.query.matching import Question
from diptych_server.query.roll_up_rows import RolledUp, in_several_rows
from diptych_server.query.search import search_of
from diptych_server.query.search.sources import ROLLED_UP
from diptych_server.query.turn_rows import WINDOW
from diptych_server.query.turn_words import MANY, Few, few_with, with_what_came
from diptych_server.store.came import Came
from diptych_server.store.database import Database


async def prepared(database: Database, question: Question) -> Question:
    """The question, with what its statement binds.

    Raises:
        BadRequest: the query is malformed.
    """
    question = question._replace(lacked=await database.traits.lacked(question.project_id))
    if question.signal == "traces":
        return await _of_traces(database, question)
    return await _of_turns(database, question) if question.signal == "turns" else question


async def prepared_felt(database: Database, question: Question) -> Question:
    """The same of turns that are asked about their page's half alone (`Question.rows` with `is_felt`)."""
    return question._replace(known=await _several(database, question, "answers", WINDOW))


async def _of_traces(database: Database, question: Question) -> Question:
    if search_of(question.query, "traces").where:
        return question
    return question._replace(known=await _several(database, question, "traces", ROLLED_UP))


async def _of_turns(database: Database, question: Question) -> Question:
    if tokens := search_of(question.query, "turns").tokens:
        halves = await led_halves(database, question)
        # The longest is found least often.
        if (few := await _few(database, question, halves, max(tokens, key=len))) is not None:
            return question._replace(known={**halves.known, **few.parameters}, is_few=True)
    halves, traces, answers = await asyncio.gather(
        led_halves(database, question),
        _several(database, question, "traces", WINDOW),
        _several(database, question, "answers", WINDOW),
    )
    return question._replace(known={**traces, **answers, **halves.known}, has_apm=halves.has_apm)


async def _few(database: Database, question: Question, halves: LedHalves, word: str) -> Few | None:
    """The only halves of turns that may hold the word, where these are few."""
    if halves.has_apm:
        return None
    bounds, by_time = question.bounds, halves.by_time
    few = await database.kept.ask(
        question.project_id,
        ("few turns", word, question.period.hours),
        lambda: few_with(database, bounds, word, by_time),
        lambda known, came: with_what_came(database, bounds, word, by_time, known, came),
    )
    return None if few is MANY else few


async def _several(
    database: Database, question: Question, table: RolledUp, window: str
) -> dict[str, list[int]]:
    def ids(came: Came) -> AbstractSet[str]:
        return came.trace_ids if table == "traces" else came.answer_ids | came.reacted_ids

    several = await database.kept.ask(
        question.project_id,
        (table, window, question.period.hours),
        lambda: in_several_rows(database, table, window, question.bounds),
        lambda known, came: known.with_these(database, ids(came)),
    )
    return {f"several_{table}": several.hashes}
