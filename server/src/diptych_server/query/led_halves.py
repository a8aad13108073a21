"""Which answers of a period are led to a trace otherwise than by the id that they tell.

SQL cannot find that out, or not at a bearable price: halves that no id joins are matched in Python, in the
sessions that have any, and of several answers that mean one trace the first asked has it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping
from typing import Any, NamedTuple

from diptych_server.query.matching import Question
from diptych_server.query.roll_up_rows import hashes_of, twice
from diptych_server.query.turn_halves import joined_by_time_of
from diptych_server.query.turn_rows import LLM_TRACES, WINDOW, meant_by, with_behind
from diptych_server.store.came import Came
from diptych_server.store.database import Database
from diptych_server.store.traits import APM_TRACES

MAX_SESSIONS = 500
"""Sessions with lone halves that are matched for one search, the newest; halves of the others stand alone."""

MAX_LONE_SESSIONS = 5_000
"""Sessions with lone answers that are looked at for such, the newest: agents of some pages tell nothing."""

MOST_GROWN = 2_000
"""Answers that may have come since candidates were looked for in all rows, before they are again."""


class LedHalves(NamedTuple):
    """Which answers are led to a trace otherwise than by the id that they tell."""

    by_time: Mapping[str, str]
    """Trace id by answer id."""
    known: dict[str, list[int]]
    """What `turn_rows` binds, hashes of ids: `led_answers` with their `led_traces`, which are those of
    `by_time`, and `later_answers`, which mean a trace that another has."""
    has_apm: bool


class _Candidates(NamedTuple):
    """Where such an answer may be: all that has one, and perhaps more."""

    meant_twice: frozenset[int]
    """Hashes of traces that several rows of answers mean."""
    lone: Mapping[str, int]
    """Sessions with an answer that no id leads to a trace: when the newest was seen, epoch ms."""
    grown: int = 0
    """Answers that came since all rows were looked at."""


async def led_halves(database: Database, question: Question) -> LedHalves:
    """Those in and around the period."""
    return await database.kept.ask(
        question.project_id, ("led halves", question.period.hours), lambda: _led_halves(database, question)
    )


async def _led_halves(database: Database, question: Question) -> LedHalves:
    project_id, bounds = question.project_id, question.bounds
    has_apm = await database.traits.has(project_id, APM_TRACES)
    found = await database.kept.ask(
        project_id,
        ("candidates", has_apm, question.period.hours),
        lambda: _candidates(database, bounds, has_apm),
        lambda known, came: _grown(database, bounds, has_apm, known, came),
    )
    later, newest_ms = await asyncio.gather(
        _later_answers(database, bounds, has_apm, found.meant_twice), _traced(database, bounds, found.lone)
    )
    for row in later:
        newest_ms[row["session_id"]] = max(row["seen_ms"], newest_ms.get(row["session_id"], 0))
    sessions = sorted(newest_ms, key=lambda each: (-newest_ms[each], each))[:MAX_SESSIONS]
    by_time, _ = await joined_by_time_of(database, project_id, sessions)
    led_answers, led_traces = await asyncio.gather(
        hashes_of(database, by_time), hashes_of(database, by_time.values())
    )
    later_answers = [row["answer_hash"] for row in later]
    known = {"led_answers": led_answers, "led_traces": led_traces, "later_answers": later_answers}
    return LedHalves(by_time, known, has_apm)


async def _candidates(database: Database, bounds: Mapping[str, Any], has_apm: bool) -> _Candidates:
    """Those of all rows."""
    twice, lone = await asyncio.gather(
        database.query(_traces_meant_twice(has_apm=has_apm), bounds, is_scan=True),
        database.query(_lone_answers(has_apm=has_apm), {**bounds, "most": MAX_LONE_SESSIONS}, is_scan=True),
    )
    return _found(twice, lone)


async def _grown(
    database: Database, bounds: Mapping[str, Any], has_apm: bool, known: _Candidates, came: Came
) -> _Candidates | None:
    """With those of what came since; one that is none any more stays."""
    grown = known.grown + len(came.answer_ids)
    # Through a trace of APM an answer that came before may mean a trace that came since.
    if has_apm or grown > MOST_GROWN:
        return None
    if not came.answer_ids:
        return known
    lately = {**bounds, "answers": sorted(came.answer_ids), "named": sorted(came.named_trace_ids)}
    twice, lone = await asyncio.gather(
        database.query(_traces_meant_twice(has_apm=False, is_lately=True), lately),
        database.query(_lone_answers(has_apm=False, is_lately=True), {**lately, "most": MAX_LONE_SESSIONS}),
    )
    more = _found(twice, lone)
    return _Candidates(known.meant_twice | more.meant_twice, {**known.lone, **more.lone}, grown)


def _found(twice: list[dict[str, Any]], lone: list[dict[str, Any]]) -> _Candidates:
    return _Candidates(
        frozenset(row["hash"] for row in twice), {row["session_id"]: row["newest_ms"] for row in lone}
    )


async def _traced(database: Database, bounds: Mapping[str, Any], lone: Mapping[str, int]) -> dict[str, int]:
    """Those of the sessions that have traces."""
    if not lone:
        return {}
    traced = await database.query(
        """
        SELECT DISTINCT session_id FROM trace_sessions
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
        """,
        {**bounds, "sessions": list(lone)},
    )
    return {row["session_id"]: lone[row["session_id"]] for row in traced}


async def _later_answers(
    database: Database, bounds: Mapping[str, Any], has_apm: bool, meant_twice: frozenset[int]
) -> list[Mapping[str, Any]]:
    """Answers that mean a trace of which another was asked before."""
    if not meant_twice:
        return []
    rows = await database.query(
        _answers_that_mean(has_apm=has_apm), {**bounds, "meant": sorted(meant_twice)}, is_scan=True
    )
    by_trace: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_trace[row["meant"]].append(row)
    return [
        row
        for meaning in by_trace.values()
        for row in sorted(meaning, key=lambda row: (row["asked_ms"], row["answer_id"]))[1:]
    ]


_LATELY = "AND event_id IN {answers:Array(String)}"
_NAMED_LATELY = "AND trace_id IN {named:Array(String)}"


def _lone_answers(*, has_apm: bool, is_lately: bool = False) -> str:
    """A SELECT of the sessions with an answer that no id leads to a trace: the `most` newest.

    Each with `newest_ms`, when its newest such answer was seen. With `is_lately` only `answers` are looked
    at, which name no traces but those `named`; not where there are traces of APM.
    """
    return f"""
{with_behind(has_apm)}
SELECT session_id, toUnixTimestamp64Milli(max(first_seen)) AS newest_ms
FROM answers
WHERE {WINDOW} {_LATELY if is_lately else ""} AND is_answer AND session_id != ''
  AND cityHash64({meant_by("trace_id", has_apm)}) NOT IN (
    SELECT id_hash FROM {LLM_TRACES} {_NAMED_LATELY if is_lately else ""}
  )
GROUP BY session_id ORDER BY newest_ms DESC LIMIT {{most:UInt32}}
"""  # noqa: S608 - constants


def _traces_meant_twice(*, has_apm: bool, is_lately: bool = False) -> str:
    """A SELECT of the hashes of traces that more than one row of an answer means.

    With `is_lately` only traces that are `named` are looked at; not where there are traces of APM.
    """
    hashes = f"cityHash64({meant_by('trace_id', has_apm)})"
    naming = f"answers WHERE {WINDOW} {_NAMED_LATELY if is_lately else ''} AND trace_id != ''"
    return f"{with_behind(has_apm)} {twice(hashes, naming)}"


def _answers_that_mean(*, has_apm: bool) -> str:
    """A SELECT of the answers that mean a trace of which the hash is bound in `meant`.

    Each with `answer_id` and its hash `answer_hash`, `session_id`, `meant`, `asked_ms` and `seen_ms`.
    """
    return f"""
{with_behind(has_apm)}
SELECT event_id AS answer_id, max(answers.id_hash) AS answer_hash, max(answers.session_id) AS session_id,
  {meant_by("max(answers.trace_id)", has_apm)} AS meant,
  toUnixTimestamp64Milli(min(answers.asked)) AS asked_ms,
  toUnixTimestamp64Milli(min(answers.first_seen)) AS seen_ms
FROM answers
WHERE {WINDOW} AND event_id IN (
  SELECT event_id FROM answers
  WHERE {WINDOW} AND trace_id != ''
    AND cityHash64({meant_by("trace_id", has_apm)}) IN {{meant:Array(UInt64)}}
)
GROUP BY event_id HAVING max(answers.is_answer)
"""  # noqa: S608 - constants
