"""`GET /api/v1/evaluations`, and the judgements of turns and traces."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from diptych_server.query.answering_span import answering_span
from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period, ms_of, rfc3339
from diptych_server.query.links import FEEDBACK_KEY
from diptych_server.store.database import Database
from diptych_server.store.traits import FEEDBACK_KEYS, JUDGED_SPANS, JUDGED_TAGS, JUDGED_TURNS
from diptych_server.wire.answers import Evaluation, Page

LIST_NAME = "evaluations"

COLUMNS = (
    "evaluation_id, label, metric_type, value, assessment, reasoning, source, submitter, ts, seen_at,"
    " trace_id, span_id, session_id, turn_id, tags, metadata"
)

REACTION = "reaction:"
"""How the ids of judgements begin that `intake.behaviour` makes."""


def _on_answer(evaluation: Evaluation, trace_id: str | None, span_id: str | None) -> Evaluation:
    """With what a person did with an answer on the span that wrote it."""
    if evaluation.evaluation_id.startswith(REACTION):
        evaluation.trace_id, evaluation.span_id = trace_id, span_id
    return evaluation


ROWS_AN_EVALUATION = 2
"""Rows that are looked at for one of a page: it may have been sent several times."""


class JoinedTurn(NamedTuple):
    """What joins judgements to a turn, or to a trace of which no page may know."""

    trace_id: str | None
    answer_ids: Collection[str]
    """Events of the answers that it became on pages."""
    spans: Sequence[Mapping[str, Any]]
    """Of its trace: `span_id`, `tags` where judgements may go by them, and what `answering_span` needs."""
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
        found.setdefault(row["session_id"], []).append(_evaluation(row))
    return found


async def judgements(
    database: Database, project_id: str, turns: Collection[JoinedTurn]
) -> list[dict[str, Any]]:
    """Rows of all that is joined to one of the turns, or to a half of one, each once."""
    names = [_names(turn) for turn in turns]
    trace_ids = {turn.trace_id for turn in turns if turn.trace_id}
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
    if not named and not trace_ids:
        return []
    return await database.query(
        f"""
        SELECT {COLUMNS}, join_tag_key, join_tag_value, feedback_key FROM evaluations
        PREWHERE project_id = {{project:String}} AND trace_id IN {{traces:Array(String)}}
          {f"WHERE (trace_id != '' OR {' OR '.join(named)})" if named else ""}
        ORDER BY precedence DESC, ts DESC
        LIMIT 1 BY evaluation_id
        """,  # noqa: S608 - constants; every value is bound
        {
            "project": project_id,
            "traces": sorted({"", *trace_ids} if named else trace_ids),
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
            _on_answer(_evaluation(row), turn.trace_id, span_id)
            for row in ordered
            if (row["trace_id"] == turn.trace_id if row["trace_id"] else names.include(row))
        ]
    return told


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
    found = f"""
        FROM evaluations
        WHERE project_id = {{project:String}}{equal}
          AND seen_at >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC')
          AND seen_at < fromUnixTimestamp64Milli({{to:Int64}}, 'UTC')"""
    parameters = {name: value for name, value in wanted.items() if value is not None} | {
        "project": project_id,
        "from": period.from_ms,
        "to": period.to_ms,
        "limit": limit + 1,
        "after_ms": after.key if after else 0,
        "after_id": after.ids[0] if after else "",
    }
    rows = await _newest(database, found, parameters, after, limit + 1)
    if rows is None:
        rows = await _ordered(database, found, parameters, after)
    next_cursor = None
    if len(rows) > limit:
        last = rows[limit - 1]
        next_cursor = Cursor(LIST_NAME, ms_of(last["ts"]), (last["evaluation_id"],)).encode()
    return Page(items=[_evaluation(row) for row in rows[:limit]], next_cursor=next_cursor)


async def _newest(
    database: Database, found: str, parameters: Mapping[str, Any], after: Cursor | None, limit: int
) -> list[dict[str, Any]] | None:
    """The first that are found, from the first rows in the list's order; None where these do not tell.

    One whose last delivery stands before the last of these rows is among them, as in `query.page_keys`.
    """
    past = "AND ts <= fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC')" if after else ""
    first = await database.query(
        f"SELECT evaluation_id, ts {found} {past} ORDER BY ts DESC LIMIT {{rows:UInt32}}",
        {**parameters, "rows": limit * ROWS_AN_EVALUATION},
    )
    if not first:
        return []
    is_all = len(first) < limit * ROWS_AN_EVALUATION
    rows = await database.query(
        f"""
        SELECT {COLUMNS} {found} AND evaluation_id IN {{among:Array(String)}}
        ORDER BY precedence DESC, ts DESC LIMIT 1 BY evaluation_id
        """,
        {**parameters, "among": list(dict.fromkeys(row["evaluation_id"] for row in first))},
    )
    told = [
        row
        for row in rows
        if (is_all or row["ts"] > first[-1]["ts"])
        and (after is None or (ms_of(row["ts"]), row["evaluation_id"]) < (after.key, after.ids[0]))
    ]
    if len(told) < limit and not is_all:
        return None
    return sorted(told, key=lambda row: (row["ts"], row["evaluation_id"]), reverse=True)[:limit]


async def _ordered(
    database: Database, found: str, parameters: Mapping[str, Any], after: Cursor | None
) -> list[dict[str, Any]]:
    """The first that are found, from all; of these only what their order needs is read."""
    past = (
        "WHERE (ts, evaluation_id) < (fromUnixTimestamp64Milli({after_ms:Int64}, 'UTC'), {after_id:String})"
        if after
        else ""
    )
    return await database.query(
        f"""
        SELECT * FROM (
          SELECT {COLUMNS} {found} AND evaluation_id IN (
            SELECT evaluation_id FROM (
              SELECT evaluation_id, ts {found} ORDER BY precedence DESC, ts DESC LIMIT 1 BY evaluation_id
            )
            {past}
            ORDER BY ts DESC, evaluation_id DESC
            LIMIT {{limit:UInt32}}
          )
          ORDER BY precedence DESC, ts DESC
          LIMIT 1 BY evaluation_id
        )
        ORDER BY ts DESC, evaluation_id DESC
        """,  # noqa: S608 - names of the list's own fields; every value is bound
        parameters,
    )


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
