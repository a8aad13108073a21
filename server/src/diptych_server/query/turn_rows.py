"""Turns as rows of SQL: what a search, its facets and its histogram are asked over.

An answer and the trace that it names, by either of its ids, are one row; of several answers that name a trace
the first asked has it. What shares no id is matched in Python (`query.turn_matching`) and comes in as pairs
that are bound to `time_answers` and `time_traces`. A half without the other is a row of its own.

The two halves are grouped by what they have in common. A half may lie a day off the period of the other: both
are read that far around it.
"""

import re
from collections.abc import Collection, Mapping

from diptych_server.query.apm_traces import APM_TRACE
from diptych_server.query.search.totals import COST_USD, TOKENS

_WINDOW = (
    "project_id = {project:String} AND hour BETWEEN {from_hour:DateTime('UTC')} - toIntervalDay(1)"
    " AND {to_hour:DateTime('UTC')} + toIntervalDay(1)"
)

FELT: Mapping[str, tuple[str, str]] = {
    "felt_seen_ms": ("toUnixTimestamp64Milli(min(answers.first_seen))", "0"),
    "session_id": ("max(answers.session_id)", "''"),
    "sent_question": ("leftUTF8(argMaxMerge(answers.question), 300)", "''"),
    "first_byte_ms": ("nullIf(argMaxMerge(answers.first_byte_ms), -1)", "NULL"),
    "first_word_ms": ("nullIf(argMaxMerge(answers.first_word_ms), -1)", "NULL"),
    "done_ms": ("nullIf(argMaxMerge(answers.done_ms), -1)", "NULL"),
    "end_reason": ("argMaxMerge(answers.end_reason)", "''"),
    "stalls": ("toNullable(argMaxMerge(answers.stalls))", "NULL"),
    "stalled_ms": ("toNullable(argMaxMerge(answers.stalled_ms))", "NULL"),
    "application_id": ("argMaxMerge(answers.application_id)", "''"),
    "service": ("argMaxMerge(answers.service)", "''"),
    "env": ("argMaxMerge(answers.env)", "''"),
    "version": ("argMaxMerge(answers.version)", "''"),
    "browser": ("argMaxMerge(answers.browser)", "''"),
    "os": ("argMaxMerge(answers.os)", "''"),
    "device": ("argMaxMerge(answers.device)", "''"),
    "page_user_id": ("argMaxMerge(answers.user_id)", "''"),
    "user_name": ("argMaxMerge(answers.user_name)", "''"),
    "user_email": ("argMaxMerge(answers.user_email)", "''"),
    "view_url": ("argMaxMerge(answers.view_url)", "''"),
    "view_name": ("argMaxMerge(answers.view_name)", "''"),
    "reactions": (
        "arraySort(arrayDistinct(arrayMap(each -> each.kind, groupUniqArrayArray(answers.reactions))))",
        "[]",
    ),
}
"""What the page's half tells: an aggregate over the rows of an answer, and what stands where it is absent."""

SERVED: Mapping[str, tuple[str, str]] = {
    "served_seen_ms": ("toUnixTimestamp64Milli(min(traces.first_seen))", "0"),
    "input": ("max(traces.input).preview", "''"),
    "answer": ("max(traces.output).preview", "''"),
    "trace_name": ("max(traces.named).name", "''"),
    "ml_app": ("max(traces.ml_app)", "''"),
    "models": ("arraySort(groupUniqArrayArray(traces.models))", "[]"),
    "status": ("if(uniqExactMerge(traces.errors) > 0, 'error', 'ok')", "''"),
    "duration_ms": ("toNullable((max(traces.end_ns) - min(traces.start_ns)) / 1000000)", "NULL"),
    "ttft_ms": ("(min(traces.first_token_ns) - min(traces.start_ns)) / 1000000", "NULL"),
    "cost_usd": (f"toNullable({COST_USD})", "NULL"),
    "tokens": (f"toNullable({TOKENS})", "NULL"),
    "agent_user_id": ("max(traces.user_id)", "''"),
    "conversation_id": ("max(traces.conversation_id)", "''"),
}
"""The same of the agent's half."""

_LLM_TRACES = f"""
SELECT trace_id, min(start_ns) AS began_ns FROM traces WHERE {_WINDOW}
GROUP BY trace_id HAVING max(is_llm)
"""  # noqa: S608 - constants

_BEHIND = f"""
SELECT apm.session_id AS name, argMin(llm.trace_id, (llm.began_ns, llm.trace_id)) AS trace_id
FROM (
  SELECT DISTINCT session_id, trace_id FROM trace_sessions
  WHERE project_id = {{project:String}} AND source = '{APM_TRACE}'
) AS apm INNER JOIN ({_LLM_TRACES}) AS llm ON llm.trace_id = apm.trace_id
GROUP BY apm.session_id
"""  # noqa: S608 - constants
"""Of an APM trace's id: the first begun of the traces that stand in it, as `query.turn_naming` has it."""

_PROMPTS = f"""
LEFT JOIN (
  SELECT trace_id, min(trace_prompts.prompt).name AS prompt_name,
    min(trace_prompts.prompt).version AS prompt_version
  FROM trace_prompts WHERE {_WINDOW} GROUP BY trace_id
) AS prompted ON prompted.trace_id = turn.trace_id
"""  # noqa: S608 - constants

_SESSIONS = """
LEFT JOIN (
  SELECT session_id, toNullable(toUnixTimestamp64Milli(max(sessions.last_seen))) AS session_last_ms
  FROM sessions WHERE project_id = {project:String} AND hour >= {from_hour:DateTime('UTC')} - toIntervalDay(1)
  GROUP BY session_id
) AS visited ON visited.session_id = turn.session_id
"""

SESSION_OVER_MS = 15 * 60 * 1000
"""A session that was silent for so long is over: the browser SDK's own limit."""

_IS_NAMED = "turn.answer_id != '' AND turn.trace_id != '' AND turn.is_named"
_REQUEST_MS = (
    f"if({_IS_NAMED} AND turn.done_ms > 0 AND turn.done_ms >= turn.duration_ms,"
    " (turn.done_ms - turn.duration_ms) / 2, NULL)"
)

DERIVED: Mapping[str, str] = {
    "turn_id": "if(turn.answer_id != '', turn.answer_id, turn.trace_id)",
    "at_ms": "if(turn.answer_id != '', turn.felt_seen_ms, turn.served_seen_ms)",
    "answer_id": "turn.answer_id",
    "trace_id": "turn.trace_id",
    "sides": "multiIf(turn.answer_id = '', 'agent', turn.trace_id = '', 'page', 'both')",
    "matched": f"multiIf(turn.answer_id = '' OR turn.trace_id = '', '', {_IS_NAMED}, 'trace', 'time')",
    "question": "if(turn.input != '', turn.input, turn.sent_question)",
    "user_id": "if(turn.agent_user_id != '', turn.agent_user_id, turn.page_user_id)",
    "request_ms": _REQUEST_MS,
    "proxy_ms": f"if({_REQUEST_MS} IS NULL OR turn.first_byte_ms IS NULL OR turn.ttft_ms IS NULL, NULL,"
    f" greatest(0, turn.first_byte_ms - turn.ttft_ms - {_REQUEST_MS}))",
    "rendering_ms": "if(turn.first_word_ms IS NULL OR turn.first_byte_ms IS NULL, NULL,"
    " greatest(0, turn.first_word_ms - turn.first_byte_ms))",
    "prompt_version": "prompted.prompt_version",
    "prompt": "trim(BOTH ' ' FROM concat(prompted.prompt_name, ' ', prompted.prompt_version))",
    "left_after_ms": f"""if(visited.session_last_ms IS NULL OR turn.done_ms IS NULL
      OR visited.session_last_ms > toUnixTimestamp64Milli(now64(3)) - {SESSION_OVER_MS}, NULL,
      greatest(0, visited.session_last_ms - turn.felt_seen_ms - turn.done_ms))""",
}
"""What is made of both halves, the gap as `turn_sides.gap_of` tells it."""

ALWAYS = ("turn_id", "at_ms")

_WORD = re.compile(r"\w+")


def turns_as_rows(asked_of: str) -> str:
    """A SELECT of the turns in and around a period.

    It binds `project`, the bounds of the period, `time_answers` and `time_traces`.

    Args:
        asked_of: the SQL that stands over it: what it does not name is not read, nor planned for, since that
            alone would take longer than to read it.
    """
    named = {*_WORD.findall(asked_of), *ALWAYS}
    derived = {name: value for name, value in DERIVED.items() if name in named}
    needed = named | {word for value in derived.values() for word in _WORD.findall(value)}
    if "visited" in needed:
        needed.add("session_id")
    felt = [name for name in FELT if name in needed]
    served = [name for name in SERVED if name in needed]
    columns = [f"{value} AS {name}" for name, value in derived.items()]
    columns += [f"turn.{name} AS {name}" for name in (*felt, *served) if name in named]
    return f"""
SELECT {", ".join(columns)}
FROM (
  SELECT max(halves.answer_id) AS answer_id, max(halves.trace_id) AS trace_id,
    {", ".join(f"max(halves.{name}) AS {name}" for name in ("is_named", *felt, *served))}
  FROM ({_halves(felt, served)}) AS halves GROUP BY turn_key
) AS turn
{_PROMPTS if "prompted" in needed else ""}{_SESSIONS if "visited" in needed else ""}
"""  # noqa: S608 - constants


def _halves(felt: Collection[str], served: Collection[str]) -> str:
    """Both halves as rows of one shape; `turn_key` is what those of one turn have in common."""

    def empty(of: Mapping[str, tuple[str, str]], names: Collection[str]) -> str:
        return "".join(f", {of[name][1]} AS {name}" for name in names)

    return f"""
SELECT if(led_to != '', led_to, concat('answer ', answer_id)) AS turn_key, answer_id, is_named,
  '' AS trace_id{"".join(f", {name}" for name in felt)}{empty(SERVED, served)}
FROM ({answers_led({"session_id", *felt})})
UNION ALL
SELECT trace_id AS turn_key, '' AS answer_id, 0 AS is_named, trace_id{empty(FELT, felt)}
  {"".join(f", {SERVED[name][0]} AS {name}" for name in served)}
FROM traces WHERE {_WINDOW} GROUP BY trace_id HAVING max(is_llm)
"""  # noqa: S608 - constants


def answers_led(columns: Collection[str]) -> str:
    """Each answer with the trace that is its other half (`led_to`), and these of its columns."""
    felt = [name for name in FELT if name in columns]
    return f"""
SELECT answer_id, {", ".join(felt)},
  meant != '' AND row_number() OVER (PARTITION BY meant ORDER BY asked_ms, answer_id) = 1 AS is_named,
  if(is_named, meant,
     transform(answer_id, {{time_answers:Array(String)}}, {{time_traces:Array(String)}}, '')) AS led_to
FROM (
  SELECT answer.*,
    if(answer.named IN (SELECT trace_id FROM ({_LLM_TRACES})), answer.named, behind.trace_id) AS meant
  FROM (
    SELECT event_id AS answer_id, toUnixTimestamp64Milli(min(answers.asked)) AS asked_ms,
      max(answers.trace_id) AS named{"".join(f", {FELT[name][0]} AS {name}" for name in felt)}
    FROM answers WHERE {_WINDOW} GROUP BY event_id HAVING max(answers.is_answer)
  ) AS answer LEFT JOIN ({_BEHIND}) AS behind ON behind.name = answer.named
)
"""  # noqa: S608 - constants
