"""What must be known of a period before traces or turns can be asked for in one statement.

Of both: which things are several rows of their roll-up (`query.roll_up_rows`). Of turns also what SQL cannot
do, or not at a bearable price: halves that no id joins are matched in Python, in the sessions that have any.

All of it depends on the hours of a period alone, and is kept until rows arrive.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from diptych_server.query.matching import Question
from diptych_server.query.roll_up_rows import RolledUp, in_several_rows
from diptych_server.query.search import search_of
from diptych_server.query.search.sources import ROLLED_UP
from diptych_server.query.turn_halves import joined_by_time_of
from diptych_server.query.turn_rows import (
    WINDOW,
    answers_that_mean,
    lone_answers,
    traces_meant_twice,
)
from diptych_server.query.turn_words import Few, few_with
from diptych_server.store.database import Database
from diptych_server.store.traits import APM_TRACES

MAX_SESSIONS = 500
"""Sessions with lone halves that are matched for one search, the newest; halves of the others stand alone."""

MAX_LONE_SESSIONS = 5_000
"""Sessions with lone answers that are looked at for such, the newest: agents of some pages tell nothing."""


class LedHalves(NamedTuple):
    """Which answers are led to a trace otherwise than by the id that they tell."""

    known: dict[str, list[str]]
    """`later_answers`, which mean a trace that another has, and `time_answers` with their `time_traces`."""
    has_apm: bool


async def prepared(database: Database, question: Question) -> Question:
    """The question, with what its statement binds.

    Raises:
        BadRequest: the query is malformed.
    """
    question = question._replace(lacked=await database.traits.lacked(question.project_id))
    if question.signal == "traces":
        return await _of_traces(database, question)
    return await _of_turns(database, question) if question.signal == "turns" else question


async def _of_traces(database: Database, question: Question) -> Question:
    if search_of(question.query, "traces").where:
        return question
    return question._replace(known=await _several(database, question, "traces", ROLLED_UP))


async def _of_turns(database: Database, question: Question) -> Question:
    halves, few = await _few_turns(database, question)
    if few is not None:
        return question._replace(known={**halves.known, **few.parameters}, is_few=True)
    traces, answers = await asyncio.gather(
        _several(database, question, "traces", WINDOW), _several(database, question, "answers", WINDOW)
    )
    return question._replace(known={**traces, **answers, **halves.known}, has_apm=halves.has_apm)


async def _few_turns(database: Database, question: Question) -> tuple[LedHalves, Few | None]:
    """With the only ones that a search may find, where it asks for a word."""
    halves = await led_halves(database, question)
    tokens = search_of(question.query, "turns").tokens
    if not tokens or halves.has_apm:
        return halves, None
    # The longest is found least often.
    word = max(tokens, key=len)
    by_time = dict(zip(halves.known["time_answers"], halves.known["time_traces"], strict=True))
    few = await database.kept.ask(
        question.project_id,
        ("few turns", word, question.period.hours),
        lambda: few_with(database, question.bounds, word, by_time),
    )
    return halves, few


async def _several(
    database: Database, question: Question, table: RolledUp, window: str
) -> dict[str, list[int]]:
    return await database.kept.ask(
        question.project_id,
        (table, window, question.period.hours),
        lambda: in_several_rows(database, table, window, question.bounds),
    )


async def led_halves(database: Database, question: Question) -> LedHalves:
    """Those in and around the period."""
    return await database.kept.ask(
        question.project_id, ("led halves", question.period.hours), lambda: _led_halves(database, question)
    )


async def _led_halves(database: Database, question: Question) -> LedHalves:
    project_id, bounds = question.project_id, question.bounds
    has_apm = await database.traits.has(project_id, APM_TRACES)
    later, newest_ms = await asyncio.gather(
        _later_answers(database, bounds, has_apm), _lone_sessions(database, bounds, has_apm)
    )
    for row in later:
        newest_ms[row["session_id"]] = max(row["seen_ms"], newest_ms.get(row["session_id"], 0))
    sessions = sorted(newest_ms, key=lambda each: (-newest_ms[each], each))[:MAX_SESSIONS]
    by_time, _ = await joined_by_time_of(database, project_id, sessions)
    return LedHalves(
        {
            "later_answers": [row["answer_id"] for row in later],
            "time_answers": list(by_time),
            "time_traces": list(by_time.values()),
        },
        has_apm,
    )


async def _lone_sessions(database: Database, bounds: Mapping[str, Any], has_apm: bool) -> dict[str, int]:
    """Sessions with traces, and with an answer that no id leads to one: when it was seen, epoch ms."""
    rows = await database.query(
        lone_answers(has_apm=has_apm), {**bounds, "most": MAX_LONE_SESSIONS}, is_scan=True
    )
    if not rows:
        return {}
    traced = await database.query(
        """
        SELECT DISTINCT session_id FROM trace_sessions
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
        """,
        {**bounds, "sessions": [row["session_id"] for row in rows]},
    )
    with_traces = {row["session_id"] for row in traced}
    return {row["session_id"]: row["newest_ms"] for row in rows if row["session_id"] in with_traces}


async def _later_answers(
    database: Database, bounds: Mapping[str, Any], has_apm: bool
) -> list[Mapping[str, Any]]:
    """Answers that mean a trace of which another was asked before."""
    twice = await database.query(traces_meant_twice(has_apm=has_apm), bounds, is_scan=True)
    if not twice:
        return []
    rows = await database.query(
        answers_that_mean(has_apm=has_apm), {**bounds, "meant": [row["hash"] for row in twice]}, is_scan=True
    )
    by_trace: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_trace[row["meant"]].append(row)
    return [
        row
        for meaning in by_trace.values()
        for row in sorted(meaning, key=lambda row: (row["asked_ms"], row["answer_id"]))[1:]
    ]
