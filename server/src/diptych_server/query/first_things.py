"""The things at the head of a list, from narrow rows of a roll-up; of a list that ends now, they are kept.

Such a list is looked at again and again while more arrives. What came since stands in it where its rows say,
so the store is asked for its head only once.
"""

from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple

from diptych_server.query.instants import LATEST_MS, epoch_ms
from diptych_server.store.came import Came, Seen
from diptych_server.store.database import Database

HOUR_MS = 60 * 60 * 1000

Order = Literal["desc", "asc"]
Bound = Literal["from", "to"]


class RollUp(NamedTuple):
    """A table with a row a thing and hour, or more until parts merge."""

    table: str
    id_column: str
    hours: str
    """Condition on the hours of the rows."""
    came: Callable[[Came], Mapping[str, Seen]]
    """The things that rows which came are of."""


class RowKey(NamedTuple):
    """A column whose extreme among a thing's rows is its place in the list, ms of time."""

    column: Literal["first_seen", "last_seen"]
    bounds: tuple[Bound, ...]
    """Those of the period that the row with this extreme is within, of every thing of the period."""

    def of(self, seen: Seen) -> int:
        """Where rows that came stand, epoch ms."""
        return seen.first_ms if self.column == "first_seen" else seen.last_ms


class FirstThings(NamedTuple):
    """All things whose place is before that of the last of these are among them."""

    at_ms: Mapping[str, int]
    """By id, in the list's order: where the first row of each is."""
    is_all: bool
    """Whether there is no other in the period."""


async def first_things(
    database: Database,
    roll_up: RollUp,
    key: RowKey,
    order: Order,
    parameters: Mapping[str, Any],
    row_count: int,
    fewest: int,
    past_ms: int | None,
) -> FirstThings:
    """The things of the first `row_count` rows in the list's order.

    Args:
        database: the store.
        roll_up: where the rows are.
        key: what the list is ordered by.
        order: in which direction.
        parameters: of the project and the period, as statements bind them.
        row_count: how many rows are looked at, at most.
        fewest: of fewer things than this nothing is kept, unless they are all.
        past_ms: where the page before ended, epoch ms; None for the first.
    """
    if order == "asc" or past_ms is not None or parameters["to"] < epoch_ms():
        return await _asked(database, roll_up, key, order, parameters, row_count, past_ms)
    # Nothing is newer than what comes now; and what is older than the period stands behind all that is in it.
    newest = {**parameters, "from": parameters["from"] // HOUR_MS * HOUR_MS, "to": LATEST_MS}

    async def asked() -> FirstThings:
        return await _asked(database, roll_up, key, order, newest, row_count, None)

    async def grown(known: FirstThings, came: Came) -> FirstThings | None:
        if len(known.at_ms) < fewest and not known.is_all:
            return None
        at_ms = dict(known.at_ms)
        for each, seen in roll_up.came(came).items():
            at_ms[each] = max(at_ms.get(each, 0), key.of(seen))
        ordered = sorted(at_ms.items(), key=lambda each: -each[1])
        return FirstThings(dict(ordered[:row_count]), known.is_all and len(ordered) <= row_count)

    hours = (parameters["from_hour"], parameters["to_hour"])
    asked_of = ("newest", roll_up.table, key.column, newest["from"], hours, row_count, fewest)
    return await database.kept.ask(parameters["project"], asked_of, asked, grown)


async def _asked(
    database: Database,
    roll_up: RollUp,
    key: RowKey,
    order: Order,
    parameters: Mapping[str, Any],
    row_count: int,
    past_ms: int | None,
) -> FirstThings:
    conditions = [_is(key.column, ">=" if bound == "from" else "<", bound) for bound in key.bounds]
    if past_ms is not None:
        conditions.append(_is(key.column, "<=" if order == "desc" else ">=", "past"))
    rows = await database.query(
        f"""
        SELECT {roll_up.id_column} AS id, toUnixTimestamp64Milli({key.column}) AS at_ms
        FROM {roll_up.table}
        WHERE project_id = {{project:String}} AND {roll_up.hours} AND {" AND ".join(conditions)}
        ORDER BY {key.column} {order.upper()}
        LIMIT {{rows:UInt32}}
        """,  # noqa: S608 - names of our own; every value is bound
        {**parameters, "rows": row_count, "past": past_ms},
    )
    at_ms: dict[str, int] = {}
    for row in rows:
        at_ms.setdefault(row["id"], row["at_ms"])
    return FirstThings(at_ms, len(rows) < row_count)


def _is(column: str, sign: str, moment: str) -> str:
    """A column compared with a bound moment."""
    return f"{column} {sign} fromUnixTimestamp64Milli({{{moment}:Int64}}, 'UTC')"
