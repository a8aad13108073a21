"""The halves of turns that share no id, matched for the sessions of a period: what SQL cannot do."""

from diptych_server.query.instants import Period
from diptych_server.query.matching import Question
from diptych_server.query.turn_halves import joined_by_time_of
from diptych_server.query.turn_rows import answers_led
from diptych_server.store.database import Database

MAX_SESSIONS = 500
"""Sessions with lone halves that are matched for one search, the newest; halves of the others stand alone."""

_LONE = f"""
SELECT session_id FROM ({answers_led(("session_id", "felt_seen_ms"))})
WHERE session_id != '' AND led_to = ''
  AND session_id IN (SELECT session_id FROM trace_sessions WHERE project_id = {{project:String}})
GROUP BY session_id ORDER BY max(felt_seen_ms) DESC LIMIT {MAX_SESSIONS}
"""  # noqa: S608 - constants


async def with_pairs(database: Database, question: Question) -> Question:
    """The question, with what its statement needs to know of halves that no id joins."""
    if question.signal != "turns":
        return question
    sessions = await _lone_sessions(database, question.project_id, question.period)
    by_time, _ = await joined_by_time_of(database, question.project_id, sessions)
    return question._replace(by_time=by_time)


async def _lone_sessions(database: Database, project_id: str, period: Period) -> list[str]:
    """Sessions with an answer that no trace id joins, and with traces that some id joins."""
    rows = await database.query(
        _LONE,
        {
            "project": project_id,
            **period.parameters,
            "time_answers": [],
            "time_traces": [],
        },
    )
    return [row["session_id"] for row in rows]
