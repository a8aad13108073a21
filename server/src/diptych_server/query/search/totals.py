"""Tokens and cost of a trace in SQL, as `query.usage` counts them.

The one difference: where a client library's own spans stand beside those of another instrumentation, all of
the library's with the same input are twins here, while `usage` pairs them off one by one.
"""

from diptych_server.query.usage import COST_UNITS_A_USD, LIBRARY_SCOPES

_ROWS = "groupArray(traces.usage)"
CALLS = f"if(length({_ROWS}) = 1, {_ROWS}[1], arrayReduce('maxMap', {_ROWS}))"
"""`maxMap(traces.usage)`, which is dear, spared where a trace is one row of the roll-up, as most are."""

_LIBRARY = "(" + ", ".join(str(scope) for scope in sorted(LIBRARY_SCOPES)) + ")"


def _let(name: str, value: str, body: str) -> str:
    """`body` with `name` bound to a value that is computed once."""
    return f"arrayMap({name} -> {body}, [{value}])[1]"


_LEAVES = _let(
    "parents",
    "arrayMap(call -> call.parent, mapValues(calls))",
    "arrayFilter((call, span) -> NOT has(parents, span), mapValues(calls), mapKeys(calls))",
)
"""Model spans without a model span below them."""

_IS_FLAT = (
    "arrayUniq(arrayMap(call -> call.scope, mapValues(calls))) <= 1"
    " AND NOT hasAny(mapKeys(calls), arrayMap(call -> call.parent, mapValues(calls)))"
)
"""Whether all of them count as they stand: no call has another below it, and one instrumentation reports."""

_WITHOUT_LIBRARY_TWINS = _let(
    "others",
    f"arrayMap(call -> call.input, arrayFilter(call -> call.scope NOT IN {_LIBRARY}, leaves))",
    f"arrayFilter(call -> call.scope NOT IN {_LIBRARY} OR NOT has(others, call.input), leaves)",
)

_SCOPES_OF_KIND = "arrayDistinct(arrayMap(call -> call.scope, alike))"

_BEST_REPORT = f"""arrayReduce('max', arrayMap(scope -> {
    _let(
        "reports",
        "arrayFilter(call -> call.scope = scope, alike)",
        "(length(reports), arrayMax(call -> call.priced, reports),"
        " arraySum(call -> call.cost, reports), scope)",
    )
}, {_SCOPES_OF_KIND}))"""
"""Of the instrumentations that report the same calls: how many the chosen one saw, and what they cost."""


def _sum(single: str, of_group: str) -> str:
    """A sum over those of `calls` that count; twins are only looked for where two instrumentations report."""
    groups = _let(
        "own",
        _WITHOUT_LIBRARY_TWINS,
        "arraySum(kind -> "
        + _let(
            "alike",
            "arrayFilter(call -> (call.parent, call.input, call.output) = kind, own)",
            _let("best", _BEST_REPORT, of_group),
        )
        + ", arrayDistinct(arrayMap(call -> (call.parent, call.input, call.output), own)))",
    )
    counted = _let(
        "leaves",
        _LEAVES,
        f"if(length(arrayDistinct(arrayMap(call -> call.scope, leaves))) <= 1, "
        f"arraySum(call -> {single}, leaves), {groups})",
    )
    return f"if({_IS_FLAT}, arraySum(call -> {single}, mapValues(calls)), {counted})"


COST_UNITS_OF_CALLS = _sum("call.cost", "best.3")
"""Of a column `calls` that holds `CALLS`: an integer, of which a sum does not depend on its order.

The engine takes 17 ms to understand it, so who asks for it of traces of one row and of several says it once.
"""
COST_USD = f"({_let('calls', CALLS, COST_UNITS_OF_CALLS)}) / {COST_UNITS_A_USD}"
TOKENS = _let("calls", CALLS, _sum("call.input + call.output", "(kind.2 + kind.3) * best.1"))
INPUT_TOKENS = _let("calls", CALLS, _sum("call.input", "kind.2 * best.1"))
OUTPUT_TOKENS = _let("calls", CALLS, _sum("call.output", "kind.3 * best.1"))

STATUS = "if(max(traces.has_errors) > 0, 'error', 'ok')"
"""Whether a span of it failed."""
