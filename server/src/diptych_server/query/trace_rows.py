"""Traces as rows of SQL: what a search, its facets and its histogram are asked over.

A trace is one row of the roll-up, or several until parts merge and where it lasted over the turn of an hour.
To add up its maps and tuples costs several times what it costs to read them. So the traces of one row are
read as they stand, and only the others, which are few, are added up. Which they are is seen where the hashes
of all ids are sorted: that takes a quarter of what it takes to group by the ids.
"""

from collections.abc import Mapping

from diptych_server.query.search import Search
from diptych_server.query.search.one_row import of_one_row
from diptych_server.query.search.sources import ROLLED_UP

_AT_MS = "toUnixTimestamp64Milli(min(traces.first_seen))"
_IN_PERIOD = "at_ms >= {from:Int64} AND at_ms < {to:Int64} AND max(traces.is_llm)"
_SEVERAL = f"""
SELECT arrayFilter((hash, step) -> step = 0, arrayPopFront(hashes), arrayPopFront(arrayDifference(hashes)))
FROM (SELECT arraySort(groupArray(id_hash)) AS hashes FROM traces WHERE {ROLLED_UP})
"""  # noqa: S608 - constants
"""Hashes of the ids that more than one row has."""


def traces_as_rows(columns: Mapping[str, str], search: Search) -> str:
    """A SELECT of the traces in a period that a search finds: `id`, `at_ms` and the columns."""
    is_light = not search.having and all(of_one_row(value) == value for value in columns.values())
    # What finds ids may be dear, and would be asked twice; and it leaves few traces to be added up.
    if is_light or search.where:
        return _added_up(columns, search, search.where)
    return f"""
WITH ({_SEVERAL}) AS several
SELECT trace_id AS id, {of_one_row(_AT_MS)} AS at_ms{_named(columns, is_one_row=True)}
FROM traces
WHERE {ROLLED_UP} AND {of_one_row(_IN_PERIOD)} AND id_hash NOT IN several
  {_and(search.having_of_one_row)}
UNION ALL
{_added_up(columns, search, "id_hash IN several")}"""  # noqa: S608 - expressions of our own; every value is bound


def _added_up(columns: Mapping[str, str], search: Search, which: str) -> str:
    return f"""
SELECT trace_id AS id, {_AT_MS} AS at_ms{_named(columns)}
FROM traces
WHERE {ROLLED_UP} {_and(which)}
GROUP BY trace_id
HAVING {_IN_PERIOD} {_and(search.having)}"""  # noqa: S608 - expressions of our own; every value is bound


def _named(columns: Mapping[str, str], *, is_one_row: bool = False) -> str:
    return "".join(
        f", {of_one_row(value) if is_one_row else value} AS {name}" for name, value in columns.items()
    )


def _and(condition: str) -> str:
    return f"AND {condition}" if condition else ""
