"""Things as rows of SQL, one each, from a roll-up that mostly has one row a thing.

A trace or an answer is one row of its roll-up, or several until parts merge and where it lasted over the turn
of an hour. To add up its maps, tuples and states costs several times what it costs to read them. So the
things of one row are read as they stand, and only the others, which are few, are added up. Which they are is
asked first: where the hashes of all ids are sorted, equal neighbours are seen sooner than the ids would be
grouped. What arrives between the two statements may be told twice, until asked again.

Of things that came since, each may have become several rows: to add up one that is a single row is no error.
"""

from collections.abc import Collection, Mapping
from typing import Any, Literal, NamedTuple

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


MOST_GROWN = 2_000
"""Things that are added to those of several rows, before these are looked for again."""


class Several(NamedTuple):
    """The things that more than one row has, and perhaps some of one row."""

    hashes: list[int]
    """Of their ids, as a statement binds them."""
    grown: int = 0
    """How many were added since all rows were looked at."""

    @classmethod
    async def of(cls, database: Database, hashes: str, rows: str, parameters: Mapping[str, Any]) -> "Several":
        """Those of these rows; as `twice`."""
        found = await database.query(twice(hashes, rows), parameters, is_scan=True)
        return cls([row["hash"] for row in found])

    async def with_these(self, database: Database, ids: Collection[str]) -> "Several | None":
        """With these, which came since; None where they are too many."""
        grown = self.grown + len(ids)
        if grown > MOST_GROWN:
            return None
        if not ids:
            return self
        return Several(sorted({*self.hashes, *await hashes_of(database, ids)}), grown)


async def hashes_of(database: Database, ids: Collection[str]) -> list[int]:
    """The hash of each id, in their order, as the column `id_hash` has it.

    The engine hashes, since no library of ours has its hash.
    """
    if not ids:
        return []
    [found] = await database.query(
        "SELECT arrayMap(id -> cityHash64(id), {ids:Array(String)}) AS hashes", {"ids": list(ids)}
    )
    return list(found["hashes"])


async def in_several_rows(
    database: Database, table: RolledUp, window: str, parameters: Mapping[str, Any]
) -> Several:
    """Of which `as_rows` binds the hashes: the things that more than one row of the window has."""
    return await Several.of(database, "id_hash", f"{table} WHERE {window}", parameters)


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
PREWHERE {window} AND id_hash NOT IN {several}
WHERE {having_of_one_row}
UNION ALL
{added_up(table, columns, f"{window} AND id_hash IN {several}", having)}"""  # noqa: S608 - expressions of our own; every value is bound


def added_up(table: RolledUp, columns: Mapping[str, str], where: str, having: str) -> str:
    """The same of the rows that a condition leaves, each thing added up."""
    return f"""
SELECT {IDS[table]} AS id{_named(columns)}
FROM {table}
PREWHERE {where}
GROUP BY {IDS[table]}
HAVING {having}"""  # noqa: S608 - expressions of our own; every value is bound


def _named(columns: Mapping[str, str], *, is_one_row: bool = False) -> str:
    return "".join(
        f", {of_one_row(value) if is_one_row else value} AS {name}" for name, value in columns.items()
    )
