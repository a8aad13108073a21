"""What a search finds in a period, as rows to count: one a session, trace, span or turn."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from diptych_server.query.instants import Period
from diptych_server.query.search import Search, search_of
from diptych_server.query.trace_rows import traces_as_rows
from diptych_server.query.turn_rows import LED, felt_as_rows, is_felt, is_served, turns_as_rows
from diptych_server.store.traits import PROMPTS, Trait
from diptych_server.wire.explore import Signal


class Matching(NamedTuple):
    """A SELECT of what is found: `id`, `at_ms` and the columns that were asked for."""

    sql: str
    parameters: dict[str, Any]


class Question(NamedTuple):
    """A search over a signal in a period: what a list, its facets and its histogram are asked alike."""

    project_id: str
    period: Period
    signal: Signal
    query: str | None = None
    known: Mapping[str, Any] | None = None
    """What `query.prepared` found out, as its statement binds it; turns cannot be asked for without."""
    has_apm: bool = False
    """Whether traces of APM are known, which answers may name."""
    lacked: frozenset[Trait] = frozenset()
    """What no row of the project has."""
    is_few: bool = False
    """Whether it is known which turns alone may be found."""

    @property
    def bounds(self) -> dict[str, Any]:
        """The project and the period as statements bind them."""
        return {"project": self.project_id, **self.period.parameters}

    def is_felt(self, columns: Iterable[str] = ()) -> bool:
        """Whether turns are asked for that all have a page's half, and nothing of the other (`rows`).

        Raises:
            BadRequest: the query is malformed.
        """
        search = search_of(self.query, self.signal)
        return (
            self.signal == "turns"
            and not search.finds_untold
            and is_felt(" ".join((search.where, search.having, *columns)))
        )

    @property
    def counted(self) -> str:
        """Aggregate over `rows` that counts each thing once."""
        return "uniq(id)" if self.signal == "spans" else "count()"

    def rows(
        self, columns: Mapping[str, str], *, is_each_once: bool = False, is_felt: bool = False
    ) -> Matching:
        """The things that the list would hold, with an expression a column.

        A span that came twice is two rows until parts merge: to leave one of them out costs ten times as much
        as to count with `counted`. Only with `is_each_once` is it done.

        With `is_felt`, turns without a page's half are left out; nothing may be asked of the other half.

        Raises:
            BadRequest: the query is malformed.
        """
        search = search_of(self.query, self.signal, self.lacked)
        if self.signal == "traces":
            sql = traces_as_rows(columns, search, is_prepared=self.known is not None)
        elif self.signal == "turns":
            sql = self._turns(columns, search, is_felt=is_felt)
        else:
            sql = _filled(STATEMENTS[self.signal], columns, search)
        if self.signal == "spans" and is_each_once:
            sql += EACH_SPAN_ONCE
        return Matching(sql, {**self.bounds, **(self.known or {}), **search.parameters})

    def _turns(self, columns: Mapping[str, str], search: Search, *, is_felt: bool) -> str:
        condition = " AND ".join(filter(None, (search.where, search.having)))
        if is_felt:
            return felt_as_rows(columns, condition)
        return turns_as_rows(
            columns,
            condition,
            has_apm=self.has_apm,
            has_prompts=PROMPTS not in self.lacked,
            is_led=any((self.known or {}).get(name) for name in LED),
            is_few=self.is_few,
            only_served=is_served(condition) and not search.finds_untold,
        )


def _filled(statement: str, columns: Mapping[str, str], search: Search) -> str:
    # Replaced, not formatted: expressions hold the places of bound values.
    return (
        statement.replace("<columns>", "".join(f", {value} AS {name}" for name, value in columns.items()))
        .replace("<where>", f"AND {search.where}" if search.where else "")
        .replace("<having>", f"AND {search.having}" if search.having else "")
    )


_SESSIONS = """
SELECT session_id AS id, toUnixTimestamp64Milli(min(sessions.first_seen)) AS first_ms,
  toUnixTimestamp64Milli(max(sessions.last_seen)) AS last_ms,
  greatest(first_ms, {from:Int64}) AS at_ms<columns>
FROM sessions
WHERE project_id = {project:String} AND hour >= {from_hour:DateTime('UTC')} <where>
GROUP BY session_id
HAVING last_ms >= {from:Int64} AND first_ms < {to:Int64} <having>
"""
"""A session that was going on when the period began stands at its begin."""

_SPANS = """
SELECT id_hash AS id, toUnixTimestamp64Milli(seen_at) AS at_ms<columns>
FROM spans
WHERE project_id = {project:String} AND kind != 'span'
  AND seen_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND seen_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC') <where> <having>
"""

EACH_SPAN_ONCE = "ORDER BY project_id, trace_id, start_ns, span_id LIMIT 1 BY trace_id, span_id"

STATEMENTS: dict[Signal, str] = {
    "sessions": _SESSIONS,
    "spans": _SPANS,
}
