"""The fields of each signal: its own, and those of the other sides, which lead to it by the hinge.

`trace.cost:>1` finds sessions by their traces, `session.view.url:*checkout*` traces by their session. The
prefix can be left out where the signal has no field of that name itself.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from diptych_server.query.search.fields import OWN, Family, Field, Searchable, Source
from diptych_server.query.search.session_fields import SESSION_FIELDS, SESSION_WORDS
from diptych_server.query.search.sources import (
    AMONG,
    EVENTS,
    INDEXED_TEXT,
    PROJECT,
    ROLLED_UP,
    SESSIONS_BY_TOTALS,
    SESSIONS_OF_EVALUATIONS,
    SPANS_OF_TRACE,
    TRACES_BY_ROWS,
    TRACES_BY_TOTALS,
    TRACES_OF_EACH_SESSION,
    TRACES_OF_EVALUATIONS,
    TRACES_OF_SPANS,
    TURNS_OF_EVALUATIONS,
    session_in,
    sessions_of_traces,
    trace_by_hash,
    trace_in,
    traces_of_sessions,
    turn_of_sessions,
    turn_of_traces,
)
from diptych_server.query.search.span_fields import SPAN_FAMILIES, SPAN_FIELDS
from diptych_server.query.search.totals import COST_USD, TOKENS
from diptych_server.query.search.trace_fields import TRACE_FIELDS
from diptych_server.query.search.turn_fields import TURN_FIELDS
from diptych_server.wire.explore import Signal

TAG, EVALUATION, VERDICT = SPAN_FAMILIES

_LLM_TOTALS = f"""
  SELECT link.session_id FROM (
    {TRACES_OF_EACH_SESSION}
  ) AS link
  INNER JOIN (
    SELECT trace_id, {COST_USD} AS cost, {TOKENS} AS tokens FROM traces WHERE {ROLLED_UP}
    GROUP BY trace_id HAVING max(is_llm)
  ) AS trace ON trace.trace_id = link.trace_id
  GROUP BY link.session_id HAVING {{condition}}"""  # noqa: S608 - constants
LLM_TOTALS = session_in(_LLM_TOTALS, is_group=True)

REPLAYS = session_in(
    f"SELECT session_id FROM replay_segments WHERE {PROJECT} GROUP BY session_id HAVING {{condition}}",  # noqa: S608 - constants
    is_group=True,
)

LLM_FIELDS = (
    Field("traces", "number", "How many LLM traces it has.", "count()", LLM_TOTALS, ("trace.count",)),
    Field("cost", "number", "Cost in USD of its traces.", "sum(trace.cost)", LLM_TOTALS, ("cost_usd",)),
    Field("tokens", "number", "Tokens of its traces.", "sum(trace.tokens)", LLM_TOTALS, ("total_tokens",)),
    Field(
        "has_replay",
        "boolean",
        "Whether there is a replay of it.",
        "count()",
        REPLAYS,
        ("session.has_replay",),
        examples=("has_replay:true",),
    ),
    Field("replay.size", "bytes", "Size of its replay.", "sum(bytes)", REPLAYS),
)
"""Of a session, from its traces and its replay."""


def _under(prefix: str, fields: Iterable[Field], taken: Iterable[Field]) -> tuple[Field, ...]:
    """The fields with a prefix, and without it as an alias where no other field has that name."""
    names = {name for field in taken for name in (field.name, *field.aliases)}
    return tuple(
        replace(
            field,
            name=field.name if field.name.startswith(f"{prefix}.") else f"{prefix}.{field.name}",
            aliases=tuple(
                alias
                for alias in dict.fromkeys(
                    (field.name, *field.aliases, *(f"{prefix}.{name}" for name in field.aliases))
                )
                if alias not in names
            ),
            examples=(),
            is_facet=False,
        )
        for field in fields
    )


def _from(source_of: Source, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Fields of the rows of a source; a field keeps its own source within it."""
    return tuple(
        replace(field, source=Source(source_of.match.replace("{condition}", field.source.match)))
        for field in fields
        if not field.source.is_group
    )


def _from_traces(source_of: Callable[[str], Source]) -> tuple[Field, ...]:
    """Fields of traces; of several values, such as the models, any row of a trace may tell the one."""
    return tuple(
        replace(field, source=replace(source_of(TRACES_BY_ROWS), is_any_row=True))
        if field.is_many
        else replace(field, source=source_of(TRACES_BY_TOTALS))
        for field in TRACE_FIELDS
        if not field.source.is_group
    )


def _family(family: Family, source: Source, description: str, prefix: str = "") -> Family:
    name = f"{prefix}.{family.prefix}" if prefix else family.prefix
    return replace(
        family, prefix=name, source=source, description=description, aliases=() if prefix else family.aliases
    )


_SPANS_NAMED = _under("span", _from(SPANS_OF_TRACE, SPAN_FIELDS), TRACE_FIELDS)
"""A trace by one of its spans."""

_OF_TRACE = TRACE_FIELDS + _SPANS_NAMED
_TRACE_OF_SESSION = _from_traces(lambda ids: session_in(sessions_of_traces(ids))) + _from(
    session_in(sessions_of_traces(TRACES_OF_SPANS)),
    [
        replace(field, source=OWN, name=named.name, aliases=named.aliases)
        for field, named in zip(SPAN_FIELDS, _SPANS_NAMED, strict=True)
    ],
)


def _sessions(field: Field) -> str:
    """Ids of the sessions that a field of theirs finds."""
    if field.is_own:
        return SESSIONS_BY_TOTALS
    return field.source.ids.replace(AMONG, "")


_SESSION_OF_TRACE = tuple(
    replace(field, source=trace_in(traces_of_sessions(_sessions(field)))) for field in SESSION_FIELDS
)
_SESSION_OF_TURN = tuple(
    replace(field, source=turn_of_sessions(_sessions(field))) for field in SESSION_FIELDS
)

_SESSION_BASE = SESSION_FIELDS + LLM_FIELDS
_SPAN_BASE = SPAN_FIELDS + _under("trace", _from_traces(trace_in), SPAN_FIELDS)

SESSIONS = Searchable(
    fields=_SESSION_BASE + _under("trace", _TRACE_OF_SESSION, _SESSION_BASE),
    families=(
        _family(
            EVALUATION,
            session_in(SESSIONS_OF_EVALUATIONS),
            "An evaluation of the session or one of its traces.",
        ),
        _family(VERDICT, session_in(SESSIONS_OF_EVALUATIONS), "A verdict of a source on any of these."),
        _family(
            EVALUATION,
            session_in(sessions_of_traces(TRACES_OF_EVALUATIONS)),
            "An evaluation of one of its traces.",
            "trace",
        ),
        _family(TAG, session_in(sessions_of_traces(TRACES_OF_SPANS)), "A tag of a span of its traces."),
    ),
    words=EVENTS,
    words_in=SESSION_WORDS,
    is_indexed=False,
    members=EVENTS,
    words_description="names of views, actions, errors and requests, addresses and the person, in one event",
)
TRACES = Searchable(
    fields=_OF_TRACE + _under("session", _SESSION_OF_TRACE, _OF_TRACE),
    families=(
        _family(
            EVALUATION,
            trace_by_hash(TRACES_OF_EVALUATIONS),
            "An evaluation of the trace or one of its spans.",
        ),
        _family(VERDICT, trace_by_hash(TRACES_OF_EVALUATIONS), "A verdict of a source on any of these."),
        _family(TAG, trace_by_hash(TRACES_OF_SPANS), "A tag of one of its spans."),
    ),
    words=SPANS_OF_TRACE,
    words_in=INDEXED_TEXT,
    is_indexed=True,
    members=SPANS_OF_TRACE,
    words_description="the input and output of one span of the trace",
)
SPANS = Searchable(
    fields=_SPAN_BASE + _under("session", _SESSION_OF_TRACE, _SPAN_BASE),
    families=(
        EVALUATION,
        VERDICT,
        _family(EVALUATION, trace_in(TRACES_OF_EVALUATIONS), "An evaluation of its trace.", "trace"),
        TAG,
    ),
    words=OWN,
    words_in=INDEXED_TEXT,
    is_indexed=True,
    words_description="its input and output",
)

_TURN_BASE = TURN_FIELDS + tuple(field for field in LLM_FIELDS if field.name == "has_replay")
_TRACE_OF_TURN = _TURN_BASE + _under("trace", _from_traces(turn_of_traces), _TURN_BASE)
_SPAN_OF_TURN = _TRACE_OF_TURN + _under(
    "span", _from(turn_of_traces(TRACES_OF_SPANS), SPAN_FIELDS), _TRACE_OF_TURN
)

TURNS = Searchable(
    fields=_SPAN_OF_TURN + _under("session", _SESSION_OF_TURN, _SPAN_OF_TURN),
    families=(
        _family(
            EVALUATION,
            Source(TURNS_OF_EVALUATIONS),
            "An evaluation of the answer, its trace or one of its spans; behaviour too.",
        ),
        _family(VERDICT, Source(TURNS_OF_EVALUATIONS), "A verdict of a source on any of these."),
        _family(TAG, turn_of_traces(TRACES_OF_SPANS), "A tag of a span of its trace."),
    ),
    words=OWN,
    words_in="concat(question, ' ', answer)",
    is_indexed=False,
    words_description="the question and the answer, of each the first 300 characters",
)

SEARCHABLE: dict[Signal, Searchable] = {
    "sessions": SESSIONS,
    "traces": TRACES,
    "spans": SPANS,
    "turns": TURNS,
}
"""What can be searched."""
