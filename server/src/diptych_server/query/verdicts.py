"""`GET /api/v1/verdicts`: how the sessions or traces of a list were judged.

The list itself does not wait for it.
"""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

from diptych_server.query.judgements import (
    BY_SPANS,
    JoinedTurn,
    evaluations_of_sessions,
    evaluations_of_turns,
    judgements,
    told_of_turns,
)
from diptych_server.query.links import session_trace_ids
from diptych_server.query.turn_halves import join_turns
from diptych_server.query.turn_naming import answer_halves
from diptych_server.query.turn_sides import telling_spans
from diptych_server.store.database import Database
from diptych_server.wire.answers import Evaluation
from diptych_server.wire.evaluation import EVALUATION_SOURCES
from diptych_server.wire.verdicts import Verdict, Verdicts

SOURCES = [source for source in EVALUATION_SOURCES if source != "behaviour"]
"""In the order in which they weigh. What a person did next is evidence, and no verdict."""


async def verdicts_of_traces(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> list[Verdicts]:
    """Of each trace: on it, on its spans, and on the answer that it became in a page."""
    if not trace_ids:
        return []
    join, turns = await asyncio.gather(
        join_turns(database, project_id, [], trace_ids), _halves(database, project_id, trace_ids)
    )
    for trace_id, joined in join.by_trace.items():
        if trace_id in turns and joined.answer_id:
            turns[trace_id] = turns[trace_id]._replace(answer_ids=[joined.answer_id])
    found = await evaluations_of_turns(database, project_id, turns)
    return [_verdicts(trace_id, found[trace_id]) for trace_id in trace_ids]


async def verdicts_of_sessions(
    database: Database, project_id: str, session_ids: Collection[str]
) -> list[Verdicts]:
    """Of each session: on it, on its traces and their spans, and on the answers of its pages."""
    if not session_ids:
        return []
    own, trace_ids, answers = await asyncio.gather(
        evaluations_of_sessions(database, project_id, session_ids),
        session_trace_ids(database, project_id, session_ids),
        answer_halves(database, project_id, session_ids=session_ids),
    )
    answer_ids: dict[str, list[str]] = defaultdict(list)
    for answer in answers:
        answer_ids[answer.session_id].append(answer.answer_id)
    traces = await _halves(database, project_id, set().union(*trace_ids.values()))
    pages = {session_id: JoinedTurn(None, ids, []) for session_id, ids in answer_ids.items()}
    rows = await judgements(database, project_id, [*traces.values(), *pages.values()])
    of_traces, of_pages = told_of_turns(rows, traces), told_of_turns(rows, pages)
    found = {
        session_id: [
            *own.get(session_id, ()),
            *of_pages.get(session_id, ()),
            *(each for trace_id in trace_ids.get(session_id, ()) for each in of_traces[trace_id]),
        ]
        for session_id in session_ids
    }
    return [_verdicts(session_id, found[session_id]) for session_id in session_ids]


async def _halves(database: Database, project_id: str, trace_ids: Collection[str]) -> dict[str, JoinedTurn]:
    """The traces, with their spans where a judgement may stand on one by other than the trace's id."""
    spans = await telling_spans(database, project_id, trace_ids, BY_SPANS)
    return {trace_id: JoinedTurn(trace_id, [], spans.get(trace_id, [])) for trace_id in trace_ids}


def _verdicts(thing_id: str, evaluations: Iterable[Evaluation]) -> Verdicts:
    each_once = {each.evaluation_id: each for each in evaluations}
    counts = Counter((each.label, each.source, each.assessment) for each in each_once.values())
    found = [
        Verdict(
            label=label,
            source=source,
            passed=counts[label, source, "pass"],
            failed=counts[label, source, "fail"],
        )
        for label, source in {(label, source) for label, source, assessment in counts if assessment}
        if source in SOURCES
    ]
    found.sort(key=lambda each: (each.failed == 0, SOURCES.index(each.source), each.label))
    return Verdicts(id=thing_id, verdicts=found)
