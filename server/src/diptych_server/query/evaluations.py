"""`GET /api/v1/evaluations`, and the judgements of one trace."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from diptych_server.query.answering_span import answering_span
from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period, ms_of, rfc3339
from diptych_server.query.links import FEEDBACK_KEY
from diptych_server.store.database import Database
from diptych_server.wire.answers import Evaluation, Page

LIST_NAME = "evaluations"

COLUMNS = (
    "evaluation_id, label, metric_type, value, assessment, reasoning, source, submitter, ts, seen_at,"
    " trace_id, span_id, session_id, turn_id, tags, metadata"
)

REACTION = "reaction:"
"""How the ids of judgements begin that `intake.behaviour` makes."""


async def evaluations_of_trace(
    database: Database,
    project_id: str,
    trace_id: str,
    *,
    spans: Collection[Mapping[str, Any]],
    answer: str,
    answer_ids: Iterable[str],
) -> list[Evaluation]:
    """Judgements of the trace and its spans, however they were joined: by ids, turn, tag or feedback key.

    Args:
        database: the store.
        project_id: whose trace.
        trace_id: the trace.
        spans: `span_id` and `tags` of its spans, and what `answering_span` needs.
        answer: its output.
        answer_ids: events of the answers that it became on pages; each names the same turn as the trace.
    """
    tags = sorted({(key, value) for span in spans for key, value in span["tags"].items()})
    rows = await database.query(
        f"""
        SELECT {COLUMNS} FROM evaluations
        WHERE project_id = {{project:String}} AND trace_id IN ({{trace:String}}, '') AND (
          trace_id = {{trace:String}}
          OR trace_id = '' AND span_id IN (
            SELECT span_id FROM spans WHERE project_id = {{project:String}} AND trace_id = {{trace:String}}
          )
          OR span_id != '' AND has({{spans:Array(String)}}, span_id)
          OR turn_id != '' AND has({{turns:Array(String)}}, turn_id)
          OR join_tag_key != '' AND has(arrayZip({{keys:Array(String)}}, {{values:Array(String)}}),
                                        (join_tag_key, join_tag_value))
          OR feedback_key != '' AND has({{feedback:Array(String)}}, feedback_key)
        )
        ORDER BY precedence DESC, ts DESC
        LIMIT 1 BY evaluation_id
        """,  # noqa: S608 - a constant; every value is bound
        {
            "project": project_id,
            "trace": trace_id,
            "keys": [key for key, _ in tags],
            "values": [value for _, value in tags],
            "spans": [span["span_id"] for span in spans],
            "turns": [trace_id, *answer_ids],
            "feedback": [value for key, value in tags if key == FEEDBACK_KEY],
        },
    )
    rows.sort(key=lambda row: (row["ts"], row["evaluation_id"]))
    span_id = answering_span(spans, answer)
    return [_on_answer(_evaluation(row), trace_id, span_id) for row in rows]


def _on_answer(evaluation: Evaluation, trace_id: str | None, span_id: str | None) -> Evaluation:
    """With what a person did with an answer on the span that wrote it."""
    if evaluation.evaluation_id.startswith(REACTION):
        evaluation.trace_id, evaluation.span_id = trace_id, span_id
    return evaluation


class JoinedTurn(NamedTuple):
    """What joins judgements to a turn."""

    answer_id: str | None
    trace_id: str | None
    spans: Sequence[Mapping[str, Any]]
    """Of its trace, as `spans_beside` has them."""
    answer: str = ""
    """The trace's output."""

    @property
    def tags(self) -> set[tuple[str, str]]:
        """All tags of its spans."""
        return {pair for span in self.spans for pair in span["tags"].items()}


async def evaluations_of_turns(
    database: Database, project_id: str, turns: Mapping[str, JoinedTurn]
) -> dict[str, list[Evaluation]]:
    """Judgements of each turn: of its trace and its spans as `evaluations_of_trace`, and of its answer."""
    trace_ids = sorted({turn.trace_id for turn in turns.values() if turn.trace_id})
    tags = {key: turn.tags for key, turn in turns.items()}
    every_tag = sorted(set().union(*tags.values()))
    rows = await database.query(
        f"""
        SELECT {COLUMNS}, join_tag_key, join_tag_value, feedback_key FROM evaluations
        WHERE project_id = {{project:String}} AND (
          trace_id != '' AND trace_id IN {{traces:Array(String)}}
          OR trace_id = '' AND (
            span_id != '' AND span_id IN {{spans:Array(String)}}
            OR turn_id != '' AND turn_id IN {{turns:Array(String)}}
            OR join_tag_key != '' AND has(arrayZip({{keys:Array(String)}}, {{values:Array(String)}}),
                                          (join_tag_key, join_tag_value))
            OR feedback_key != '' AND feedback_key IN {{feedback:Array(String)}}))
        ORDER BY precedence DESC, ts DESC
        LIMIT 1 BY evaluation_id
        """,  # noqa: S608 - a constant; every value is bound
        {
            "project": project_id,
            "traces": trace_ids,
            "spans": sorted({span["span_id"] for turn in turns.values() for span in turn.spans}),
            "turns": sorted(
                {each for turn in turns.values() for each in (turn.answer_id, turn.trace_id) if each}
            ),
            "keys": [key for key, _ in every_tag],
            "values": [value for _, value in every_tag],
            "feedback": sorted({value for key, value in every_tag if key == FEEDBACK_KEY}),
        },
    )
    rows.sort(key=lambda row: (row["ts"], row["evaluation_id"]))
    span_ids = {key: answering_span(turn.spans, turn.answer) for key, turn in turns.items()}
    return {
        key: [
            _on_answer(_evaluation(row), turn.trace_id, span_ids[key])
            for row in rows
            if _is_of_turn(row, turn, tags[key])
        ]
        for key, turn in turns.items()
    }


def _is_of_turn(row: Mapping[str, Any], turn: JoinedTurn, tags: Collection[tuple[str, str]]) -> bool:
    if row["trace_id"]:
        return bool(row["trace_id"] == turn.trace_id)
    return bool(
        any(row["span_id"] and row["span_id"] == span["span_id"] for span in turn.spans)
        or (row["turn_id"] != "" and row["turn_id"] in (turn.answer_id, turn.trace_id))
        or (row["join_tag_key"] != "" and (row["join_tag_key"], row["join_tag_value"]) in tags)
        or (row["feedback_key"] != "" and (FEEDBACK_KEY, row["feedback_key"]) in tags)
    )


async def list_evaluations(
    database: Database,
    project_id: str,
    period: Period,
    *,
    label: str | None = None,
    source: str | None = None,
    assessment: str | None = None,
    trace_id: str | None = None,
    session_id: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Evaluation]:
    """A page of evaluations that were seen in the period, newest first; each named field must be equal.

    Raises:
        BadRequest: the cursor is not of this list.
    """
    after = Cursor.decode(cursor, LIST_NAME) if cursor else None
    wanted = {
        "label": label,
        "source": source,
        "assessment": assessment,
        "trace_id": trace_id,
        "session_id": session_id,
    }
    equal = "".join(f" AND {name} = {{{name}:String}}" for name, value in wanted.items() if value is not None)
    past = (
        "WHERE (ts, evaluation_id) < (fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'), {after_id:String})"
    )
    found = f"""
        FROM evaluations
        WHERE project_id = {{project:String}}{equal}
          AND seen_at >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC')
          AND seen_at < fromUnixTimestamp64Milli({{to:Int64}}, 'UTC')"""
    rows = await database.query(
        # Of all that is found only what their order needs is read, and the page's whole.
        f"""
        SELECT * FROM (
          SELECT {COLUMNS} {found} AND evaluation_id IN (
            SELECT evaluation_id FROM (
              SELECT evaluation_id, ts {found} ORDER BY precedence DESC, ts DESC LIMIT 1 BY evaluation_id
            )
            {past if after else ""}
            ORDER BY ts DESC, evaluation_id DESC
            LIMIT {{limit:UInt32}}
          )
          ORDER BY precedence DESC, ts DESC
          LIMIT 1 BY evaluation_id
        )
        ORDER BY ts DESC, evaluation_id DESC
        """,  # noqa: S608 - names from the table above; every value is bound
        {name: value for name, value in wanted.items() if value is not None}
        | {
            "project": project_id,
            "from": period.from_ms,
            "to": period.to_ms,
            "limit": limit + 1,
            "after_ms": after.key if after else 0,
            "after_id": after.ids[0] if after else "",
        },
    )
    next_cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = Cursor(LIST_NAME, ms_of(last["ts"]), (last["evaluation_id"],)).encode()
    return Page(items=[_evaluation(row) for row in rows[:limit]], next_cursor=next_cursor)


def _evaluation(row: Mapping[str, Any]) -> Evaluation:
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
