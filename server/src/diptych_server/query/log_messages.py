"""Messages of model calls that came as log records: they stand in for what their span does not say."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.query.messages import decode_messages
from diptych_server.store.database import Database
from diptych_server.store.traits import LOGGED_MESSAGES
from diptych_server.wire.answers import Message

WHOLE_CALL_EVENT = "gen_ai.client.inference.operation.details"
"""Tells all messages of a call in one record; the other events tell one message each."""


class Logged(NamedTuple):
    """What log records tell of one span."""

    input: list[Message]
    output: list[Message]


NOTHING_LOGGED = Logged([], [])

LoggedBySpan = Mapping[tuple[str, str], Logged]
"""By trace id and span id."""


async def logged_messages(database: Database, project_id: str, trace_ids: Collection[str]) -> LoggedBySpan:
    """What was logged of the spans of these traces, in the order of time."""
    if not await database.traits.has(project_id, LOGGED_MESSAGES):
        return {}
    rows = await database.query(
        """
        SELECT * FROM (
          SELECT trace_id, span_id, record_id, time_ns, event_name, input, output FROM span_messages
          WHERE project_id = {project:String} AND trace_id IN {traces:Array(String)}
          ORDER BY precedence DESC
          LIMIT 1 BY trace_id, span_id, record_id
        )
        ORDER BY time_ns, record_id
        """,
        {"project": project_id, "traces": list(trace_ids)},
    )
    by_span: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_span[row["trace_id"], row["span_id"]].append(row)
    return {span: _logged(records) for span, records in by_span.items()}


def _logged(records: Sequence[Mapping[str, Any]]) -> Logged:
    # A sender that tells the whole call may tell its messages one by one as well.
    whole = [record for record in records if record["event_name"] == WHOLE_CALL_EVENT]
    told = whole[-1:] or records
    return Logged(
        [message for record in told for message in decode_messages(record["input"]) or ()],
        [message for record in told for message in decode_messages(record["output"]) or ()],
    )
