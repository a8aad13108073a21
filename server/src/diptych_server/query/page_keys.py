"""The first step of a list: ids and sort keys of one page, from narrow columns of a roll-up.

The sort key of a thing is the least or the greatest of its rows' keys. So every thing that comes before the
last of the first N rows in the list's order is of one of these rows, and those things alone are added up: a
page costs hardly more where there is more. A session that goes on has many rows, so more are looked at than
are added up at first. Where that does not fill the page, the things of all those rows are added up, and then
all there are; of a search, which may find few, all there are at once, and the next time these alone.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from diptych_server.query.cursor import Cursor
from diptych_server.query.first_things import FirstThings, Head, Order, RollUp, RowKey, first_of, first_things
from diptych_server.query.instants import Period
from diptych_server.query.search import Led, Search
from diptych_server.query.search.sources import AMONG
from diptych_server.store.came import Came
from diptych_server.store.database import Database

THINGS_AT_FIRST = 4
"""That are added up for one of the page, in which all may be a thing that the search finds."""

ROWS_A_THING = 16
"""That are looked at. A session that goes on has a row of every commit until parts merge."""

MOST_LED = 2_000
"""Rows that hold the words of a search; where there are more, things near in the list are looked at first."""


class KeyStatement(NamedTuple):
    """What differs between the lists."""

    roll_up: RollUp
    sort_key: str
    row_key: RowKey | None
    """None where the sort key is no extreme of a column."""
    order: Order
    in_period: str
    """Condition on `first_ms` and `last_ms`."""
    more: str = ""
    """Aggregates that are told beside the keys, each after a comma; their columns bear the table's name."""
    things_at_first: int = THINGS_AT_FIRST
    rows_a_thing: int = ROWS_A_THING


class _Page(NamedTuple):
    """What is asked for: one page of a list."""

    database: Database
    statement: KeyStatement
    search: Search
    parameters: dict[str, Any]
    """Those of the project, the period and the page; those of the search are not among them."""
    after: Cursor | None
    limit: int


async def page_keys(
    database: Database,
    project_id: str,
    period: Period,
    statement: KeyStatement,
    search: Search,
    after: Cursor | None,
    limit: int,
) -> list[dict[str, Any]]:
    """`id_column`, `first_ms`, `last_ms`, `sort_key` and what more is told, of the page, in order."""
    parameters: dict[str, Any] = {
        "project": project_id,
        **period.parameters,
        "limit": limit,
        "after_key": after.key if after else 0,
        "after_id": after.ids[0] if after else "",
    }
    page = _Page(database, statement, search, parameters, after, limit)
    if search.led is not None:
        ids, are_few = await _holders(database, search.led, parameters)
        if not ids:
            return []
        if are_few:
            return await _added_up(page._replace(search=search.led.rest), ids)
    if statement.row_key is not None and search.is_local:
        keys = await _near(page, statement.row_key)
        if keys is not None:
            return keys
    return await _of_all(page)


async def _of_all(page: _Page) -> list[dict[str, Any]]:
    """The page, of all things of the period: what more is told of it is read of its things alone."""
    narrow = page._replace(statement=page.statement._replace(more=""))
    keys = await _added_up(narrow, None)
    if not page.statement.more or not keys:
        return keys
    return await _added_up(page, [key[page.statement.roll_up.id_column] for key in keys])


async def _near(page: _Page, row_key: RowKey) -> list[dict[str, Any]] | None:
    """The page, from the first rows in the list's order; None where these do not tell.

    That a search finds too few there is kept in mind for the hours of its period: it is not looked for again.
    """
    keys: list[dict[str, Any]] | None = None

    async def looked() -> bool:
        nonlocal keys
        keys = await _of_first_rows(page, row_key)
        return keys is not None

    async def grown(tells: bool, _: Came) -> bool | None:
        return None if tells else False

    statement, search, parameters = page.statement, page.search, page.parameters
    if search.is_empty:
        await looked()
        return keys
    hours = (parameters["from_hour"], parameters["to_hour"])
    listed = (statement.roll_up.table, statement.sort_key, statement.order, page.limit)
    key = ("first rows tell", *listed, search.where, search.having, *search.parameters.items(), *hours)
    if await page.database.kept.ask(parameters["project"], key, looked, grown) and keys is None:
        await looked()
    return keys


async def _of_first_rows(page: _Page, row_key: RowKey) -> list[dict[str, Any]] | None:
    """As `_near`, looked for each time."""
    statement, most = page.statement, page.limit * page.statement.things_at_first
    row_count, past_ms = page.limit * statement.rows_a_thing, page.after.key if page.after else None
    head = Head(
        page.database, statement.roll_up, row_key, statement.order, page.parameters, row_count, past_ms
    )
    things = await first_things(head, fewest=most)
    first = first_of(things, most)
    keys = await _of_things(page, first)
    if first.until_ms is None or len(keys) >= page.limit:
        return keys
    if not page.search.is_empty or first is things:
        return None
    keys = await _of_things(page, things)
    return keys if things.until_ms is None or len(keys) >= page.limit else None


async def _of_things(page: _Page, things: FirstThings) -> list[dict[str, Any]]:
    """Keys of these things, where they come before whatever is not among them; in order."""
    if not things.at_ms:
        return []
    among = list(things.at_ms)
    first_ms, last_ms = sorted((things.at_ms[among[0]], things.at_ms[among[-1]]))
    # Those that can hold any row of them.
    hours = Period(first_ms, last_ms).hours
    parameters = {**page.parameters, "from_hour": hours.first, "to_hour": hours.last}
    keys = await _added_up(page._replace(parameters=parameters), among)
    until_ms = things.until_ms
    if until_ms is None:
        return keys
    is_desc = page.statement.order == "desc"
    return [key for key in keys if (key["sort_key"] > until_ms if is_desc else key["sort_key"] < until_ms)]


class _Holders(NamedTuple):
    """The things that hold the words of a search."""

    ids: list[str]
    are_few: bool
    """Else these are not all of them."""


async def _holders(database: Database, led: Led, parameters: Mapping[str, Any]) -> _Holders:
    """Those in the days of the period. That they are many is kept in mind: what arrives takes none away."""

    async def asked() -> _Holders:
        rows = await database.query(
            f"{led.ids.replace(AMONG, '')} LIMIT {{most:UInt32}}",
            {**parameters, **led.parameters, "most": MOST_LED + 1},
            is_scan=True,
        )
        ids = dict.fromkeys(each for row in rows for each in row.values())
        return _Holders(list(ids), len(rows) <= MOST_LED)

    async def grown(known: _Holders, _: Came) -> _Holders | None:
        return None if known.are_few else known

    key = (led.ids, *led.parameters.items(), parameters["from_day"], parameters["to_day"])
    return await database.kept.ask(parameters["project"], key, asked, grown)


async def _added_up(page: _Page, among: list[str] | None) -> list[dict[str, Any]]:
    """Keys of the page, of some things or of all."""
    statement, search = page.statement, page.search
    table, key, hours, _ = statement.roll_up
    direction = statement.order.upper()
    where = search.where if among is None else search.among(key)
    sign = "<" if statement.order == "desc" else ">"
    past = f"(sort_key, {key}) {sign} ({{after_key:Int64}}, {{after_id:String}})"
    return await page.database.query(
        f"""
        SELECT {key},
          toUnixTimestamp64Milli(min({table}.first_seen)) AS first_ms,
          toUnixTimestamp64Milli(max({table}.last_seen)) AS last_ms,
          {statement.sort_key} AS sort_key{statement.more}
        FROM {table}
        {"WHERE" if among is None else f"PREWHERE {key} IN {{among:Array(String)}} AND"}
          project_id = {{project:String}} AND {hours}
          {f"{'AND' if among is None else 'WHERE'} {where}" if where else ""}
        GROUP BY {key}
        HAVING {statement.in_period} {f"AND {past}" if page.after else ""}
          {f"AND {search.having}" if search.having else ""}
        ORDER BY sort_key {direction}, {key} {direction}
        LIMIT {{limit:UInt32}}
        """,  # noqa: S608 - names of our own; every value is bound
        page.parameters | search.parameters | ({} if among is None else {"among": among}),
        is_scan=among is None,
    )
