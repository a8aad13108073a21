"""Tokens and cost of traces: which model spans count, said once, as SQL over the roll-up's map.

The rule. A model span with usage counts unless a direct child of it is one as well: the outer span of a
wrapper repeats what the inner one used. Of what is left, spans of different instrumentations with one
parent and the same tokens are twins, two reports of the same call: the instrumentation that saw more of
them counts, the others do not. Spans of one instrumentation are never twins of each other: asking twice the
same costs twice.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from diptych_server.wire.answers import Tokens

COST_UNITS_A_USD = 1_000_000_000_000
"""The roll-up keeps cost as an integer, so that a sum does not depend on its order."""

TOTALS = """
sum(input_tokens) AS input_tokens, sum(output_tokens) AS output_tokens,
sum(cache_read_tokens) AS cache_read_tokens, sum(cache_write_tokens) AS cache_write_tokens,
sum(reasoning_tokens) AS reasoning_tokens, max(priced) AS priced, sum(cost_units) AS cost_units
"""
"""Adds up rows of `trace_totals`, or of what it is made of."""


def trace_totals(where: str) -> str:
    """A SELECT of one row a trace: trace_id, is_llm, the columns of `TOTALS`, and `counted` span hashes.

    Args:
        where: which rows of `traces`; it names the project and the trace ids.
    """
    return f"""
SELECT trace_id, max(is_llm) AS is_llm, {TOTALS}, groupArrayArray(counted_hashes) AS counted
FROM (
  SELECT
    trace_id, max(is_llm) AS is_llm, call.parent AS parent, call.scope AS scope,
    call.input AS same_input, call.output AS same_output, count() AS calls,
    sum(call.input) AS input_tokens, sum(call.output) AS output_tokens,
    sum(call.cache_read) AS cache_read_tokens, sum(call.cache_write) AS cache_write_tokens,
    sum(call.reasoning) AS reasoning_tokens, max(call.priced) AS priced, sum(call.cost) AS cost_units,
    groupArrayIf(span_hash, span_hash != 0) AS counted_hashes
  FROM (
    SELECT trace_id, is_llm, mapKeys(calls) AS call_keys, mapValues(calls) AS call_values
    FROM (
      SELECT
        trace_id, max(is_llm) AS is_llm, maxMap(usage) AS used_by_span,
        arrayMap(call -> call.parent, mapValues(used_by_span)) AS parents,
        mapFilter((span_hash, call) -> NOT has(parents, span_hash), used_by_span) AS calls
      FROM traces WHERE {where} GROUP BY trace_id
    )
  )
  LEFT ARRAY JOIN call_keys AS span_hash, call_values AS call
  GROUP BY trace_id, parent, scope, same_input, same_output
  ORDER BY calls DESC, priced DESC, cost_units DESC, scope
  LIMIT 1 BY trace_id, parent, same_input, same_output
)
GROUP BY trace_id
"""  # noqa: S608 - `where` is SQL of ours, with bound places


class Usage(NamedTuple):
    """What counted spans used."""

    tokens: Tokens
    cost_usd: float | None
    """Null when none of them has a known price."""

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Usage":
        """From the columns of `TOTALS`."""
        tokens = Tokens(
            input=row["input_tokens"],
            output=row["output_tokens"],
            cache_read=row["cache_read_tokens"],
            cache_write=row["cache_write_tokens"],
            reasoning=row["reasoning_tokens"],
            total=row["input_tokens"] + row["output_tokens"],
        )
        return cls(tokens, row["cost_units"] / COST_UNITS_A_USD if row["priced"] else None)

    @classmethod
    def none(cls) -> "Usage":
        """Nothing was used, as far as we know."""
        return cls(Tokens(), None)
