"""The things at the head of a list, from narrow rows of a roll-up; of a list that goes on, they are kept.

Such a list is looked at again and again while more arrives. What came since takes its place among what is
known of it, so the store is hardly ever asked for its head again.
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
    """A column whose extreme among a thing's rows is its place in the list, epoch ms."""

    column: Literal["first_seen", "last_seen"]
    bounds: tuple[Bound, ...]
    """Bounds that a thing's extreme row meets if the thing is in the period."""

    def grown(self, place_ms: int | None, seen: Seen) -> int:
        """The place of a thing of which more rows were seen; None where nothing was known of it."""
        if self.column == "first_seen":
            return seen.first_ms if place_ms is None else min(place_ms, seen.first_ms)
        return seen.last_ms if place_ms is None else max(place_ms, seen.last_ms)


class FirstThings(NamedTuple):
    """The head of a list."""

    at_ms: Mapping[str, int]
    """Where each stands as far as is known, by its id, in order: it may stand further behind."""
    until_ms: int | None
    """Every thing of the period whose place is before this is among them; None where all are."""


class Head(NamedTuple):
    """What is asked for: the head of one list."""

    database: Database
    roll_up: RollUp
    key: RowKey
    """What the list is ordered by."""
    order: Order
    parameters: Mapping[str, Any]
    """Of the project and the period, as statements bind them."""
    row_count: int
    """How many rows are looked at, and how many things are kept, at most."""
    past_ms: int | None
    """Where the page before ended, epoch ms; None for the first."""


async def first_things(head: Head, fewest: int) -> FirstThings:
    """The things of the first rows, or as many things that are kept.

    Args:
        head: of which list.
        fewest: with fewer things than this it is asked for anew when more came, unless they are all.
    """
    key, from_ms, to_ms = head.key, head.parameters["from"], head.parameters["to"]
    if head.order == "desc" and head.past_ms is None and to_ms >= epoch_ms():
        newest = {**head.parameters, "from": from_ms // HOUR_MS * HOUR_MS, "to": LATEST_MS}
        kept = await _kept(head._replace(parameters=newest), fewest)
        # A clock may be so far ahead that what it told stands after the period, and before all that is in it.
        if "to" not in key.bounds or next(iter(kept.at_ms.values()), 0) < to_ms:
            return _since(kept, from_ms) if "from" in key.bounds else kept
    return await _asked(head)


async def _kept(newest: Head, fewest: int) -> FirstThings:
    """The newest, with what came since they were asked for."""
    _, roll_up, key, _, parameters, row_count, _ = newest

    async def grown(known: FirstThings, came: Came) -> FirstThings | None:
        if len(known.at_ms) < fewest and known.until_ms is not None:
            return None
        at_ms, until_ms = dict(known.at_ms), known.until_ms
        for each, seen in roll_up.came(came).items():
            place_ms = key.grown(at_ms.get(each), seen)
            # Behind what is known there may be others, of which nothing is.
            if until_ms is None or place_ms > until_ms:
                at_ms[each] = place_ms
        ordered = sorted(at_ms.items(), key=lambda each: -each[1])
        return first_of(FirstThings(dict(ordered), until_ms), row_count)

    hours = (parameters["from_hour"], parameters["to_hour"])
    named = ("newest", roll_up.table, key.column, parameters["from"], hours, row_count, fewest)
    return await newest.database.kept.ask(parameters["project"], named, lambda: _asked(newest), grown)


def _since(things: FirstThings, from_ms: int) -> FirstThings:
    """Those of the newest that may be in a period which begins then."""
    at_ms = {each: place_ms for each, place_ms in things.at_ms.items() if place_ms >= from_ms}
    is_all = things.until_ms is None or things.until_ms < from_ms
    return FirstThings(at_ms, None if is_all else things.until_ms)


def first_of(things: FirstThings, most: int) -> FirstThings:
    """So many of them, the first."""
    if len(things.at_ms) <= most:
        return things
    ids = list(things.at_ms)
    return FirstThings({each: things.at_ms[each] for each in ids[:most]}, things.at_ms[ids[most]])


async def _asked(head: Head) -> FirstThings:
    database, roll_up, key, order, parameters, row_count, past_ms = head
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
    return FirstThings(at_ms, None if len(rows) < row_count else rows[-1]["at_ms"])


def _is(column: str, sign: str, moment: str) -> str:
    """A column compared with a bound moment."""
    return f"{column} {sign} fromUnixTimestamp64Milli({{{moment}:Int64}}, 'UTC')"
