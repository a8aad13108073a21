"""Where fields stand that are not in the listed row, and how those rows lead to it.

A statement that uses them binds `project` and the bounds of the period.
"""

import re
from collections.abc import Collection

from diptych_server.query.apm_traces import APM_TRACE
from diptych_server.query.links import FEEDBACK_KEY
from diptych_server.query.search.fields import Source
from diptych_server.store.traits import APM_TRACES, FEEDBACK_KEYS, JUDGED_SPANS, JUDGED_TURNS, Trait

INDEXED_TEXT = "concat(input, ' ', output)"
"""The expression of the index `spans.words`, to the letter; the index lowers it and what is looked for."""

AMONG = "/*among*/"
"""Where a list that has candidates already asks only about those: see `Search.among`."""

AMONG_LINKED = "/*among linked*/"
"""Where a list of sessions asks only about the traces of its candidates."""

PROJECT = "project_id = {project:String}"
IN_DAYS = f"{PROJECT} AND toDate(seen_at) BETWEEN {{from_day:Date}} AND {{to_day:Date}}"
IN_HOURS = "hour BETWEEN {from_hour:DateTime('UTC')} AND {to_hour:DateTime('UTC')}"
ROLLED_UP = f"{PROJECT} AND {IN_HOURS}"
JUDGED = f"{PROJECT} AND toDate(seen_at) >= {{from_day:Date}}"
"""Judgements may come long after what they judge."""

# All statements here are made of constants; the values of a search are bound to the places of its conditions.


def if_any(trait: Trait, sql: str) -> str:
    """A part of a statement that finds nothing where a project lacks the trait: see `without`."""
    return f"/*+{trait.name}*/ {sql} /*-{trait.name}*/"


def without(lacked: Collection[Trait], sql: str) -> str:
    """A statement without the parts that find nothing in a project that lacks these: each takes its time."""
    for trait in lacked:
        sql = re.sub(rf"/\*\+{trait.name}\*/.*?/\*-{trait.name}\*/", "", sql, flags=re.DOTALL)
    return sql


def _linked(source: str) -> str:
    return f"(SELECT session_id, trace_id FROM trace_sessions WHERE {PROJECT} AND source = '{source}')"  # noqa: S608 - constants


_BY_APM_TRACE = f"""UNION ALL
    SELECT page.session_id, apm.trace_id
    FROM {_linked("trace")} AS page
    INNER JOIN {_linked(APM_TRACE)} AS apm ON apm.session_id = page.trace_id"""  # noqa: S608 - constants
_BY_FEEDBACK_KEY = f"""UNION ALL
    SELECT judged.session_id, keyed.trace_id
    FROM (
      SELECT session_id, feedback_key FROM evaluations
      WHERE {JUDGED} AND trace_id = '' AND feedback_key != '' AND session_id != ''
    ) AS judged INNER JOIN {_linked(FEEDBACK_KEY)} AS keyed ON keyed.session_id = judged.feedback_key"""  # noqa: S608 - constants

EACH_LINK = f"""
    SELECT session_id, trace_id FROM trace_sessions
    PREWHERE {PROJECT} {AMONG} WHERE source NOT IN ('{FEEDBACK_KEY}', '{APM_TRACE}')
    {if_any(APM_TRACES, _BY_APM_TRACE)}
    {if_any(FEEDBACK_KEYS, _BY_FEEDBACK_KEY)}"""  # noqa: S608 - constants
"""Sessions with their traces in every way that `query.links` knows: `session_id`, `trace_id`, some twice."""

TRACES_OF_EACH_SESSION = f"SELECT DISTINCT session_id, trace_id FROM ({EACH_LINK})"  # noqa: S608 - constants


def sessions_of_traces(trace_ids: str) -> str:
    """Ids of the sessions that the traces belong to; what finds the traces is asked once."""
    return f"SELECT session_id FROM ({EACH_LINK}) WHERE trace_id IN ({trace_ids})"  # noqa: S608 - constants


def traces_of_sessions(session_ids: str) -> str:
    """Ids of the traces of the sessions, the same the other way."""
    return f"SELECT trace_id FROM ({EACH_LINK}) WHERE session_id IN ({session_ids})"  # noqa: S608 - constants


SESSIONS_OF_EVENTS = f"SELECT session_id FROM rum_events WHERE {IN_DAYS} AND {{condition}}"  # noqa: S608 - constants
TRACES_OF_SPANS = f"SELECT trace_id FROM spans WHERE {IN_DAYS} {AMONG_LINKED} AND {{condition}}"  # noqa: S608 - constants
EVENTS = Source(
    f"session_id IN (SELECT session_id FROM rum_events WHERE {IN_DAYS} {AMONG} AND {{condition}})"  # noqa: S608 - constants
)
"""Events of the listed session."""

SPANS_OF_TRACE = Source(
    f"trace_id IN (SELECT trace_id FROM spans WHERE {IN_DAYS} {AMONG} AND {{condition}})"  # noqa: S608 - constants
)
"""Spans of the listed trace."""

SESSIONS_BY_TOTALS = (
    f"SELECT session_id FROM sessions WHERE {ROLLED_UP} GROUP BY session_id HAVING {{condition}}"  # noqa: S608 - constants
)
TRACES_BY_TOTALS = (
    f"SELECT trace_id FROM traces WHERE {ROLLED_UP} {AMONG_LINKED} GROUP BY trace_id HAVING {{condition}}"  # noqa: S608 - constants
)
TRACES_BY_ROWS = f"SELECT trace_id FROM traces PREWHERE {ROLLED_UP} {AMONG_LINKED} WHERE {{condition}}"  # noqa: S608 - constants
"""The same by what any one row of a trace may tell, such as a model: nothing is added up."""

_JUDGED_SPANS = (
    f"SELECT span_id FROM evaluations WHERE {JUDGED} AND trace_id = '' AND span_id != '' AND {{condition}}"  # noqa: S608 - constants
)
_JUDGED_TURNS = (
    f"SELECT turn_id FROM evaluations WHERE {JUDGED} AND trace_id = '' AND turn_id != '' AND {{condition}}"  # noqa: S608 - constants
)

_TRACES_OF_JUDGED_TURNS = f"""UNION ALL
    {_JUDGED_TURNS}
    UNION ALL
    SELECT trace_id FROM rum_events
    WHERE {IN_DAYS} AND type = 'answer' AND trace_id != '' AND event_id IN ({_JUDGED_TURNS})"""  # noqa: S608 - constants
_TRACES_OF_JUDGED_SPANS = f"""UNION ALL
    SELECT trace_id FROM spans WHERE {IN_DAYS} AND span_id IN ({_JUDGED_SPANS})"""  # noqa: S608 - constants
_TRACES_OF_FEEDBACK = f"""UNION ALL
    SELECT trace_id FROM trace_sessions WHERE {PROJECT} AND source = '{FEEDBACK_KEY}' AND session_id IN (
      SELECT feedback_key FROM evaluations
      WHERE {JUDGED} AND trace_id = '' AND feedback_key != '' AND {{condition}})"""  # noqa: S608 - constants

TRACES_OF_EVALUATIONS = f"""
    SELECT trace_id FROM evaluations WHERE {JUDGED} AND trace_id != '' AND {{condition}}
    {if_any(JUDGED_TURNS, _TRACES_OF_JUDGED_TURNS)}
    {if_any(JUDGED_SPANS, _TRACES_OF_JUDGED_SPANS)}
    {if_any(FEEDBACK_KEYS, _TRACES_OF_FEEDBACK)}"""  # noqa: S608 - constants
"""Judgements of the trace, of one of its spans, of its turn, or by a feedback key; not those by a tag."""

SESSIONS_OF_EVALUATIONS = f"""
  SELECT session_id FROM evaluations WHERE {JUDGED} AND session_id != '' AND {{condition}}
  UNION ALL
  {sessions_of_traces(TRACES_OF_EVALUATIONS)}"""  # noqa: S608 - constants
"""Judgements of the session, or of one of its traces."""

SPANS_OF_EVALUATIONS = f"""
  (trace_id, span_id) IN (
    SELECT trace_id, span_id FROM evaluations
    WHERE {JUDGED} AND trace_id != '' AND span_id != '' AND {{condition}})
  {if_any(JUDGED_SPANS, f"OR span_id IN ({_JUDGED_SPANS})")}"""  # noqa: S608 - constants


TURNS_OF_EVALUATIONS = f"""(
  {if_any(JUDGED_TURNS, f"answer_id IN ({_JUDGED_TURNS}) OR")}
  trace_hash IN (SELECT cityHash64(trace_id) FROM (
    SELECT trace_id FROM evaluations WHERE {JUDGED} AND trace_id != '' AND {{condition}}
    {if_any(JUDGED_TURNS, f"UNION ALL {_JUDGED_TURNS}")}
    {if_any(JUDGED_SPANS, _TRACES_OF_JUDGED_SPANS)}
    {if_any(FEEDBACK_KEYS, _TRACES_OF_FEEDBACK)})))"""  # noqa: S608 - constants
"""Judgements of the turn by either half's id, of its trace or one of its spans; not those by a tag."""


def turn_of_sessions(session_ids: str) -> Source:
    """Rows of which some lead to the listed turn's session; an agent's half alone finds it by its trace."""
    by_trace = turn_of_traces(traces_of_sessions(session_ids)).match
    return Source(f"(session_id IN ({session_ids}) OR answer_hash = 0 AND {by_trace})")


def turn_of_traces(trace_ids: str) -> Source:
    """Rows of which some lead to the listed turn's trace, which a hash finds sooner than its id."""
    return Source(f"trace_hash IN (SELECT cityHash64(trace_id) FROM ({trace_ids}))")  # noqa: S608 - constants


def trace_by_hash(ids: str) -> Source:
    """Rows of which some lead to the listed trace, where many may: a hash is compared sooner than an id."""
    return Source(f"id_hash IN (SELECT cityHash64(trace_id) FROM ({ids}))")  # noqa: S608 - constants


def session_in(ids: str, *, is_group: bool = False) -> Source:
    """Rows of which some lead to the listed session."""
    return Source(f"session_id IN ({ids})", is_group)


def trace_in(ids: str, *, is_group: bool = False) -> Source:
    """Rows of which some lead to the listed trace, or to the trace of the listed span."""
    return Source(f"trace_id IN ({ids})", is_group)
