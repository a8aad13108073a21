"""Traces as rows of SQL: what a search, its facets and its histogram are asked over."""

from collections.abc import Mapping

from diptych_server.query.roll_up_rows import added_up, as_rows
from diptych_server.query.search import Search
from diptych_server.query.search.one_row import of_one_row
from diptych_server.query.search.sources import ROLLED_UP

_AT_MS = {"at_ms": "toUnixTimestamp64Milli(min(traces.first_seen))"}
_IN_PERIOD = "at_ms >= {from:Int64} AND at_ms < {to:Int64} AND max(traces.is_llm)"


def traces_as_rows(columns: Mapping[str, str], search: Search, *, is_prepared: bool) -> str:
    """A SELECT of the traces in a period that a search finds: `id`, `at_ms` and the columns.

    With `is_prepared` it binds what `in_several_rows` found; else each trace is added up.
    """
    columns = {**_AT_MS, **columns}
    having = _and(_IN_PERIOD, search.having)
    # What finds ids may be dear, and would be asked twice; and it leaves few traces to be added up.
    if search.where or not is_prepared:
        return added_up("traces", columns, _and(ROLLED_UP, search.where), having)
    return as_rows(
        "traces", columns, ROLLED_UP, having, _and(of_one_row(_IN_PERIOD), search.having_of_one_row)
    )


def _and(one: str, other: str) -> str:
    return f"{one} AND {other}" if other else one
