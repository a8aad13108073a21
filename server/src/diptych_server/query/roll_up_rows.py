"""Things as rows of SQL, one each, from a roll-up that mostly has one row a thing.

A trace or an answer is one row of its roll-up, or several until parts merge and where it lasted over the turn
of an hour. To add up its maps, tuples and states costs several times what it costs to read them. So the
things of one row are read as they stand, and only the others, which are few, are added up. Which they are is
asked first: where the hashes of all ids are sorted, equal neighbours are seen sooner than the ids would be
grouped. What arrives between the two statements may be told twice, until asked again.
"""

from collections.abc import Mapping
from typing import Any, Literal

from diptych_server.query.search.one_row import of_one_row
from diptych_server.store.database import Database

RolledUp = Literal["traces", "answers"]

IDS: Mapping[RolledUp, str] = {"traces": "trace_id", "answers": "event_id"}


def twice(hashes: str, rows: str) -> str:
    """A SELECT of those hashes that more than one row has.

    Args:
        hashes: an expression over the rows, UInt64.
        rows: what stands behind FROM.
    """
    return f"""
SELECT DISTINCT arrayJoin(arrayFilter(
  (hash, step) -> step = 0, arrayPopFront(hashes), arrayPopFront(arrayDifference(hashes)))) AS hash
FROM (SELECT arraySort(groupArray({hashes})) AS hashes FROM {rows})
"""  # noqa: S608 - expressions of our own; every value is bound


async def in_several_rows(
    database: Database, table: RolledUp, window: str, parameters: Mapping[str, Any]
) -> dict[str, list[int]]:
    """What a statement with `as_rows` binds: hashes of the ids that more than one row of the window has."""
    rows = await database.query(twice("id_hash", f"{table} WHERE {window}"), parameters, is_scan=True)
    return {f"several_{table}": [row["hash"] for row in rows]}


def as_rows(
    table: RolledUp,
    columns: Mapping[str, str],
    window: str,
    having: str,
    having_of_one_row: str | None = None,
) -> str:
    """A SELECT of the things of a roll-up: `id` and the columns. It binds what `in_several_rows` found.

    Args:
        table: the roll-up.
        columns: aggregates over a thing's rows, by name; their columns bear the table's name.
        window: condition on the rows.
        having: condition on a thing, over its aggregates and the columns' names.
        having_of_one_row: the same of a thing of one row; made of `having`, where nothing is given.
    """
    several = f"{{several_{table}:Array(UInt64)}}"
    if having_of_one_row is None:
        having_of_one_row = of_one_row(having)
    return f"""
SELECT {IDS[table]} AS id{_named(columns, is_one_row=True)}
FROM {table}
WHERE {window} AND {having_of_one_row} AND id_hash NOT IN {several}
UNION ALL
{added_up(table, columns, f"{window} AND id_hash IN {several}", having)}"""  # noqa: S608 - expressions of our own; every value is bound


def added_up(table: RolledUp, columns: Mapping[str, str], where: str, having: str) -> str:
    """The same of the rows that a condition leaves, each thing added up."""
    return f"""
SELECT {IDS[table]} AS id{_named(columns)}
FROM {table}
WHERE {where}
GROUP BY {IDS[table]}
HAVING {having}"""  # noqa: S608 - expressions of our own; every value is bound


def _named(columns: Mapping[str, str], *, is_one_row: bool = False) -> str:
    return "".join(
        f", {of_one_row(value) if is_one_row else value} AS {name}" for name, value in columns.items()
    )
