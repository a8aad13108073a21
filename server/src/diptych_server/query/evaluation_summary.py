"""`GET /api/v1/evaluations/summary`: labels over time, pass rates by group, and how far the sources agree.

A judgement is of an answer: of the trace that it names, of the trace of the answer that it names, else of
what it names itself. Of several verdicts of a source on one answer a fail counts: who says both has doubts.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, cast

from diptych_server.query.instants import Period
from diptych_server.query.judged_rows import SEEN, judged_rows, sent_again
from diptych_server.query.led_halves import led_halves
from diptych_server.query.matching import Question
from diptych_server.query.search.sources import if_any, without
from diptych_server.query.timeseries import step_of
from diptych_server.store.database import Database
from diptych_server.store.traits import JUDGED_TURNS, Trait
from diptych_server.wire.evaluation import EVALUATION_SOURCES
from diptych_server.wire.evaluation_summary import (
    Agreement,
    Calibration,
    EvaluationSummary,
    Group,
    GroupSummary,
    LabelSummary,
)
from diptych_server.wire.explore import Point

BUCKETS = 40
MAX_LABELS = 100
MAX_GROUPS = 200

THUMBS = "label = 'thumbs' AND source = 'human'"

_JUDGED = judged_rows(
    "evaluation_id, label, source, assessment, score, seen_at, trace_id, turn_id, session_id, span_id",
    "({label:String} = '' OR label = {label:String})",
)

_ANSWERED = """
SELECT event_id, max(answers.trace_id) AS named FROM answers
WHERE project_id = {project:String} AND hour >= {from_hour:DateTime('UTC')} - toIntervalDay(1)
  AND event_id IN (
    SELECT turn_id FROM evaluations
    WHERE project_id = {project:String} AND trace_id = '' AND turn_id != ''
      AND seen_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
      AND seen_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
  )
GROUP BY event_id HAVING max(answers.is_answer)
"""

_BY_TIME = "transform(turn_id, {time_answers:Array(String)}, {time_traces:Array(String)}, '')"
_BY_TURN = f"answered.named != '', answered.named, {_BY_TIME} != '', {_BY_TIME}, turn_id != '', turn_id,"
_JOIN_ANSWERED = f"""
LEFT JOIN ({_ANSWERED}) AS answered ON answered.event_id = judged.turn_id AND judged.turn_id != ''
"""

_OF_THINGS = f"""
SELECT label, source, assessment, score,
  multiIf(trace_id != '', trace_id, {if_any(JUDGED_TURNS, _BY_TURN)} span_id) AS thing
FROM ({_JUDGED}) AS judged
{if_any(JUDGED_TURNS, _JOIN_ANSWERED)}
"""  # noqa: S608 - constants
"""Every judgement of the period with the answer that it is of."""

_LABELS = f"""
SELECT label, source,
  intDiv(toUnixTimestamp64Milli(seen_at), {{step:Int64}}) * {{step:Int64}} AS step_start_ms,
  count() AS found, countIf(assessment = 'pass') AS passed, countIf(assessment = 'fail') AS failed,
  countIf(score IS NOT NULL) AS scored, sum(ifNull(score, 0)) AS scores
FROM ({_JUDGED})
GROUP BY label, source, step_start_ms
"""  # noqa: S608 - constants

_GROUP_VALUES: dict[Group, str] = {
    "model": "arrayJoin(groupUniqArrayArray(traces.models))",
    "ml_app": "max(traces.ml_app)",
    "prompt": "",
}

_TRACES_OF_TURNS = f"""
  UNION ALL SELECT turn_id FROM {SEEN} AND trace_id = '' AND turn_id != ''
  UNION ALL SELECT named FROM ({_ANSWERED})
  UNION ALL SELECT arrayJoin({{time_traces:Array(String)}})
"""  # noqa: S608 - constants
_JUDGED_TRACES = f"""
project_id = {{project:String}} AND trace_id IN (
  SELECT trace_id FROM {SEEN} AND trace_id != '' {if_any(JUDGED_TURNS, _TRACES_OF_TURNS)}
)
"""  # noqa: S608 - constants
"""Condition on rows of traces: the period's judgements are of these, or of some of them."""

_OF_PROMPTS = f"""
SELECT trace_id, trim(BOTH ' ' FROM concat(first.name, ' ', first.version)) AS value FROM (
  SELECT trace_id, min(trace_prompts.prompt) AS first FROM trace_prompts
  WHERE {_JUDGED_TRACES} GROUP BY trace_id)
"""  # noqa: S608 - constants


def _groups(by: Group) -> str:
    values = (
        _OF_PROMPTS
        if by == "prompt"
        else f"""
        SELECT trace_id, {_GROUP_VALUES[by]} AS value FROM traces WHERE {_JUDGED_TRACES} GROUP BY trace_id
        """  # noqa: S608 - constants
    )
    return f"""
    SELECT value, label, countIf(assessment = 'pass') AS passed, countIf(assessment = 'fail') AS failed
    FROM ({_OF_THINGS}) AS things INNER JOIN ({values}) AS grouped ON grouped.trace_id = things.thing
    WHERE assessment != '' AND source != 'behaviour' AND value != ''
    GROUP BY value, label ORDER BY passed + failed DESC, value, label LIMIT {MAX_GROUPS}
    """  # noqa: S608 - constants


_COMPARED = f"""
SELECT compared.1 AS one, compared.2 AS other,
  countIf(compared.3 AND compared.4) AS both_pass,
  countIf(NOT compared.3 AND NOT compared.4) AS both_fail,
  countIf(compared.3 AND NOT compared.4) AS only_one_passes,
  countIf(NOT compared.3 AND compared.4) AS only_other_passes,
  min(compared.4) AS is_pass, avg(compared.5) AS confidence, count() AS answers,
  countIf(has_thumb AND is_up) AS thumbs_up, countIf(has_thumb AND NOT is_up) AS thumbs_down
FROM (
  SELECT
    max(has_source_thumb) AS has_thumb, minIf(is_source_up, has_source_thumb) AS is_up,
    groupArrayIf((source, is_source_pass), is_assessed) AS verdicts,
    arrayConcat(
      arrayFlatten(arrayMap(
        mine -> arrayMap(theirs -> (mine.1, theirs.1, mine.2, theirs.2, NULL), verdicts), verdicts)),
      [('', '', 1, 1, NULL)],
      groupArrayArray(kinds)) AS all_compared
  FROM (
    SELECT thing, toString(source) AS source,
      countIf(assessment != '') > 0 AS is_assessed,
      minIf(assessment = 'pass', assessment != '') AS is_source_pass,
      countIf({THUMBS}) > 0 AS has_source_thumb, minIf(assessment = 'pass', {THUMBS}) AS is_source_up,
      groupUniqArrayIf(('', substring(label, 11), toUInt8(1), toUInt8(assessment = 'pass'), score),
                       source = 'behaviour' AND startsWith(label, 'behaviour.')) AS kinds
    FROM ({_OF_THINGS}) WHERE thing != '' GROUP BY thing, source
  )
  GROUP BY thing
)
ARRAY JOIN all_compared AS compared
WHERE one = '' OR indexOf({{sources:Array(String)}}, one) < indexOf({{sources:Array(String)}}, other)
GROUP BY one, other
"""  # noqa: S608 - constants
"""Of each two sources, how often they are of one mind on what both judged; each has one verdict a thing.

Beside them, with `one` empty, each kind of behaviour with how many of its answers have a thumb; an empty kind
is all answers. What judgements are of is found once for both.
"""


async def get_evaluation_summary(
    database: Database, project_id: str, period: Period, *, label: str = "", by: Group = "model"
) -> EvaluationSummary:
    """What was judged in the period.

    Args:
        database: the store.
        project_id: whose.
        period: when it was judged, on the server's clock.
        label: only of this one; agreement and calibration are of all.
        by: what `groups` are.
    """
    step_ms = step_of(period, BUCKETS)
    question = Question(project_id, period, "turns")
    lacked = await database.traits.lacked(project_id)
    by_time, again = await asyncio.gather(
        _by_time(database, question, lacked), sent_again(database, project_id, period)
    )
    parameters: dict[str, Any] = {
        **question.bounds,
        "time_answers": list(by_time),
        "time_traces": list(by_time.values()),
        **again,
        "label": label,
        "step": step_ms,
        "sources": list(EVALUATION_SOURCES),
    }
    of_all = parameters | {"label": ""}
    groups, compared, labels = await asyncio.gather(
        database.query(without(lacked, _groups(by)), parameters, is_scan=True),
        database.query(without(lacked, _COMPARED), of_all, is_scan=True),
        database.query(_LABELS, parameters, is_scan=True),
    )
    agreement = [row for row in compared if row["one"]]
    behaviour = [row for row in compared if not row["one"]]
    thumbs = next((row for row in behaviour if not row["other"]), None)
    return EvaluationSummary(
        step_ms=step_ms,
        labels=_label_summaries(labels, period, step_ms),
        groups=[_group(row, by) for row in groups],
        by=by,
        agreement=sorted(map(_agreement, agreement), key=lambda each: (_rank(each.one), _rank(each.other))),
        calibration=sorted(
            (_calibration(row) for row in behaviour if row["other"]),
            key=lambda each: (-each.answers, each.kind),
        ),
        thumbs_up=thumbs["thumbs_up"] if thumbs else 0,
        thumbs_down=thumbs["thumbs_down"] if thumbs else 0,
    )


async def _by_time(database: Database, question: Question, lacked: Collection[Trait]) -> Mapping[str, str]:
    """Trace id by answer id where time joins them: of answers that no judgement names it is not asked."""
    return {} if JUDGED_TURNS in lacked else (await led_halves(database, question)).by_time


def _label_summaries(rows: Sequence[Mapping[str, Any]], period: Period, step_ms: int) -> list[LabelSummary]:
    """The labels with most judgements, each with its course."""
    by_label: dict[tuple[str, str], dict[int, Mapping[str, Any]]] = defaultdict(dict)
    for row in rows:
        by_label[str(row["label"]), str(row["source"])][row["step_start_ms"]] = row
    steps = range(period.from_ms // step_ms * step_ms, period.to_ms, step_ms)
    found = [_label(*named, held, steps) for named, held in by_label.items()]
    found.sort(key=lambda each: (_rank(each.source) == _rank("behaviour"), -each.count, each.label))
    return found[:MAX_LABELS]


def _label(label: str, source: str, held: Mapping[int, Mapping[str, Any]], steps: range) -> LabelSummary:
    def points(value: Callable[[Mapping[str, Any]], float | None], empty: float | None) -> list[Point]:
        return [(step, value(held[step]) if step in held else empty) for step in steps]

    def total(name: str) -> float:
        return float(sum(row[name] for row in held.values()))

    scored = total("scored")
    return LabelSummary(
        label=label,
        source=source,
        count=int(total("found")),
        passed=int(total("passed")),
        failed=int(total("failed")),
        score=total("scores") / scored if scored else None,
        pass_rates=points(_pass_rate, None),
        counts=points(lambda row: float(row["found"]), 0.0),
        query=_judged_by(label, source),
    )


def _pass_rate(row: Mapping[str, Any]) -> float | None:
    judged = row["passed"] + row["failed"]
    return float(row["passed"] / judged) if judged else None


def _group(row: Mapping[str, Any], by: Group) -> GroupSummary:
    value, label = str(row["value"]), str(row["label"])
    return GroupSummary(
        value=value,
        label=label,
        passed=row["passed"],
        failed=row["failed"],
        query=f"{by}:{_quoted(value)} {_term(label, 'fail')}".strip(),
    )


def _agreement(row: Mapping[str, Any]) -> Agreement:
    one, other = str(row["one"]), str(row["other"])
    differ = [
        f"(verdict.{this}:fail verdict.{that}:pass -verdict.{that}:fail)"
        for this, that in ((one, other), (other, one))
    ]
    return Agreement(
        one=one,
        other=other,
        both_pass=row["both_pass"],
        both_fail=row["both_fail"],
        only_one_passes=row["only_one_passes"],
        only_other_passes=row["only_other_passes"],
        query=" OR ".join(differ),
    )


def _calibration(row: Mapping[str, Any]) -> Calibration:
    kind = str(row["other"])
    return Calibration(
        kind=kind,
        verdict="pass" if row["is_pass"] else "fail",
        answers=row["answers"],
        confidence=cast("float | None", row["confidence"]),
        thumbs_up=row["thumbs_up"],
        thumbs_down=row["thumbs_down"],
        query=f"{_term(f'behaviour.{kind}', '*')} evaluation.thumbs:*".strip(),
    )


_NAME = re.compile(r"[\w.\-]+")
"""What can stand in the name of a field of a search."""


def _term(label: str, value: str) -> str:
    """A term of the search for a label; empty for one that no search can name."""
    return f"evaluation.{label}:{value}" if _NAME.fullmatch(label) else ""


def _judged_by(label: str, source: str) -> str:
    """A search for the label; where no search can name it, for what its source judged."""
    return _term(label, "*") or f"verdict.{source}:*"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _rank(source: str) -> int:
    return EVALUATION_SOURCES.index(source) if source in EVALUATION_SOURCES else len(EVALUATION_SOURCES)
