"""What a project was ever sent: what it never was, no statement need look for.

Most projects have no trace of APM and no feedback by a key, and to look for what is not there costs as much
as any other look. The store is asked once; from then on the rows that are stored tell. A trait stays when its
rows expire: it saves a look, and answers nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, NamedTuple

from diptych_server.store.rows import EvaluationRow, Row, SpanMessagesRow, SpanRow

APM_TRACE_TAG = "apm_trace_id"
"""The tag of spans that stand in an APM trace; the view `trace_sessions_from_spans` reads it."""

PROMPT_IN_RAW = '"prompt":{'
"""What stands in the JSON of a span with a prompt; the view `trace_prompts_from_spans` looks for it first."""


class Trait(NamedTuple):
    """Something that rows of a project may have."""

    name: str
    rows: str
    """What stands behind FROM; binds `project`."""
    kind: type[Row]
    """Of the rows that may have it."""
    is_of: Callable[[Any], bool]
    """Whether such a row has it."""


APM_TRACES = Trait(
    "apm_traces",
    "trace_sessions WHERE project_id = {project:String} AND source = 'apm_trace'",
    SpanRow,
    lambda span: APM_TRACE_TAG in span.tags,
)
"""Spans that tell of an APM trace."""

PROMPTS = Trait(
    "prompts",
    "trace_prompts WHERE project_id = {project:String}",
    SpanRow,
    lambda span: PROMPT_IN_RAW in span.raw,
)
"""Spans that tell a prompt, or seem to."""


LOGGED_MESSAGES = Trait(
    "logged_messages", "span_messages WHERE project_id = {project:String}", SpanMessagesRow, lambda _: True
)
"""Messages of model calls that came as log records."""


def _judged_by(column: str) -> Trait:
    """Judgements without a trace id that name what they judge in this column."""
    return Trait(
        f"judged_by_{column}",
        f"evaluations WHERE project_id = {{project:String}} AND trace_id = '' AND {column} != ''",
        EvaluationRow,
        lambda judgement: judgement.trace_id == "" and getattr(judgement, column) != "",
    )


JUDGED_SPANS = _judged_by("span_id")
JUDGED_TURNS = _judged_by("turn_id")
JUDGED_TAGS = _judged_by("join_tag_key")
FEEDBACK_KEYS = _judged_by("feedback_key")

TRAITS = (APM_TRACES, PROMPTS, LOGGED_MESSAGES, JUDGED_SPANS, JUDGED_TURNS, JUDGED_TAGS, FEEDBACK_KEYS)

Ask = Callable[[str, Mapping[str, object]], Awaitable[list[dict[str, Any]]]]


class Traits:
    """Of all projects, as far as anyone asked; used on the event loop alone."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._known: dict[tuple[str, Trait], bool] = {}

    async def has(self, project_id: str, trait: Trait) -> bool:
        """Whether the project was ever sent rows with it."""
        known = self._known.get((project_id, trait))
        if known is None:
            found = await self._ask(f"SELECT 1 FROM {trait.rows} LIMIT 1", {"project": project_id})  # noqa: S608 - a constant
            # What was stored meanwhile may not have been seen: `note` told of it.
            known = self._known.setdefault((project_id, trait), bool(found))
        return known

    async def lacked(self, project_id: str) -> frozenset[Trait]:
        """Those that the project was never sent rows with."""
        has = await asyncio.gather(*(self.has(project_id, trait) for trait in TRAITS))
        return frozenset(trait for trait, is_known in zip(TRAITS, has, strict=True) if not is_known)

    def note(self, rows: Sequence[Row]) -> None:
        """Say that rows of one table are stored."""
        for trait in TRAITS:
            if isinstance(rows[0], trait.kind):
                for row in filter(trait.is_of, rows):
                    self._known[row.project_id, trait] = True
