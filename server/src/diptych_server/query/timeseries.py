"""`GET /api/v1/timeseries`: a measure of what a search finds over time; a list's histogram is `count`."""

import re
from typing import NamedTuple

from diptych_server.errors import BadRequest
from diptych_server.query.facets import searchable_of
from diptych_server.query.instants import DAY_MS, Period
from diptych_server.query.matching import Question
from diptych_server.query.search.fields import Field, Searchable
from diptych_server.store.database import Database
from diptych_server.wire.explore import Series, Timeseries

MAX_BUCKETS = 500
MAX_SERIES = 10
"""Values of `by` with a series of their own, the commonest; the rest are one, `other`."""

OTHER = "other"

STEPS_MS = [
    *(1, 2, 5, 10, 20, 50, 100, 200, 500),
    *(seconds * 1_000 for seconds in (1, 2, 5, 10, 15, 30)),
    *(minutes * 60_000 for minutes in (1, 2, 5, 10, 15, 30)),
    *(hours * 3_600_000 for hours in (1, 2, 3, 6, 12)),
    *(days * DAY_MS for days in (1, 2, 7, 14, 30, 90, 365)),
]
"""Lengths of a step that people read well."""

_MEASURE = re.compile(r"(count|errors|p(\d{1,2})|avg|sum|min|max)(?::(@?[\w.]+))?")

_ERRORS = {
    "sessions": "max(sessions.has_errors) > 0",
    "traces": "max(traces.has_errors) > 0",
    "spans": "status = 'error'",
    "turns": "status = 'error' OR end_reason IN ('error', 'network')",
}
"""Whether something went wrong in it."""


class Measure(NamedTuple):
    """What is computed of each step."""

    column: str
    """Expression a row."""
    aggregate: str
    """Over the column, which is called `measured`."""
    is_count: bool
    """Whether it is zero, not unknown, where there is nothing."""


def step_of(period: Period, buckets: int) -> int:
    """The shortest readable step, ms, of which at most `buckets` + 1 cover the period."""
    least_ms = (period.to_ms - period.from_ms) / buckets
    return next((step for step in STEPS_MS if step >= least_ms), STEPS_MS[-1])


async def get_timeseries(
    database: Database,
    question: Question,
    *,
    measure: str = "count",
    by: str | None = None,
    buckets: int = 60,
) -> Timeseries:
    """The measure a step, one series a value of `by`.

    Raises:
        BadRequest: the measure or a field is none, or the query is malformed.
    """
    searchable, period = searchable_of(question.signal), question.period
    measured = _measure(searchable, question, measure)
    step_ms = step_of(period, buckets)
    columns = {"measured": measured.column, "by_value": _by(searchable, by)}
    rows = question.rows(
        columns,
        is_each_once=not measure.startswith(("count", "errors")),
        is_felt=question.is_felt(columns.values()),
    )
    commonest = f"""
        SELECT by_value FROM ({rows.sql}) GROUP BY by_value ORDER BY count() DESC, by_value
        LIMIT {MAX_SERIES}
        """  # noqa: S608 - names and expressions of our own; every value is bound
    series_key = f"if(by_value IN ({commonest}), by_value, '{OTHER}')" if by else "''"
    answer = await database.query(
        f"""
        SELECT intDiv(at_ms, {{step:Int64}}) * {{step:Int64}} AS step_start_ms, {series_key} AS series,
          toFloat64({measured.aggregate}) AS value
        FROM ({rows.sql})
        GROUP BY step_start_ms, series
        """,  # noqa: S608 - names and expressions of our own; every value is bound
        rows.parameters | {"step": step_ms},
        is_scan=True,
    )
    values: dict[str, dict[int, float]] = {} if by else {"": {}}
    for row in answer:
        values.setdefault(row["series"], {})[row["step_start_ms"]] = row["value"]
    steps = range(period.from_ms // step_ms * step_ms, period.to_ms, step_ms)
    empty = 0.0 if measured.is_count else None
    series = [
        Series(key=key, points=[(step, found.get(step, empty)) for step in steps])
        for key, found in values.items()
    ]
    series.sort(key=lambda each: (each.key == OTHER, -sum(value or 0 for _, value in each.points), each.key))
    return Timeseries(step_ms=step_ms, series=series)


def _measure(searchable: Searchable, question: Question, text: str) -> Measure:
    match = _MEASURE.fullmatch(text)
    if match is None or (match[1] in ("count", "errors") and match[3]):
        raise BadRequest(
            "expected count, errors, or avg, sum, min, max or p0 to p99 of a field (`p95:duration`),"
            f" got {text[:100]!r}",
            where="measure",
        )
    if match[1] == "count":
        return Measure("1", question.counted, is_count=True)
    if match[1] == "errors":
        return Measure(
            _ERRORS[question.signal],
            "uniqIf(id, measured)" if question.signal == "spans" else "countIf(measured)",
            is_count=True,
        )
    column = f"toFloat64({_own(searchable, match[3] or 'duration', 'measure', is_number=True).expression})"
    if match[2]:
        return Measure(column, f"quantileExact(0.{int(match[2]):02d})(measured)", is_count=False)
    return Measure(column, f"{match[1]}(measured)", is_count=match[1] == "sum")


def _by(searchable: Searchable, name: str | None) -> str:
    if not name:
        return "''"
    field = _own(searchable, name, "by", is_number=False)
    return (
        f"arrayJoin(if(empty({field.expression}), [''], {field.expression}))"
        if field.is_many
        else (f"toString({field.expression})")
    )


def _own(searchable: Searchable, name: str, where: str, *, is_number: bool) -> Field:
    """The field of the listed things themselves."""
    field = searchable.by_name().get(name.removeprefix("@").lower())
    if field is None or not field.is_own or (field.type in ("number", "duration", "bytes")) != is_number:
        kind = "number" if is_number else "text"
        raise BadRequest(f"expected a {kind} field of what is listed, got {name[:100]!r}", where=where)
    return field
