"""`GET /api/v1/evaluations`, and the judgements of one trace."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec

from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import Period, ms_of, rfc3339
from diptych_server.query.links import FEEDBACK_KEY
from diptych_server.store.database import Database
from diptych_server.wire.answers import Evaluation, Page

LIST_NAME = "evaluations"

COLUMNS = (
    "evaluation_id, label, metric_type, value, assessment, reasoning, source, submitter, ts, seen_at,"
    " trace_id, span_id, session_id, tags, metadata"
)


async def evaluations_of_trace(
    database: Database,
    project_id: str,
    trace_id: str,
    *,
    spans: Collection[Mapping[str, Any]],
    answer_ids: Iterable[str],
) -> list[Evaluation]:
    """Judgements of the trace and its spans, however they were joined: by ids, turn, tag or feedback key.

    Args:
        database: the store.
        project_id: whose trace.
        trace_id: the trace.
        spans: `span_id` and `tags` of its spans.
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
    return [_evaluation(row) for row in sorted(rows, key=lambda row: (row["ts"], row["evaluation_id"]))]


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
    rows = await database.query(
        f"""
        SELECT * FROM (
          SELECT {COLUMNS} FROM evaluations
          WHERE project_id = {{project:String}}{equal}
            AND seen_at >= fromUnixTimestamp64Milli({{from:Int64}}, 'UTC')
            AND seen_at < fromUnixTimestamp64Milli({{to:Int64}}, 'UTC')
          ORDER BY precedence DESC, ts DESC
          LIMIT 1 BY evaluation_id
        )
        {past if after else ""}
        ORDER BY ts DESC, evaluation_id DESC
        LIMIT {{limit:UInt32}}
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
        tags=dict(row["tags"]),
        metadata=msgspec.json.decode(row["metadata"] or "{}", type=dict[str, Any]),
    )
