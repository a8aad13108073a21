"""Whatever a list holds comes to the engine as it was, whether we write it out or its client does."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych_server.store.database import Database

TEXTS = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\\'`\"\t\n\r\0[],{}")))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(TEXTS, max_size=8))
async def test_texts_are_bound_as_they_are(database: Database, texts: list[str]) -> None:
    [row] = await database.query("SELECT {texts:Array(String)} AS texts", {"texts": texts})
    assert row["texts"] == texts


@pytest.mark.parametrize("numbers", [[], [0], [1, 2**64 - 1], list(range(5_000))], ids=len)
async def test_whole_numbers_are_bound_as_they_are(database: Database, numbers: list[int]) -> None:
    [row] = await database.query("SELECT {numbers:Array(UInt64)} AS numbers", {"numbers": numbers})
    assert row["numbers"] == numbers


async def test_a_text_cannot_leave_its_list(database: Database) -> None:
    texts = ["'] UNION ALL SELECT 1 --", "\\", "\\'", "a','b"]
    [row] = await database.query("SELECT length({texts:Array(String)}) AS count", {"texts": texts})
    assert row["count"] == len(texts)
