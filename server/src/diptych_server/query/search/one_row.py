"""Totals of a thing that is one row of its roll-up, which need not be added up."""

import re

from diptych_server.query.search.totals import CALLS

_AGGREGATE = re.compile(r"\b(?:min|max|groupUniqArrayArray)\((\w+\.\w+)\)")
_FIRST_TOLD = re.compile(r"\bargMax\((answers\.told\.\w+), answers\.told\.precedence\)")
_MERGED_STATE = re.compile(r"\b\w+Merge\((\w+\.\w+)\)")


def first_told(field: str) -> str:
    """A field of an answer as its first delivery told it; `max` of the tuple would read all of it."""
    return f"argMax(answers.told.{field}, answers.told.precedence)"


def of_one_row(expression: str) -> str:
    """What an expression over a thing's rows comes to where there is one: of `max(traces.ml_app)` the column.

    Its columns must bear the table's name, and none of its aggregates stand in a subquery.
    """
    plain = _FIRST_TOLD.sub(r"\1", expression.replace(CALLS, "traces.usage"))
    return _MERGED_STATE.sub(r"finalizeAggregation(\1)", _AGGREGATE.sub(r"\1", plain))
