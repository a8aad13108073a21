"""`GET /api/v1/overview`: the figures of a period, how each went, and what it was in the period before.

One statement a table reads both periods. A thing stands in the period in which it began.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from diptych_server.query.instants import Period
from diptych_server.query.judged_rows import judged_rows, sent_again
from diptych_server.query.matching import Matching, Question
from diptych_server.query.prepared import prepared, prepared_felt
from diptych_server.query.search.totals import CALLS, COST_UNITS_OF_CALLS
from diptych_server.query.timeseries import step_of
from diptych_server.query.usage import COST_UNITS_A_USD
from diptych_server.store.database import Database
from diptych_server.wire.explore import Overview, Signal, Tile

BUCKETS = 40
"""Points of a tile's course, about."""

Unit = Literal["count", "ms", "usd", "ratio"]


class Figure(NamedTuple):
    """A tile, and how it comes from a row of its table's statement."""

    name: str
    unit: Unit
    signal: Signal
    query: str
    """A search of the signal's list."""
    value: Callable[[Mapping[str, Any]], float | None]


def _share(part: str, whole: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda row: row[part] / row[whole] if row[whole] else None


def _of(name: str) -> Callable[[Mapping[str, Any]], float | None]:
    return lambda row: None if row[name] is None else float(row[name])


SESSION_FIGURES = (
    Figure("sessions", "count", "sessions", "", _of("things")),
    Figure("users", "count", "sessions", "", _of("users")),
    Figure("error_rate", "ratio", "sessions", "error.count:>0", _share("with_errors", "things")),
    Figure("frustration_rate", "ratio", "sessions", "frustration.count:>0", _share("frustrated", "things")),
)
TRACE_FIGURES = (
    Figure("answers", "count", "traces", "", _of("things")),
    Figure("cost", "usd", "traces", "", _of("cost")),
)
ANSWER_FIGURES = (
    Figure("felt_first_word_p50", "ms", "sessions", "", _of("p50")),
    Figure("felt_first_word_p75", "ms", "sessions", "", _of("p75")),
    Figure("felt_first_word_p95", "ms", "sessions", "", _of("p95")),
)
EVALUATION_FIGURES = (Figure("evaluation_pass_rate", "ratio", "traces", "", _share("passed", "judged")),)

SESSION_COLUMNS = {
    "user_id": "max(sessions.user).id",
    "has_errors": "max(sessions.has_errors)",
    "is_frustrated": "max(sessions.is_frustrated)",
}
SESSION_AGGREGATES = (
    "count() AS things, uniqExactIf(user_id, user_id != '') AS users,"
    " countIf(has_errors) AS with_errors, countIf(is_frustrated) AS frustrated"
)
TRACE_COLUMNS = {"calls": CALLS}
TRACE_AGGREGATES = f"count() AS things, sum(toUInt128({COST_UNITS_OF_CALLS})) / {COST_UNITS_A_USD} AS cost"

ANSWER_COLUMNS = {"first_word_ms": "first_word_ms"}
ANSWER_AGGREGATES = ", ".join(
    f"if(count(first_word_ms) = 0, NULL, quantileExact({level})(first_word_ms)) AS {name}"
    for name, level in (("p50", 0.5), ("p75", 0.75), ("p95", 0.95))
)
_JUDGED = judged_rows("toUnixTimestamp64Milli(seen_at) AS at_ms, assessment, source")
_EVALUATIONS = f"""
SELECT at_ms, assessment FROM ({_JUDGED}) WHERE assessment != '' AND source != 'behaviour'
"""  # noqa: S608 - constants of our own; it binds what `sent_again` found
EVALUATION_AGGREGATES = "count() AS judged, countIf(assessment = 'pass') AS passed"

WHOLE = 0
"""In place of a step's start: the whole period."""


async def get_overview(database: Database, project_id: str, period: Period) -> Overview:
    """The figures in the order in which they are shown."""
    both = Period(max(0, 2 * period.from_ms - period.to_ms), period.to_ms)
    step_ms = step_of(period, BUCKETS)
    sessions = Question(project_id, both, "sessions")
    traces, turns, again = await asyncio.gather(
        prepared(database, Question(project_id, both, "traces")),
        prepared_felt(database, Question(project_id, both, "turns")),
        sent_again(database, project_id, both),
    )

    async def tiles(rows: Matching, aggregates: str, figures: tuple[Figure, ...]) -> list[Tile]:
        found = await database.query(
            f"""
            SELECT at_ms < {{begin:Int64}} AS is_before,
              intDiv(at_ms, {{step:Int64}}) * {{step:Int64}} AS step_start_ms, {aggregates}
            FROM ({rows.sql})
            GROUP BY GROUPING SETS ((is_before), (is_before, step_start_ms))
            """,  # noqa: S608 - constants of our own; every value is bound
            rows.parameters | {"begin": period.from_ms, "step": step_ms},
            is_scan=True,
        )
        return [_tile(figure, found, period, step_ms) for figure in figures]

    # First what takes longest: a scan that begins alone has more of the cores.
    of_traces, of_sessions, *others = await asyncio.gather(
        tiles(traces.rows(TRACE_COLUMNS), TRACE_AGGREGATES, TRACE_FIGURES),
        tiles(sessions.rows(SESSION_COLUMNS), SESSION_AGGREGATES, SESSION_FIGURES),
        tiles(turns.rows(ANSWER_COLUMNS, is_felt=True), ANSWER_AGGREGATES, ANSWER_FIGURES),
        tiles(
            Matching(_EVALUATIONS, {**sessions.bounds, **again}), EVALUATION_AGGREGATES, EVALUATION_FIGURES
        ),
    )
    return Overview(
        step_ms=step_ms, tiles=[tile for each in (of_sessions, of_traces, *others) for tile in each]
    )


def _tile(figure: Figure, rows: list[dict[str, Any]], period: Period, step_ms: int) -> Tile:
    values = {(bool(row["is_before"]), row["step_start_ms"]): figure.value(row) for row in rows}
    # Nothing that happened is none of it; a share or a length of nothing is not known.
    empty = 0.0 if figure.unit in ("count", "usd") else None
    steps = range(period.from_ms // step_ms * step_ms, period.to_ms, step_ms)
    return Tile(
        name=figure.name,
        unit=figure.unit,
        value=values.get((False, WHOLE), empty),
        previous=values.get((True, WHOLE), empty),
        points=[(step, values.get((False, step), empty)) for step in steps],
        query=figure.query,
        signal=figure.signal,
    )
