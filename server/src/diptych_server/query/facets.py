"""`GET /api/v1/facets`: the values of fields among what a search finds, each with its count."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from diptych_server.errors import BadRequest
from diptych_server.query.matching import Question
from diptych_server.query.search.catalog import SEARCHABLE
from diptych_server.query.search.fields import Field, Searchable
from diptych_server.query.search.sources import IN_DAYS
from diptych_server.query.turn_rows import is_felt
from diptych_server.store.database import Database
from diptych_server.wire.explore import CountedValue, Facet, Facets, Signal

LABELS = {
    "application_id": "Application ID",
    "env": "Environment",
    "ml_app": "App",
    "os": "System",
    "view.url_path": "View URL path",
}
"""Where the name alone would make no word."""

MAX_FIELDS = 20
DEFAULT_VALUES = 10
MAX_VALUES = 100

MEMBER_KEYS: dict[Signal, str] = {"sessions": "session_id", "traces": "trace_id"}
"""Where the rows of a listed thing's members name it."""


async def get_facets(
    database: Database, question: Question, *, fields: Sequence[str] = (), limit: int = DEFAULT_VALUES
) -> Facets:
    """The facets of these fields, or of those that stand beside the list by default, in that order.

    Raises:
        BadRequest: a field does not exist or cannot be counted, or the query is malformed.
    """
    searchable = searchable_of(question.signal)
    chosen = [_countable(searchable, name) for name in fields] or [
        field for field in searchable.fields if field.is_facet
    ]
    terms = [field for field in chosen if field.type in ("text", "boolean")]
    felt = [field for field in terms if _is_felt(question, field)]
    found = await asyncio.gather(
        # First what takes longest: a scan that begins alone has more of the cores.
        _member_terms(database, question, [field for field in terms if not field.is_own], limit),
        _own_terms(
            database, question, [field for field in terms if field.is_own and field not in felt], limit
        ),
        # What the page's half alone tells is counted without the other.
        _own_terms(database, question, felt, limit, is_felt=True),
        _ranges(database, question, [field for field in chosen if field not in terms]),
    )
    facets = {name: facet for each in found for name, facet in each.items()}
    return Facets(facets=[facets[field.name] for field in chosen])


def _is_felt(question: Question, field: Field) -> bool:
    if question.signal != "turns" or not field.is_own:
        return False
    return question.is_felt([field.expression]) if question.query else is_felt(field.expression)


def searchable_of(signal: Signal) -> Searchable:
    """What can be searched of a signal."""
    return SEARCHABLE[signal]


def _countable(searchable: Searchable, name: str) -> Field:
    field = searchable.by_name().get(name.removeprefix("@").lower())
    if field is None or not searchable.is_counted(field):
        raise BadRequest(f"expected a field whose values can be counted, got {name[:100]!r}", where="field")
    return field


async def _own_terms(
    database: Database, question: Question, fields: Sequence[Field], limit: int, *, is_felt: bool = False
) -> dict[str, Facet]:
    """Of fields of the listed rows, in one pass."""
    if not fields:
        return {}
    columns = {f"f{index}": _as_text(field) for index, field in enumerate(fields)}
    rows = question.rows(columns, is_felt=is_felt)
    # What is alike in all fields is counted once, and only then told by field: mostly few combinations.
    alike = ", ".join(columns)
    pairs = ", ".join(
        f"arrayMap(value -> ('{name}', value), {name})" if field.is_many else f"[('{name}', {name})]"
        for name, field in zip(columns, fields, strict=True)
    )
    answer = await database.query(
        f"""
        SELECT pair.1 AS field, pair.2 AS value, sum(counted) AS found
        FROM (SELECT {alike}, {question.counted} AS counted FROM ({rows.sql}) GROUP BY {alike})
        ARRAY JOIN arrayConcat({pairs}) AS pair
        GROUP BY field, value
        ORDER BY found DESC, value LIMIT {{values:UInt32}} BY field
        """,  # noqa: S608 - names and expressions of our own; every value is bound
        rows.parameters | {"values": limit + 1},
        is_scan=True,
    )
    found = _by_field(answer)
    return {
        field.name: _term_facet(field, found[name], limit)
        for name, field in zip(columns, fields, strict=True)
    }


async def _member_terms(
    database: Database, question: Question, fields: Sequence[Field], limit: int
) -> dict[str, Facet]:
    """Of fields of a session's events or a trace's spans: how many sessions or traces have such a one."""
    if not fields:
        return {}
    rows = question.rows({})
    key = MEMBER_KEYS[question.signal]
    columns = {f"f{index}": field for index, field in enumerate(fields)}
    # Most events tell none of these, which is known before anything else of them is read. What a session or
    # trace tells is gathered before it is counted: its id is looked at once, and not for each of its events.
    is_told = " OR ".join(
        f"notEmpty({field.expression})" if field.is_many else f"{_as_text(field)} != ''" for field in fields
    )
    told = ", ".join(
        f"{'groupUniqArrayArray' if field.is_many else 'groupUniqArray'}({_as_text(field)}) AS {name}"
        for name, field in columns.items()
    )
    pairs = ", ".join(f"arrayMap(value -> ('{name}', toString(value)), {name})" for name in columns)
    answer = await database.query(
        f"""
        SELECT pair.1 AS field, pair.2 AS value, count() AS found
        FROM (
          SELECT {key}, {told}
          FROM {fields[0].table} PREWHERE {is_told}
          WHERE {IN_DAYS} AND {key} IN (SELECT id FROM ({rows.sql}))
          GROUP BY {key}
        ) ARRAY JOIN arrayConcat({pairs}) AS pair
        WHERE value != ''
        GROUP BY field, value
        ORDER BY found DESC, value LIMIT {{values:UInt32}} BY field
        """,  # noqa: S608 - names and expressions of our own; every value is bound
        rows.parameters | {"values": limit},
        is_scan=True,
    )
    found = _by_field(answer)
    return {field.name: _term_facet(field, found[name], limit) for name, field in columns.items()}


async def _ranges(database: Database, question: Question, fields: Sequence[Field]) -> dict[str, Facet]:
    """The ends of fields with numbers."""
    if not fields:
        return {}
    if any(not field.is_own for field in fields):
        raise BadRequest("expected a number of the listed things themselves", where="field")
    columns = {f"f{index}": f"toFloat64({field.expression})" for index, field in enumerate(fields)}
    rows = question.rows(columns)
    ends = ", ".join(f"min({name}) AS min_{name}, max({name}) AS max_{name}" for name in columns)
    [answer] = await database.query(
        f"SELECT count() AS found, {ends} FROM ({rows.sql})",  # noqa: S608 - the same
        rows.parameters,
        is_scan=True,
    )
    return {
        field.name: _range_facet(field, answer, name) for name, field in zip(columns, fields, strict=True)
    }


def _by_field(rows: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in rows:
        found[row["field"]][row["value"]] = row["found"]
    return found


def _as_text(field: Field) -> str:
    if field.is_many:
        return field.expression
    if field.type == "boolean":
        return f"if({field.expression}, 'true', 'false')"
    return f"toString({field.expression})"


def _term_facet(field: Field, found: dict[str, int], limit: int) -> Facet:
    values = [CountedValue(value=value, count=count) for value, count in found.items() if value]
    return Facet(field=field.name, label=label_of(field), kind="term", values=values[:limit])


def _range_facet(field: Field, answer: dict[str, Any], name: str) -> Facet:
    lowest, highest = (answer[f"{end}_{name}"] if answer["found"] else None for end in ("min", "max"))
    return Facet(field=field.name, label=label_of(field), kind="range", values=[], min=lowest, max=highest)


def label_of(field: Field) -> str:
    """The field's name for people: `answer.first_word` → `Answer first word`."""
    if label := LABELS.get(field.name):
        return label
    words = field.name.replace(".", " ").replace("_", " ")
    return words[:1].upper() + words[1:]
