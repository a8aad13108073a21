"""Turns as rows of SQL: what a search, its facets and its histogram are asked over.

An answer and the trace that it names, by either of its ids, are one row; of several answers that name a trace
the first asked has it. What shares no id is matched in Python (`query.turn_matching`). Both come in bound, as
`query.prepared` found them: the pairs by time, and the answers that name a trace which another has. A half
without the other is a row of its own. Halves are told and joined by the hashes of their ids, which are
compared and carried along sooner than the ids; these are read where they are asked for.

A half may lie a day off the period of the other: both are read that far around it.
"""

import re
from collections.abc import Collection, Mapping

from diptych_server.query.apm_traces import APM_TRACE
from diptych_server.query.roll_up_rows import IDS, RolledUp, added_up, as_rows, twice
from diptych_server.query.search.one_row import first_told
from diptych_server.query.search.totals import COST_USD, STATUS, TOKENS

WINDOW = (
    "project_id = {project:String} AND hour BETWEEN {from_hour:DateTime('UTC')} - toIntervalDay(1)"
    " AND {to_hour:DateTime('UTC')} + toIntervalDay(1)"
)

FELT: Mapping[str, str] = {
    "answer_hash": "max(answers.id_hash)",
    "felt_seen_ms": "toUnixTimestamp64Milli(min(answers.first_seen))",
    "felt_asked_ms": "toUnixTimestamp64Milli(min(answers.asked))",
    "named": "max(answers.trace_id)",
    "session_id": "max(answers.session_id)",
    "sent_question": f"leftUTF8({first_told('question')}, 300)",
    "first_byte_ms": f"nullIf({first_told('first_byte_ms')}, -1)",
    "first_word_ms": f"nullIf({first_told('first_word_ms')}, -1)",
    "done_ms": f"nullIf({first_told('done_ms')}, -1)",
    "end_reason": first_told("end_reason"),
    "stalls": f"toNullable({first_told('stalls')})",
    "stalled_ms": f"toNullable({first_told('stalled_ms')})",
    "application_id": first_told("application_id"),
    "service": first_told("service"),
    "env": first_told("env"),
    "version": first_told("version"),
    "browser": first_told("browser"),
    "os": first_told("os"),
    "device": first_told("device"),
    "page_user_id": first_told("user_id"),
    "user_name": first_told("user_name"),
    "user_email": first_told("user_email"),
    "view_url": first_told("view_url"),
    "view_name": first_told("view_name"),
    "reactions": "arraySort(arrayDistinct("
    "arrayMap(each -> each.kind, groupUniqArrayArray(answers.reactions))))",
}
"""What the page's half tells: aggregates over an answer's rows. Where it is absent, all is empty or 0."""

SERVED: Mapping[str, str] = {
    "trace_hash": "max(traces.id_hash)",
    "served_seen_ms": "toUnixTimestamp64Milli(min(traces.first_seen))",
    "input": "max(traces.input).preview",
    "answer": "max(traces.output).preview",
    "trace_name": "max(traces.named).name",
    "ml_app": "max(traces.ml_app)",
    "models": "arraySort(groupUniqArrayArray(traces.models))",
    "status": STATUS,
    "duration_ms": "toNullable((max(traces.end_ns) - min(traces.start_ns)) / 1000000)",
    "ttft_ms": "(min(traces.first_token_ns) - min(traces.start_ns)) / 1000000",
    "cost_usd": f"toNullable({COST_USD})",
    "tokens": f"toNullable({TOKENS})",
    "agent_user_id": "max(traces.user_id)",
    "conversation_id": "max(traces.conversation_id)",
}
"""The same of the agent's half."""

APM_LINKS = f"trace_sessions WHERE project_id = {{project:String}} AND source = '{APM_TRACE}'"
_LLM_TRACES = f"traces WHERE {WINDOW} AND traces.is_llm"

_BEHIND = f"""
SELECT (groupArray(name), groupArray(trace_id)) FROM (
  SELECT apm.session_id AS name, argMin(llm.trace_id, (llm.began_ns, llm.trace_id)) AS trace_id
  FROM (SELECT DISTINCT session_id, trace_id FROM {APM_LINKS}) AS apm
  INNER JOIN (
    SELECT trace_id, min(start_ns) AS began_ns FROM traces
    WHERE {WINDOW} AND trace_id IN (SELECT trace_id FROM {APM_LINKS})
    GROUP BY trace_id HAVING max(is_llm)
  ) AS llm ON llm.trace_id = apm.trace_id
  WHERE apm.session_id NOT IN (
    SELECT trace_id FROM {_LLM_TRACES} AND trace_id IN (SELECT session_id FROM {APM_LINKS})
  )
  GROUP BY apm.session_id
)
"""  # noqa: S608 - constants
"""Ids of APM traces that are no LLM trace's own, and of each the first begun of the traces that stand in it,
as `query.turn_naming` has it."""


def _with_behind(has_apm: bool) -> str:
    return f"WITH ({_BEHIND}) AS behind" if has_apm else ""


def _meant(named: str, has_apm: bool) -> str:
    """The trace that an answer means by an id; in a statement `_with_behind`."""
    return f"transform({named}, behind.1, behind.2, {named})" if has_apm else named


_LATELY = "AND event_id IN {answers:Array(String)}"
_NAMED_LATELY = "AND trace_id IN {named:Array(String)}"


def lone_answers(*, has_apm: bool, is_lately: bool = False) -> str:
    """A SELECT of the sessions with an answer that no id leads to a trace: the `most` newest.

    Each with `newest_ms`, when its newest such answer was seen. With `is_lately` only `answers` are looked
    at, which name no traces but those `named`; not where there are traces of APM.
    """
    return f"""
{_with_behind(has_apm)}
SELECT session_id, toUnixTimestamp64Milli(max(first_seen)) AS newest_ms
FROM answers
WHERE {WINDOW} {_LATELY if is_lately else ""} AND is_answer AND session_id != ''
  AND cityHash64({_meant("trace_id", has_apm)}) NOT IN (
    SELECT id_hash FROM {_LLM_TRACES} {_NAMED_LATELY if is_lately else ""}
  )
GROUP BY session_id ORDER BY newest_ms DESC LIMIT {{most:UInt32}}
"""  # noqa: S608 - constants


def traces_meant_twice(*, has_apm: bool, is_lately: bool = False) -> str:
    """A SELECT of the hashes of traces that more than one row of an answer means.

    With `is_lately` only traces that are `named` are looked at; not where there are traces of APM.
    """
    hashes = f"cityHash64({_meant('trace_id', has_apm)})"
    naming = f"answers WHERE {WINDOW} {_NAMED_LATELY if is_lately else ''} AND trace_id != ''"
    return f"{_with_behind(has_apm)} {twice(hashes, naming)}"


def answers_that_mean(*, has_apm: bool) -> str:
    """A SELECT of the answers that mean a trace of which the hash is bound in `meant`.

    Each with `answer_id` and its hash `answer_hash`, `session_id`, `meant`, `asked_ms` and `seen_ms`.
    """
    return f"""
{_with_behind(has_apm)}
SELECT event_id AS answer_id, max(answers.id_hash) AS answer_hash, max(answers.session_id) AS session_id,
  {_meant("max(answers.trace_id)", has_apm)} AS meant,
  toUnixTimestamp64Milli(min(answers.asked)) AS asked_ms,
  toUnixTimestamp64Milli(min(answers.first_seen)) AS seen_ms
FROM answers
WHERE {WINDOW} AND event_id IN (
  SELECT event_id FROM answers
  WHERE {WINDOW} AND trace_id != ''
    AND cityHash64({_meant("trace_id", has_apm)}) IN {{meant:Array(UInt64)}}
)
GROUP BY event_id HAVING max(answers.is_answer)
"""  # noqa: S608 - constants


_PROMPTS = f"""
LEFT JOIN (
  SELECT cityHash64(trace_id) AS hash, min(trace_prompts.prompt).name AS prompt_name,
    min(trace_prompts.prompt).version AS prompt_version
  FROM trace_prompts WHERE {WINDOW} GROUP BY trace_id
) AS prompted ON prompted.hash = turn.trace_hash
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

_IS_NAMED = "turn.answer_hash != 0 AND turn.trace_hash != 0 AND turn.is_named"
_REQUEST_MS = (
    f"if({_IS_NAMED} AND turn.done_ms > 0 AND turn.done_ms >= turn.duration_ms,"
    " (turn.done_ms - turn.duration_ms) / 2, NULL)"
)

DERIVED: Mapping[str, str] = {
    "turn_id": "if(turn.answer_hash != 0, turn.answer_id, turn.trace_id)",
    "at_ms": "if(turn.answer_hash != 0, turn.felt_seen_ms, turn.served_seen_ms)",
    "answer_id": "turn.answer_id",
    "trace_id": "turn.trace_id",
    "sides": "multiIf(turn.answer_hash = 0, 'agent', turn.trace_hash = 0, 'page', 'both')",
    "matched": f"multiIf(turn.answer_hash = 0 OR turn.trace_hash = 0, '', {_IS_NAMED}, 'trace', 'time')",
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

_NO_PROMPTS = dict.fromkeys(("prompt_version", "prompt"), "''")

ALWAYS = ("turn_id", "at_ms")

_WORD = re.compile(r"\w+")


def turns_as_rows(
    asked_of: str, *, has_apm: bool, has_prompts: bool = True, is_few: bool = False, served: str = ""
) -> str:
    """A SELECT of the turns in and around a period.

    It binds `project`, the bounds of the period and what `query.prepared` found out.

    Args:
        asked_of: the SQL that stands over it: what it does not name is not read, nor planned for, since that
            alone would take longer than to read it.
        has_apm: whether answers may name traces of APM.
        has_prompts: whether spans may tell prompts.
        is_few: whether it binds the only halves to join (`query.turn_words`).
        served: a condition for which `is_served` holds: answers are joined to the traces that meet it alone.
    """
    named = {*_WORD.findall(asked_of), *_WORD.findall(served), *ALWAYS}
    every = DERIVED if has_prompts else {**DERIVED, **_NO_PROMPTS}
    derived = {name: value for name, value in every.items() if name in named}
    needed = named | {word for value in derived.values() for word in _WORD.findall(value)}
    if "visited" in needed:
        needed.add("session_id")
    felt = [name for name in FELT if name in needed]
    of_trace = [name for name in SERVED if name in needed or name == "trace_hash"]
    columns = [f"{value} AS {name}" for name, value in derived.items()]
    columns += [f"turn.{name} AS {name}" for name in (*felt, *of_trace) if name in named]
    traces = _half("traces", {name: SERVED[name] for name in of_trace}, is_few)
    if served:
        traces = f"SELECT *, id AS trace_id FROM ({traces}) WHERE {served}"  # noqa: S608 - constants
    return f"""
SELECT {", ".join(columns)}
FROM (
  SELECT answer.answer_id AS answer_id, trace.id AS trace_id, answer.is_named AS is_named
    {"".join(f", answer.{name} AS {name}" for name in felt)}
    {"".join(f", trace.{name} AS {name}" for name in of_trace)}
  FROM ({_answers_led(felt, has_apm, is_few)}) AS answer
  {"RIGHT" if served else "FULL"} JOIN ({traces}) AS trace ON answer.led_hash = trace.trace_hash
) AS turn
{_PROMPTS if "prompted" in needed else ""}{_SESSIONS if "visited" in needed else ""}
"""  # noqa: S608 - constants


def is_felt(expression: str) -> bool:
    """Whether an expression over a turn is of its page's half alone."""
    words = set(_WORD.findall(expression))
    return words.isdisjoint(DERIVED) and words.isdisjoint(SERVED) and not words.isdisjoint(FELT)


def is_served(expression: str) -> bool:
    """The same of its agent's half."""
    words = set(_WORD.findall(expression))
    others = (DERIVED.keys() | FELT.keys()) - {"trace_id"}
    return words.isdisjoint(others) and not words.isdisjoint({"trace_id", *SERVED})


def felt_as_rows(asked_of: str) -> str:
    """The same of the turns that have a page's half, where nothing else is asked for: nothing is joined."""
    named = {*_WORD.findall(asked_of), "felt_seen_ms"}
    columns = {name: value for name, value in FELT.items() if name in named}
    return f"""
SELECT id AS turn_id, felt_seen_ms AS at_ms{"".join(f", {name}" for name in columns)}
FROM ({_half("answers", columns, is_few=False)})
"""  # noqa: S608 - constants of our own; every value is bound


_HALVES: Mapping[RolledUp, str] = {"traces": "max(traces.is_llm)", "answers": "max(answers.is_answer)"}
"""Which things of a roll-up are the half of a turn."""


def _half(table: RolledUp, columns: Mapping[str, str], is_few: bool) -> str:
    """All halves of one side, or the few that are bound."""
    if is_few:
        few = f"{WINDOW} AND {IDS[table]} IN {{few_{table}:Array(String)}}"
        return added_up(table, columns, few, _HALVES[table])
    return as_rows(table, columns, WINDOW, _HALVES[table])


def _answers_led(felt: Collection[str], has_apm: bool, is_few: bool) -> str:
    """Each answer with the hash of the trace that is its other half (`led_hash`), and these of `FELT`.

    It is led there by an id (`is_named`) or by time; of several that mean one trace the first asked has it.
    """
    columns = {name: FELT[name] for name in dict.fromkeys(("answer_hash", "named", *felt))}
    meant = _meant("named", has_apm)
    return f"""
{_with_behind(has_apm)}
SELECT id AS answer_id{"".join(f", {name}" for name in felt)},
  transform(answer_hash, {{led_answers:Array(UInt64)}}, {{led_traces:Array(UInt64)}}, toUInt64(0)) AS by_time,
  by_time = 0 AND {meant} != '' AND answer_hash NOT IN {{later_answers:Array(UInt64)}} AS is_named,
  if(is_named, cityHash64({meant}), by_time) AS led_hash
FROM ({_half("answers", columns, is_few)})
"""  # noqa: S608 - constants of our own; every value is bound
