"""`GET /api/v1/search/fields` and `/search/values`: what completes a search while it is written."""

from collections.abc import Mapping
from types import MappingProxyType

from diptych_server.errors import BadRequest
from diptych_server.query.facets import searchable_of
from diptych_server.query.instants import Period
from diptych_server.query.matching import Question
from diptych_server.query.prepared import prepared
from diptych_server.query.search.fields import Field, Table
from diptych_server.query.search.sources import IN_DAYS, ROLLED_UP
from diptych_server.store.database import Database
from diptych_server.wire.evaluation import EVALUATION_SOURCES
from diptych_server.wire.explore import (
    CountedValue,
    FieldType,
    SearchField,
    SearchFields,
    SearchValues,
    Signal,
)

TEXT_OPERATORS = [":", ":*"]
NUMBER_OPERATORS = [":", ":>", ":>=", ":<", ":<=", ":[ TO ]"]
OPERATORS: dict[FieldType, list[str]] = {
    "text": TEXT_OPERATORS,
    "boolean": [":"],
    "number": NUMBER_OPERATORS,
    "duration": NUMBER_OPERATORS,
    "bytes": NUMBER_OPERATORS,
    "time": NUMBER_OPERATORS[1:],
}

ROLL_UP_KEYS: dict[Table, str] = {"sessions": "session_id", "traces": "trace_id"}

EVALUATION = "evaluation"
TAG = "tag"
VERDICT = "verdict"
VERDICTS = ("pass", "fail")

ROW_IDS: dict[Table, str] = {"rum_events": "event_id", "spans": "span_id"}
"""What tells the rows of a raw table apart: a retry is a row of its own until parts merge."""

FAMILY_NAMES = {
    EVALUATION: f"SELECT toString(label) AS value, evaluation_id AS id FROM evaluations WHERE {IN_DAYS}",  # noqa: S608 - constants
    TAG: f"SELECT arrayJoin(mapKeys(tags)) AS value, span_id AS id FROM spans WHERE {IN_DAYS}",  # noqa: S608 - the same
}
FAMILY_VALUES = {
    EVALUATION: f"""
      SELECT if(assessment != '', toString(assessment), JSONExtractString(value)) AS value,
        evaluation_id AS id
      FROM evaluations
      WHERE {IN_DAYS} AND label = {{name:String}}""",  # noqa: S608 - the same
    TAG: f"SELECT tags[{{name:String}}] AS value, span_id AS id FROM spans WHERE {IN_DAYS}",  # noqa: S608 - the same
}


def get_search_fields(signal: Signal) -> SearchFields:
    """Every field of the signal, its own first."""
    searchable = searchable_of(signal)
    fields = [
        SearchField(
            name=field.name,
            type=field.type,
            description=field.description,
            operators=OPERATORS[field.type],
            examples=list(field.examples),
        )
        for field in searchable.fields
    ]
    fields += [
        SearchField(
            name=f"{family.prefix}.",
            type="text",
            description=family.description,
            operators=TEXT_OPERATORS + NUMBER_OPERATORS[1:],
            examples=list(family.examples),
        )
        for family in searchable.families
    ]
    return SearchFields(fields=fields)


async def get_search_values(
    database: Database,
    project_id: str,
    period: Period,
    *,
    signal: Signal,
    field: str,
    prefix: str = "",
    limit: int = 20,
) -> SearchValues:
    """The commonest values of a field in the days of the period that begin with a text, no case.

    Raises:
        BadRequest: there is no such field.
    """
    searchable = searchable_of(signal)
    name = field.removeprefix("@").lower()
    if any(name.startswith(f"{family.prefix}.") for family in searchable.families):
        return await _family_values(database, project_id, period, field, name, prefix, limit)
    known = searchable.by_name().get(name)
    if known is None:
        raise BadRequest(f"expected a field that can be searched, got {field[:100]!r}", where="field")
    if known.type == "boolean" or known.values:
        values = known.values or ("true", "false")
        return SearchValues(
            values=[
                CountedValue(value=value, count=0) for value in values if value.startswith(prefix.lower())
            ]
        )
    if known.type != "text":
        return SearchValues(values=[])
    if known.table == "turns":
        question = await prepared(database, Question(project_id, period, signal))
        value = f"arrayJoin({known.expression})" if known.is_many else known.expression
        rows = question.rows({"value": f"toString({value})"})
        return await _counted(database, project_id, period, rows.sql, prefix, limit, more=rows.parameters)
    return await _counted(database, project_id, period, _rows(known), prefix, limit)


def _rows(field: Field) -> str:
    """A SELECT of the field's values, each with the id of what has it."""
    value = f"arrayJoin({field.expression})" if field.is_many else field.expression
    if field.table in ROLL_UP_KEYS:
        key = ROLL_UP_KEYS[field.table]
        inner = (
            f"SELECT {key} AS id, {field.expression} AS one FROM {field.table} WHERE {ROLLED_UP}"  # noqa: S608 - constants
            f" GROUP BY {key}"
        )
        return f"SELECT toString({'arrayJoin(one)' if field.is_many else 'one'}) AS value, id FROM ({inner})"  # noqa: S608 - constants
    row_id = ROW_IDS[field.table]
    return f"SELECT toString({value}) AS value, {row_id} AS id FROM {field.table} WHERE {IN_DAYS}"  # noqa: S608 - constants


async def _family_values(
    database: Database, project_id: str, period: Period, field: str, name: str, prefix: str, limit: int
) -> SearchValues:
    """Labels of evaluations and keys of tags, then their values."""
    family, _, chosen = field.removeprefix("@").partition(".")
    if family.lower() in ("trace", "span"):
        family, _, chosen = chosen.partition(".")
    if family.lower() == VERDICT:
        values = VERDICTS if chosen else EVALUATION_SOURCES
        return SearchValues(
            values=[
                CountedValue(value=value, count=0) for value in values if value.startswith(prefix.lower())
            ]
        )
    kind = EVALUATION if family.lower().startswith(EVALUATION) else TAG
    rows = FAMILY_VALUES[kind] if chosen else FAMILY_NAMES[kind]
    return await _counted(database, project_id, period, rows, prefix, limit, name=chosen)


async def _counted(
    database: Database,
    project_id: str,
    period: Period,
    rows: str,
    prefix: str,
    limit: int,
    name: str = "",
    more: Mapping[str, object] = MappingProxyType({}),
) -> SearchValues:
    answer = await database.query(
        f"""
        SELECT value, uniq(id) AS found FROM ({rows})
        WHERE value != '' AND startsWith(lowerUTF8(value), {{prefix:String}})
        GROUP BY value ORDER BY found DESC, value LIMIT {{values:UInt32}}
        """,  # noqa: S608 - expressions of our own; every value is bound
        {
            "project": project_id,
            **period.parameters,
            "prefix": prefix.lower(),
            "values": limit,
            "name": name,
            **more,
        },
        is_scan=True,
    )
    return SearchValues(values=[CountedValue(value=row["value"], count=row["found"]) for row in answer])
