"""Traits of projects: asked of the store once, then known from what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from diptych_server.store.database import Database
from diptych_server.store.rows import Row, SpanRow
from diptych_server.store.traits import (
    APM_TRACES,
    FEEDBACK_KEYS,
    JUDGED_SPANS,
    JUDGED_TAGS,
    JUDGED_TURNS,
    LOGGED_MESSAGES,
    PROMPTS,
    TRAITS,
    Trait,
    Traits,
)
from server.tests.query.seeds import evaluation, rum, span
from server.tests.query.test_log_messages import record

COLUMNS = {
    JUDGED_SPANS: "span_id",
    JUDGED_TURNS: "turn_id",
    JUDGED_TAGS: "join_tag_key",
    FEEDBACK_KEYS: "feedback_key",
}
"""Of each trait of judgements: where it names what it judges."""


def with_trait(trait: Trait, project_id: str) -> Row:
    if trait is APM_TRACES:
        return span(project_id, "in an APM trace", tags={"apm_trace_id": "b" * 32})
    if trait is PROMPTS:
        return span(project_id, "with a prompt", raw='{"prompt":{"name":"greeting","version":"2"}}')
    if trait is LOGGED_MESSAGES:
        return record(project_id, 0)
    return evaluation(project_id, "by it", trace_id="", **{COLUMNS[trait]: "a name"})


def without(trait: Trait, project_id: str) -> Sequence[Row]:
    if trait is LOGGED_MESSAGES:
        return [span(project_id)]
    if trait.kind is SpanRow:
        return [span(project_id, "alone", tags={"customer": "7"}, raw='{"metadata":{"prompts":1}}')]
    of_a_trace = evaluation(project_id, "of a trace", **{COLUMNS[trait]: "a name"})
    return [of_a_trace, evaluation(project_id, "of a session", trace_id="", session_id="s1")]


@pytest.mark.parametrize("trait", TRAITS, ids=[trait.name for trait in TRAITS])
class TestTrait:
    async def test_a_project_has_it_from_the_first_row_on(
        self, database: Database, project_id: str, trait: Trait
    ) -> None:
        await database.insert([rum(project_id, "event")])
        await database.insert(without(trait, project_id))
        assert not await database.traits.has(project_id, trait)
        await database.insert([with_trait(trait, project_id)])
        assert await database.traits.has(project_id, trait)
        assert not await database.traits.has(f"{project_id} beside", trait)

    async def test_one_that_saw_no_row_arrive_asks_the_store_and_asks_once(
        self, database: Database, project_id: str, trait: Trait
    ) -> None:
        await database.insert([with_trait(trait, project_id)])
        asked = 0

        async def ask(sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
            nonlocal asked
            asked += 1
            return await database.query(sql, parameters)

        after_a_restart = Traits(ask)
        assert [await after_a_restart.has(project_id, trait) for _ in range(2)] == [True, True]
        assert asked == 1

    async def test_what_is_stored_while_the_store_is_asked_counts(
        self, database: Database, project_id: str, trait: Trait
    ) -> None:
        row = with_trait(trait, project_id)

        async def ask(sql: str, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
            found = await database.query(sql, parameters)
            traits.note([row])
            return found

        traits = Traits(ask)
        assert await traits.has(project_id, trait)
