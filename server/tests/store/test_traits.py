"""Traits of projects: asked of the store once, then known from what is stored."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from diptych_server.store.database import Database
from diptych_server.store.rows import EvaluationRow, Row, last_wins
from diptych_server.store.traits import APM_TRACES, FEEDBACK_KEYS, Trait, Traits

from .test_database import NOW_MS, rum_event, span


def judgement(project_id: str, feedback_key: str) -> EvaluationRow:
    return EvaluationRow(
        project_id=project_id,
        evaluation_id="judgement",
        precedence=last_wins(NOW_MS),
        ts=NOW_MS,
        seen_at=NOW_MS,
        received_at=NOW_MS,
        retention_days=30,
        label="helpful",
        metric_type="boolean",
        value="true",
        session_id="s1",
        feedback_key=feedback_key,
    )


def with_trait(trait: Trait, project_id: str) -> Row:
    if trait is FEEDBACK_KEYS:
        return judgement(project_id, "a key")
    return span(project_id, "in an APM trace", tags={"apm_trace_id": "b" * 32})


def without(trait: Trait, project_id: str) -> Sequence[Row]:
    if trait is FEEDBACK_KEYS:
        return [judgement(project_id, "")]
    return [span(project_id, "alone", tags={"customer": "7"})]


@pytest.mark.parametrize("trait", [APM_TRACES, FEEDBACK_KEYS], ids=["APM traces", "feedback keys"])
class TestTrait:
    async def test_a_project_has_it_from_the_first_row_on(
        self, database: Database, project_id: str, trait: Trait
    ) -> None:
        await database.insert([rum_event(project_id, "event")])
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
