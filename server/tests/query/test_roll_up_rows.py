"""A trace or answer tells the same of itself whether it came in one hour, and is one row, or on two days."""

from diptych_server.query.instants import DAY_MS, Period
from diptych_server.query.matching import Question
from diptych_server.query.prepared import prepared
from diptych_server.query.search.catalog import TRACES
from diptych_server.query.turn_rows import FELT
from diptych_server.store.database import Database
from diptych_server.store.rows import SpanRow

from .seeds import ASKED_MS, ROOT, llm, span
from .test_turns import answer, reaction

ON_ONE_DAY, ON_TWO = "1" * 32, "2" * 32

OF_ITS_OWN = ("answer_hash", "felt_seen_ms")
"""What no two answers tell alike."""

FIELDS = {field.name: field for field in TRACES.fields if field.is_own and field.name != "trace_id"}


def spans(project_id: str, trace_id: str) -> list[SpanRow]:
    """A root, two calls of models of which one failed, and what the library saw of the other."""
    told = {"trace_id": trace_id, "parent_id": ROOT, "has_usage": 1}
    return [
        span(project_id, trace_id=trace_id, user_id="ana", conversation_id="c1", input_preview="Which tent?"),
        llm(project_id, "c" * 16, **told, model="claude", input_tokens=900, output_tokens=80, cost_usd=0.25),
        llm(project_id, "d" * 16, **told, model="gpt", input_tokens=40, output_tokens=9, status="error"),
        llm(
            project_id, "e" * 16, **told, scope="com.anthropic.sdk.python", input_tokens=900, output_tokens=80
        ),
    ]


async def test_a_trace_of_one_row_and_of_several_tell_the_same(database: Database, project_id: str) -> None:
    early, *late = spans(project_id, ON_TWO)
    await database.insert(spans(project_id, ON_ONE_DAY))
    await database.insert([early._replace(seen_at=early.seen_at - DAY_MS), *late])
    rows = await database.query(
        "SELECT trace_id, count() AS found FROM traces WHERE project_id = {project:String} GROUP BY trace_id",
        {"project": project_id},
    )
    assert {row["trace_id"]: row["found"] > 1 for row in rows} == {ON_ONE_DAY: False, ON_TWO: True}

    period = Period(ASKED_MS - 2 * DAY_MS, ASKED_MS + 60_000)
    columns = {f"f{index}": field.expression for index, field in enumerate(FIELDS.values())}
    for query in (None, "cost:>0.2 model:claude* status:error spans:4"):
        question = await prepared(database, Question(project_id, period, "traces", query))
        matching = question.rows(columns)
        found = {row.pop("id"): row for row in await database.query(matching.sql, matching.parameters)}
        assert found.keys() == {ON_ONE_DAY, ON_TWO}
        for name, column in zip(FIELDS, columns, strict=True):
            one, other = (found[trace_id][column] for trace_id in (ON_ONE_DAY, ON_TWO))
            if FIELDS[name].is_many:
                one, other = sorted(one), sorted(other)
            assert one == other, name
            assert one not in (None, "", [], 0) or name == "ttft", name


async def test_an_answer_of_one_row_and_of_several_tell_the_same(database: Database, project_id: str) -> None:
    told = {"user_id": "ana", "view_url": "http://shop/help", "service": "shop-web", "trace_id": ""}
    for answer_id, late_ms in (("one", 0), ("several", DAY_MS)):
        asked = answer(project_id, answer_id, **told)
        copied = reaction(project_id, "copy", answer_id)
        await database.insert([asked._replace(seen_at=asked.seen_at - late_ms), copied])
    period = Period(ASKED_MS - 2 * DAY_MS, ASKED_MS + 60_000)
    question = await prepared(database, Question(project_id, period, "turns"))
    assert len((question.known or {})["several_answers"]) == 1
    columns = {f"f{index}": name for index, name in enumerate(FELT) if name not in OF_ITS_OWN}
    matching = question.rows(columns)
    found = {row.pop("id"): row for row in await database.query(matching.sql, matching.parameters)}
    assert found.keys() == {"one", "several"}
    one, several = (
        {name: found[each][column] for column, name in columns.items()} for each in ("one", "several")
    )
    assert one == several
    assert (one["reactions"], one["end_reason"], one["view_url"]) == (["copy"], "done", "http://shop/help")
