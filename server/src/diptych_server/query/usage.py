"""Tokens and cost of traces: which model spans count, said once, over the roll-up's map.

The rule. A model span with usage counts unless a direct child of it is one as well: the outer span of a
wrapper repeats what the inner one used. Of what is left, spans of different instrumentations with one parent
and the same tokens are twins, two reports of the same call: the instrumentation that saw more of them counts,
the others do not. Spans of one instrumentation are never twins of each other: asking twice the same costs
twice.

A client library's own span is a twin wherever in the trace another instrumentation tells of a call with the
same input: such a span is made for every call, and instrumentations by callbacks, or of streams, leave it
beside their own and may count the output otherwise.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from diptych_server.wire.answers import Tokens

COST_UNITS_A_USD = 1_000_000_000_000
"""The roll-up keeps cost as an integer, so that a sum does not depend on its order."""

LIBRARY_SCOPES = frozenset({11380327183215515388})
"""Scopes of client libraries that make a span of their own for every call, as the roll-up hashes them:
cityHash64('com.anthropic.sdk.python')."""

Call = Mapping[str, int]
"""What one model span used, as `traces.usage` names it: parent and scope (hashes), input, output… cost."""

CallsBySpan = Mapping[int, Call]
"""`traces.usage`: hash of a span id → its call."""


class Usage(NamedTuple):
    """What counted spans used."""

    tokens: Tokens
    cost_usd: float | None
    """Null when none of them has a known price."""


def counted_calls(calls: CallsBySpan) -> dict[int, Call]:
    """Those of a trace's model spans that count."""
    parents = {call["parent"] for call in calls.values()}
    leaves = {span_hash: call for span_hash, call in calls.items() if span_hash not in parents}
    alike: dict[tuple[int, int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for span_hash, call in _without_library_twins(leaves).items():
        alike[call["parent"], call["input"], call["output"]][call["scope"]].append(span_hash)
    counted: dict[int, Call] = {}
    for by_scope in alike.values():
        # Of two that saw as much, the one that knows the price; then any, but always the same.
        chosen = max(
            by_scope.items(),
            key=lambda each: (
                len(each[1]),
                max(calls[span_hash]["priced"] for span_hash in each[1]),
                sum(calls[span_hash]["cost"] for span_hash in each[1]),
                each[0],
            ),
        )
        counted |= {span_hash: calls[span_hash] for span_hash in chosen[1]}
    return counted


def _without_library_twins(leaves: dict[int, Call]) -> dict[int, Call]:
    """The calls without those spans of client libraries that another span tells of as well."""
    own: dict[int, list[int]] = defaultdict(list)
    for span_hash in sorted(leaves):
        if leaves[span_hash]["scope"] in LIBRARY_SCOPES:
            own[leaves[span_hash]["input"]].append(span_hash)
    if not own:
        return leaves
    twins: set[int] = set()
    for span_hash in sorted(leaves):
        call = leaves[span_hash]
        if call["scope"] in LIBRARY_SCOPES or not (candidates := own.get(call["input"])):
            continue
        # Its neighbour first, then the one that came to most nearly the same.
        twin = min(
            candidates,
            key=lambda each: (
                leaves[each]["parent"] != call["parent"],
                abs(leaves[each]["output"] - call["output"]),
            ),
        )
        candidates.remove(twin)
        twins.add(twin)
    return {span_hash: call for span_hash, call in leaves.items() if span_hash not in twins}


def add_up(traces: Iterable[CallsBySpan]) -> Usage:
    """Tokens and cost of some traces, each given once."""
    calls = [call for trace in traces for call in counted_calls(trace).values()]

    def total(name: str) -> int:
        return sum(call[name] for call in calls)

    tokens = Tokens(
        input=total("input"),
        output=total("output"),
        cache_read=total("cache_read"),
        cache_write=total("cache_write"),
        reasoning=total("reasoning"),
        total=total("input") + total("output"),
    )
    is_priced = any(call["priced"] for call in calls)
    return Usage(tokens, total("cost") / COST_UNITS_A_USD if is_priced else None)
