"""Turns as rows of SQL: what a search, its facets and its histogram are asked over.

An answer and the trace that it names, by either of its ids, are one row; of several answers that name a trace
the first asked has it. What shares no id is matched in Python (`query.turn_matching`). Both come in bound, as
`query.prepared` found them: the pairs by time, and the answers that name a trace which another has. A half
without the other is a row of its own. Halves are told and joined by the hashes of their ids, which are
compared and carried along sooner than the ids; these are read where they are asked for.

A half may lie a day off the period of the other: both are read that far around it.
"""

import re
from collections.abc import Collection, Iterable, Mapping

from diptych_server.query.apm_traces import APM_TRACE
from diptych_server.query.roll_up_rows import IDS, RolledUp, added_up, as_rows
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
LLM_TRACES = f"traces WHERE {WINDOW} AND traces.is_llm"

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
    SELECT trace_id FROM {LLM_TRACES} AND trace_id IN (SELECT session_id FROM {APM_LINKS})
  )
  GROUP BY apm.session_id
)
"""  # noqa: S608 - constants
"""Ids of APM traces that are no LLM trace's own, and of each the first begun of the traces that stand in it,
as `query.turn_naming` has it."""


def with_behind(has_apm: bool) -> str:
    """What stands before a statement that asks for what answers mean."""
    return f"WITH ({_BEHIND}) AS behind" if has_apm else ""


def meant_by(named: str, has_apm: bool) -> str:
    """The trace that an answer means by an id; in a statement `with_behind`."""
    return f"transform({named}, behind.1, behind.2, {named})" if has_apm else named


_PROMPTS = f"""
LEFT JOIN (
  SELECT cityHash64(trace_id) AS prompted_hash, min(trace_prompts.prompt).name AS prompt_name,
    min(trace_prompts.prompt).version AS prompt_version
  FROM trace_prompts WHERE {WINDOW} GROUP BY trace_id
) AS prompted ON prompted.prompted_hash = agent.trace_hash
"""  # noqa: S608 - constants

_SESSIONS = """
LEFT JOIN (
  SELECT session_id AS visited_id,
    toNullable(toUnixTimestamp64Milli(max(sessions.last_seen))) AS session_last_ms
  FROM sessions WHERE project_id = {project:String} AND hour >= {from_hour:DateTime('UTC')} - toIntervalDay(1)
  GROUP BY session_id
) AS visited ON visited.visited_id = page.session_id
"""

SESSION_OVER_MS = 15 * 60 * 1000
"""A session that was silent for so long is over: the browser SDK's own limit."""

DERIVED: Mapping[str, str] = {
    "turn_id": "if(answer_hash != 0, page.id, agent.id)",
    "at_ms": "if(answer_hash != 0, felt_seen_ms, served_seen_ms)",
    "answer_id": "page.id",
    "trace_id": "agent.id",
    "sides": "multiIf(answer_hash = 0, 'agent', trace_hash = 0, 'page', 'both')",
    "matched": "multiIf(answer_hash = 0 OR trace_hash = 0, '', is_named, 'trace', 'time')",
    "question": "if(input != '', input, sent_question)",
    "user_id": "if(agent_user_id != '', agent_user_id, page_user_id)",
    "request_ms": "if(is_named AND trace_hash != 0 AND done_ms > 0 AND done_ms >= duration_ms,"
    " (done_ms - duration_ms) / 2, NULL)",
    "proxy_ms": "if(request_ms IS NULL OR first_byte_ms IS NULL OR ttft_ms IS NULL, NULL,"
    " greatest(0, first_byte_ms - ttft_ms - request_ms))",
    "rendering_ms": "if(first_word_ms IS NULL OR first_byte_ms IS NULL, NULL,"
    " greatest(0, first_word_ms - first_byte_ms))",
    "prompt_name": "prompted.prompt_name",
    "prompt_version": "prompted.prompt_version",
    "prompt": "trim(BOTH ' ' FROM concat(prompt_name, ' ', prompt_version))",
    "left_after_ms": f"""if(session_last_ms IS NULL OR done_ms IS NULL
      OR session_last_ms > toUnixTimestamp64Milli(now64(3)) - {SESSION_OVER_MS}, NULL,
      greatest(0, session_last_ms - felt_seen_ms - done_ms))""",
}
"""What is made of both halves, the gap as `turn_sides.gap_of` tells it."""

_NO_PROMPTS = dict.fromkeys(("prompt_name", "prompt_version"), "''")

_IN_PERIOD = "at_ms >= {from:Int64} AND at_ms < {to:Int64}"

_WORD = re.compile(r"\w+")


def turns_as_rows(
    columns: Mapping[str, str],
    condition: str,
    *,
    has_apm: bool,
    has_prompts: bool = True,
    is_led: bool = True,
    is_few: bool = False,
    only_served: bool = False,
) -> str:
    """A SELECT of the turns in a period that meet a condition: `id`, `at_ms` and the columns.

    It ends with its WHERE, and binds `project`, the bounds of the period and what `query.prepared` found out.
    What nothing names is not read, nor planned for, and as few statements stand in each other as can be: to
    understand them takes the engine longer than to read what they ask for.

    Args:
        columns: an expression a column, over `FELT`, `SERVED` and `DERIVED`.
        condition: over the same; empty where all are asked for.
        has_apm: whether answers may name traces of APM.
        has_prompts: whether spans may tell prompts.
        is_led: whether any answer is led to a trace otherwise than by the id that it tells.
        is_few: whether it binds the only halves to join (`query.turn_words`).
        only_served: whether the condition is of the agent's half alone (`is_served`), and only what meets it
            is joined.
    """
    derived = DERIVED if has_prompts else {**DERIVED, **_NO_PROMPTS}
    needed = _needed((condition, *columns.values(), "turn_id at_ms"), derived)
    named = [f"{value} AS {name}" for name, value in derived.items() if name in needed]
    felt = [name for name in FELT if name in needed or ("session_last_ms" in needed and name == "session_id")]
    served = {name: value for name, value in SERVED.items() if name in needed or name == "trace_hash"}
    traces = _half("traces", served, is_few)
    if only_served:
        traces = f"WITH id AS trace_id SELECT * FROM ({traces}) WHERE {condition}"  # noqa: S608 - every value is bound
    return f"""
WITH {", ".join(named)}
SELECT turn_id AS id, at_ms{_listed(columns)}
FROM ({_answers_led(felt, has_apm, is_led, is_few)}) AS page
{"RIGHT" if only_served else "FULL"} JOIN ({traces}) AS agent ON page.led_hash = agent.trace_hash
{_PROMPTS if has_prompts and not needed.isdisjoint(_NO_PROMPTS) else ""}
{_SESSIONS if "session_last_ms" in needed else ""}
WHERE {_IN_PERIOD}{f" AND {condition}" if condition and not only_served else ""}"""  # noqa: S608 - every value is bound


def is_felt(expression: str) -> bool:
    """Whether an expression over a turn is of its page's half alone."""
    words = set(_WORD.findall(expression))
    return words.isdisjoint(DERIVED) and words.isdisjoint(SERVED) and not words.isdisjoint(FELT)


def is_served(expression: str) -> bool:
    """The same of its agent's half."""
    words = set(_WORD.findall(expression))
    others = (DERIVED.keys() | FELT.keys()) - {"trace_id"}
    return words.isdisjoint(others) and not words.isdisjoint({"trace_id", *SERVED})


def felt_as_rows(columns: Mapping[str, str], condition: str) -> str:
    """The same of the turns that have a page's half, where nothing else is asked for: nothing is joined."""
    needed = _needed((condition, *columns.values(), "felt_seen_ms"), {})
    felt = {name: value for name, value in FELT.items() if name in needed}
    return f"""
SELECT id, felt_seen_ms AS at_ms{_listed(columns)}
FROM ({_half("answers", felt, is_few=False)})
WHERE {_IN_PERIOD}{f" AND {condition}" if condition else ""}"""  # noqa: S608 - constants of our own; every value is bound


def _needed(asked: Iterable[str], derived: Mapping[str, str]) -> set[str]:
    """The names in these expressions, and in those that they stand for."""
    needed: set[str] = set()
    words = set(_WORD.findall(" ".join(asked)))
    while words:
        needed |= words
        words = {word for name in words for word in _WORD.findall(derived.get(name, ""))} - needed
    return needed


def _listed(columns: Mapping[str, str]) -> str:
    return "".join(f", {value if value == name else f'{value} AS {name}'}" for name, value in columns.items())


LED = ("led_answers", "later_answers")
"""What a statement binds of the answers that are led otherwise than by the id that they tell."""

_BY_TIME = "transform(answer_hash, {led_answers:Array(UInt64)}, {led_traces:Array(UInt64)}, toUInt64(0))"
_IS_FIRST = "answer_hash NOT IN {later_answers:Array(UInt64)}"

_HALVES: Mapping[RolledUp, str] = {"traces": "max(traces.is_llm)", "answers": "max(answers.is_answer)"}
"""Which things of a roll-up are the half of a turn."""


def _half(table: RolledUp, columns: Mapping[str, str], is_few: bool) -> str:
    """All halves of one side, or the few that are bound."""
    if is_few:
        few = f"{WINDOW} AND {IDS[table]} IN {{few_{table}:Array(String)}}"
        return added_up(table, columns, few, _HALVES[table])
    return as_rows(table, columns, WINDOW, _HALVES[table])


def _answers_led(felt: Collection[str], has_apm: bool, is_led: bool, is_few: bool) -> str:
    """Each answer with the hash of the trace that is its other half (`led_hash`), and these of `FELT`.

    It is led there by an id (`is_named`) or by time; of several that mean one trace the first asked has it.
    """
    columns = {name: FELT[name] for name in dict.fromkeys(("answer_hash", "named", *felt))}
    meant = meant_by("named", has_apm)
    if is_led:
        columns["by_time"] = _BY_TIME
        columns["is_named"] = f"by_time = 0 AND {meant} != '' AND {_IS_FIRST}"
        columns["led_hash"] = f"if(is_named, cityHash64({meant}), by_time)"
    else:
        columns["is_named"] = f"{meant} != ''"
        columns["led_hash"] = f"if(is_named, cityHash64({meant}), toUInt64(0))"
    return f"{with_behind(has_apm)} {_half('answers', columns, is_few)}"
