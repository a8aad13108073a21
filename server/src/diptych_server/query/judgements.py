"""How turns, traces and sessions were judged: by ids, by a tag, or by a feedback key."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from diptych_server.query.answering_span import answering_span
from diptych_server.query.instants import rfc3339
from diptych_server.query.links import FEEDBACK_KEY
from diptych_server.store.database import Database
from diptych_server.store.traits import FEEDBACK_KEYS, JUDGED_SPANS, JUDGED_TAGS, JUDGED_TURNS
from diptych_server.wire.answers import Evaluation

COLUMNS = (
    "evaluation_id, label, metric_type, value, assessment, reasoning, source, submitter, ts, seen_at,"
    " trace_id, span_id, session_id, turn_id, tags, metadata"
)
JOINED_COLUMNS = f"{COLUMNS}, precedence, join_tag_key, join_tag_value, feedback_key"

BY_SPANS = frozenset({JUDGED_SPANS, JUDGED_TAGS, FEEDBACK_KEYS})
"""Judgements that name no trace, but a span of it or what stands on one."""

REACTION = "reaction:"
"""How the ids of judgements begin that `intake.behaviour` makes."""


def is_by_behaviour(evaluation_id: str) -> bool:
    """Whether a judgement is what a person did with an answer: it stands on the span that wrote it."""
    return evaluation_id.startswith(REACTION)


def _on_answer(evaluation: Evaluation, trace_id: str | None, span_id: str | None) -> Evaluation:
    """With what a person did with an answer on the span that wrote it."""
    if is_by_behaviour(evaluation.evaluation_id):
        evaluation.trace_id, evaluation.span_id = trace_id, span_id
    return evaluation


class JoinedTurn(NamedTuple):
    """What joins judgements to a turn, or to a trace of which no page may know."""

    trace_id: str | None
    answer_ids: Collection[str]
    """Events of the answers that it became on pages."""
    spans: Sequence[Mapping[str, Any]]
    """Of its trace: `span_id`, `tags` where judgements may go by them, and what `answering_span` needs.

    Empty where nothing that is told stands on one.
    """
    answer: str = ""
    """The trace's output."""


class _Names(NamedTuple):
    """What judgements without a trace id may name of a turn."""

    span_ids: frozenset[str]
    turn_ids: frozenset[str]
    tags: frozenset[tuple[str, str]]

    def include(self, row: Mapping[str, Any]) -> bool:
        """Whether a judgement names one of them."""
        return (
            row["span_id"] in self.span_ids
            or row["turn_id"] in self.turn_ids
            or (row["join_tag_key"], row["join_tag_value"]) in self.tags
            or (row["feedback_key"] != "" and (FEEDBACK_KEY, row["feedback_key"]) in self.tags)
        )


def _names(turn: JoinedTurn) -> _Names:
    turn_ids = (turn.trace_id, *turn.answer_ids)
    return _Names(
        frozenset(span["span_id"] for span in turn.spans),
        frozenset(each for each in turn_ids if each),
        frozenset(pair for span in turn.spans for pair in span.get("tags", {}).items()),
    )


async def evaluations_of_turns(
    database: Database, project_id: str, turns: Mapping[str, JoinedTurn]
) -> dict[str, list[Evaluation]]:
    """Judgements of each turn, its trace and its spans: joined by ids, by a tag, or by a feedback key."""
    return told_of_turns(await judgements(database, project_id, turns.values()), turns)


async def evaluations_of_sessions(
    database: Database, project_id: str, session_ids: Collection[str]
) -> dict[str, list[Evaluation]]:
    """Judgements that name one of the sessions, each as it was last delivered."""
    rows = await database.query(
        f"""
        SELECT {COLUMNS} FROM evaluations
        WHERE project_id = {{project:String}} AND session_id IN {{sessions:Array(String)}}
        ORDER BY precedence DESC, ts DESC
        LIMIT 1 BY evaluation_id
        """,  # noqa: S608 - constants; every value is bound
        {"project": project_id, "sessions": list(session_ids)},
    )
    found: dict[str, list[Evaluation]] = {}
    for row in rows:
        found.setdefault(row["session_id"], []).append(evaluation_of(row))
    return found


async def judgements(
    database: Database, project_id: str, turns: Collection[JoinedTurn]
) -> list[dict[str, Any]]:
    """Rows of all that is joined to one of the turns, or to a half of one, each once."""
    trace_ids = {turn.trace_id for turn in turns if turn.trace_id}
    by_trace, others = await asyncio.gather(
        database.things.read(
            project_id,
            "judged traces",
            trace_ids,
            lambda ids: _judged(database, project_id, ids),
            lambda came: came.judged_trace_ids,
            len,
        ),
        _judged_by_names(database, project_id, [_names(turn) for turn in turns]),
    )
    rows = sorted(
        (row for each in (*by_trace.values(), others) for row in each),
        key=lambda row: (row["precedence"], row["ts"]),
    )
    # One that named another trace when it was sent again is of the latter.
    return list({row["evaluation_id"]: row for row in rows}.values())


async def _judged(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """Rows of the judgements that name one of the traces, by trace."""
    rows = await database.query(
        f"""
        SELECT {JOINED_COLUMNS} FROM evaluations
        PREWHERE project_id = {{project:String}} AND trace_id IN {{traces:Array(String)}}
        ORDER BY precedence DESC, ts DESC
        LIMIT 1 BY trace_id, evaluation_id
        """,  # noqa: S608 - constants; every value is bound
        {"project": project_id, "traces": sorted(trace_ids)},
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        found[row["trace_id"]].append(row)
    return found


async def _judged_by_names(
    database: Database, project_id: str, names: Sequence[_Names]
) -> list[dict[str, Any]]:
    """Rows of the judgements that name no trace, but one of these."""
    span_ids = frozenset().union(*(each.span_ids for each in names))
    turn_ids = frozenset().union(*(each.turn_ids for each in names))
    tags = sorted(frozenset().union(*(each.tags for each in names)))
    keys = [value for key, value in tags if key == FEEDBACK_KEY]
    lacked = await database.traits.lacked(project_id)
    # Only what is asked by, and may be found: a condition on nothing takes its time, too.
    named = [
        condition
        for condition, held, trait in (
            ("span_id != '' AND span_id IN {spans:Array(String)}", span_ids, JUDGED_SPANS),
            ("turn_id != '' AND turn_id IN {turns:Array(String)}", turn_ids, JUDGED_TURNS),
            (
                """join_tag_key != '' AND (join_tag_key, join_tag_value) IN
                   arrayZip({keys:Array(String)}, {values:Array(String)})""",
                tags,
                JUDGED_TAGS,
            ),
            ("feedback_key != '' AND feedback_key IN {feedback:Array(String)}", keys, FEEDBACK_KEYS),
        )
        if held and trait not in lacked
    ]
    if not named:
        return []
    return await database.query(
        f"""
        SELECT {JOINED_COLUMNS} FROM evaluations
        PREWHERE project_id = {{project:String}} AND trace_id = ''
        WHERE {" OR ".join(named)}
        ORDER BY precedence DESC, ts DESC
        LIMIT 1 BY evaluation_id
        """,  # noqa: S608 - constants; every value is bound
        {
            "project": project_id,
            "spans": sorted(span_ids),
            "turns": sorted(turn_ids),
            "keys": [key for key, _ in tags],
            "values": [value for _, value in tags],
            "feedback": keys,
        },
    )


def told_of_turns(
    rows: Sequence[Mapping[str, Any]], turns: Mapping[str, JoinedTurn]
) -> dict[str, list[Evaluation]]:
    """Which of the judgements are joined to which turn, the earliest first."""
    ordered = sorted(rows, key=lambda row: (row["ts"], row["evaluation_id"]))
    told = {}
    for key, turn in turns.items():
        names = _names(turn)
        span_id = answering_span(turn.spans, turn.answer)
        told[key] = [
            _on_answer(evaluation_of(row), turn.trace_id, span_id)
            for row in ordered
            if (row["trace_id"] == turn.trace_id if row["trace_id"] else names.include(row))
        ]
    return told


def evaluation_of(row: Mapping[str, Any]) -> Evaluation:
    """From one row of `COLUMNS`."""
    return Evaluation(
        evaluation_id=row["evaluation_id"],
        label=row["label"],
        metric_type=row["metric_type"],
        value=msgspec.json.decode(row["value"]),
        assessment=row["assessment"] or None,
        reasoning=row["reasoning"] or None,
        source=row["source"],
        submitter=row["submitter"] or None,
        ts=rfc3339(row["ts"]),
        span_id=row["span_id"] or None,
        trace_id=row["trace_id"] or None,
        session_id=row["session_id"] or None,
        turn_id=row["turn_id"] or None,
        tags=dict(row["tags"]),
        metadata=msgspec.json.decode(row["metadata"] or "{}", type=dict[str, Any]),
    )
