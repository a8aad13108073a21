"""What each half of a turn says: the answer as it was felt, as it was served, and what was done with it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from typing import Any, NamedTuple, cast, get_args

import msgspec

from diptych_server.query.links import TraceLinks
from diptych_server.query.trace_summary import summary_of
from diptych_server.store.database import Database
from diptych_server.store.traits import FEEDBACK_KEYS, JUDGED_TAGS, PROMPTS, Trait
from diptych_server.wire.answers import TraceSummary, User
from diptych_server.wire.turn import (
    EndReason,
    FeltAnswer,
    Gap,
    Reaction,
    ReactionKind,
    ServedAnswer,
    Stall,
    TurnMatch,
)

END_REASONS: frozenset[str] = frozenset(get_args(EndReason))
REACTION_KINDS: frozenset[str] = frozenset(get_args(ReactionKind))
THUMBS = frozenset({"thumbs_up", "thumbs_down"})
"""The person says it; all else is behaviour."""

MAX_SPANS_BESIDE = 100_000
"""Spans whose tags and prompts are looked at for one page of turns: those of five of the largest traces."""

MAX_STALLS = 50
"""Of an answer; as many as the browser SDK tells."""

_FELT = (
    "asked_ms",
    "question",
    "view_id",
    "view_url",
    "tab_id",
    "url",
    "first_byte_ms",
    "first_word_ms",
    "done_ms",
    "end_reason",
    "stall_list",
    "user_id",
    "user_name",
    "user_email",
)

FELT_COLUMNS = (
    "max(answers.session_id) AS session_id,"
    f" argMax(({', '.join(f'answers.told.{name}' for name in _FELT)}), answers.told.precedence) AS told,"
    " groupUniqArrayArray(answers.reactions) AS reactions"
)
"""What `felt_of` is made of, beside the answer's id: aggregates over an answer's rows.

A tuple of what the first delivery told, where one aggregate for each of them took the engine twice as long.
"""


class Felt(NamedTuple):
    """The page's half, and what of it stands elsewhere in a turn."""

    answer: FeltAnswer
    session_id: str
    question: str
    user: User
    reactions: list[Reaction]
    """What was done with the answer, in order of time; each as first delivered."""


async def felt_answers(database: Database, project_id: str, answer_ids: Collection[str]) -> dict[str, Felt]:
    """The answers, of every hour they have; of one that came twice the first delivery."""
    return await database.things.read(
        project_id,
        "felt answers",
        answer_ids,
        lambda ids: _felt_answers(database, project_id, ids),
        lambda came: came.answer_ids | came.reacted_ids,
    )


async def _felt_answers(database: Database, project_id: str, answer_ids: Collection[str]) -> dict[str, Felt]:
    rows = await database.query(
        f"""
        SELECT event_id, {FELT_COLUMNS}
        FROM answers
        PREWHERE project_id = {{project:String}} AND event_id IN {{answers:Array(String)}}
        GROUP BY event_id
        HAVING max(answers.is_answer)
        """,  # noqa: S608 - names from the table above; every value is bound
        {"project": project_id, "answers": sorted(answer_ids)},
    )
    return {row["event_id"]: felt_of(row) for row in rows}


def felt_of(row: Mapping[str, Any]) -> Felt:
    """From one row of `FELT_COLUMNS`."""
    told = dict(zip(_FELT, row["told"], strict=True))
    answer = FeltAnswer(
        answer_id=row["event_id"],
        asked_ms=told["asked_ms"],
        view_id=told["view_id"],
        view_url=told["view_url"],
        tab_id=told["tab_id"] or None,
        url=told["url"],
        first_byte_ms=_known(told["first_byte_ms"]),
        first_word_ms=_known(told["first_word_ms"]),
        done_ms=_known(told["done_ms"]),
        end_reason=told["end_reason"] if told["end_reason"] in END_REASONS else None,
        stalls=_stalls(told["stall_list"]),
    )
    user = User(id=told["user_id"] or None, name=told["user_name"] or None, email=told["user_email"] or None)
    return Felt(answer, row["session_id"], told["question"], user, _reactions(row["reactions"]))


def _known(ms: int) -> int | None:
    return None if ms < 0 else ms


def _stalls(text: str) -> list[Stall]:
    """Those of a page's list that are what they should be."""
    told: list[Any] = _read(text, list[Any]) or []
    return [stall for each in told[:MAX_STALLS] if (stall := _stall(each))]


def _stall(value: object) -> Stall | None:
    try:
        return msgspec.convert(value, Stall)
    except msgspec.ValidationError:
        return None


def _reactions(deliveries: Sequence[Mapping[str, Any]]) -> list[Reaction]:
    first: dict[str, Mapping[str, Any]] = {}
    for each in sorted(deliveries, key=lambda each: each["precedence"]):
        first[each["event_id"]] = each
    return [
        Reaction(
            kind=cast(ReactionKind, each["kind"]),
            at_ms=each["at_ms"],
            after_ms=None if each["after_ms"] < 0 else each["after_ms"],
            confidence=None if each["confidence"] < 0 else each["confidence"],
            source="human" if each["kind"] in THUMBS else "behaviour",
        )
        for each in sorted(first.values(), key=lambda each: (each["at_ms"], each["event_id"]))
        if each["kind"] in REACTION_KINDS
    ]


def _read(text: str, kind: type[Any]) -> Any:
    """A part of an event, or nothing where a page sent something else."""
    try:
        return msgspec.json.decode(text, type=kind) if text else None
    except msgspec.DecodeError:
        return None


class Served(NamedTuple):
    """The agent's half, with the row of the trace list that it is made of."""

    answer: ServedAnswer
    summary: TraceSummary


def served_answer(row: Mapping[str, Any], links: TraceLinks, prompt: str | None) -> Served:
    """From one row of `trace_rows`."""
    summary = summary_of(row, links)
    answer = ServedAnswer(
        trace_id=summary.trace_id,
        name=summary.name,
        start_ns=row["start_ns"],
        duration_ms=summary.duration_ms,
        ttft_ms=summary.ttft_ms,
        is_complete=summary.is_complete,
        status=summary.status,
        ml_app=summary.ml_app,
        models=summary.models,
        prompt=prompt,
        tokens=summary.tokens,
        cost_usd=summary.cost_usd,
    )
    return Served(answer, summary)


def gap_of(felt: FeltAnswer, served: ServedAnswer, match: TurnMatch | None) -> Gap:
    """Where the time until the first word went, from the two halves alone.

    What lies between both clocks is told only where the page's request holds the trace in time: it was asked
    before the trace began and done after it ended, so the page's clock is off by the middle of what that
    leaves, as in `query.clock`.
    """
    rendering_ms = None
    if felt.first_word_ms is not None and felt.first_byte_ms is not None:
        rendering_ms = max(0.0, felt.first_word_ms - felt.first_byte_ms)
    slack_ms = (felt.done_ms or 0.0) - served.duration_ms
    if match != "trace" or not felt.done_ms or slack_ms < 0:
        return Gap(request_ms=None, proxy_ms=None, rendering_ms=rendering_ms)
    request_ms = slack_ms / 2
    proxy_ms = None
    if felt.first_byte_ms is not None and served.ttft_ms is not None:
        proxy_ms = max(0.0, felt.first_byte_ms - served.ttft_ms - request_ms)
    return Gap(
        request_ms=round(request_ms, 3),
        proxy_ms=None if proxy_ms is None else round(proxy_ms, 3),
        rendering_ms=rendering_ms,
    )


_TOLD_WHERE: Mapping[Trait, str] = {
    PROMPTS: "JSONExtractRaw(raw, 'prompt') AS prompt",
    JUDGED_TAGS: "tags",
    FEEDBACK_KEYS: "tags",
}
"""What spans tell that matters only where the project has such."""


async def telling_spans(
    database: Database, project_id: str, trace_ids: Collection[str], telling: Set[Trait]
) -> dict[str, list[dict[str, Any]]]:
    """As `spans_beside`, if the project has one of these traits; else none: they would tell nothing."""
    if await database.traits.lacked(project_id) >= telling:
        return {}
    return await spans_beside(database, project_id, trace_ids)


async def spans_beside(
    database: Database, project_id: str, trace_ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """The spans of each trace, the earliest first.

    Each with `span_id`, `kind`, `start_ns`, `duration_ns` and `output_preview`; and with `tags` and `prompt`
    (JSON), where the project has judgements by tags, and prompts.
    """
    if not trace_ids:
        return {}
    lacked = await database.traits.lacked(project_id)
    told = tuple(sorted({column for trait, column in _TOLD_WHERE.items() if trait not in lacked}))
    return await database.things.read(
        project_id,
        ("spans beside", told),
        trace_ids,
        lambda ids: _spans_beside(database, project_id, ids, told),
        lambda came: came.trace_ids,
        len,
    )


async def _spans_beside(
    database: Database, project_id: str, trace_ids: Collection[str], told: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    rows = await database.query(
        f"""
        SELECT trace_id, span_id, kind, start_ns, duration_ns, output_preview
          {"".join(f", {column}" for column in told)}
        FROM spans
        PREWHERE project_id = {{project:String}} AND trace_id IN {{traces:Array(String)}}
        ORDER BY precedence DESC, start_ns
        LIMIT 1 BY trace_id, span_id
        LIMIT {{most:UInt32}}
        """,  # noqa: S608 - names from the table above; every value is bound
        {"project": project_id, "traces": list(trace_ids), "most": MAX_SPANS_BESIDE},
    )
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row["start_ns"], row["span_id"])):
        found[row["trace_id"]].append(row)
    return found


def prompt_of(spans: Sequence[Mapping[str, Any]]) -> str | None:
    """`name version` of the first prompt that a span of the trace tells."""
    for span in spans:
        prompt = _read(span.get("prompt", ""), dict[str, Any])
        if prompt and (name := prompt.get("name") or prompt.get("id")):
            return " ".join(str(part) for part in (name, prompt.get("version")) if part)
    return None
