"""Facets, series over time and completion, over the same rows as the search."""

from typing import Any

import pytest

from diptych_server.query.instants import Period
from diptych_server.query.timeseries import STEPS_MS, step_of
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, deliver, llm, rum, span, view
from .test_search import BAD, GOOD, seeds

MINUTE_MS = 60_000


async def facets(ask: Ask, signal: str, **parameters: Any) -> dict[str, dict[str, int]]:
    answer = await ask("facets", signal=signal, **parameters)
    assert answer.status_code == 200, answer.text
    return {
        facet["field"]: {value["value"]: value["count"] for value in facet["values"]}
        for facet in answer.json()["facets"]
    }


async def test_facets_count_sessions_not_rows(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, seeds(project_id))
    found = await facets(ask, "sessions")
    assert found["service"] == {"Checkout": 1, "docs": 1, "shop": 1}
    assert found["browser"] == {"Firefox 140": 1}
    assert found["application_id"] == {"shop": 3}
    assert found["frustration"] == {"rage_click": 1}
    assert found["reaction"] == {"rage_click": 1}
    assert found["error.type"] == {"ReferenceError": 1}


async def test_facets_follow_the_search(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, seeds(project_id))
    found = await facets(
        ask, "sessions", query="-service:docs @error.count:0", field=["service", "@error.type"]
    )
    assert found == {"service": {"shop": 1}, "error.type": {}}
    assert await facets(ask, "traces", query="status:error", field="name") == {"name": {"concierge": 1}}


async def test_facets_of_traces_and_spans(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, seeds(project_id))
    found = await facets(ask, "traces", field=["model", "status", "span.kind"])
    assert found == {
        "model": {"claude-haiku-4-5": 1, "gpt-5": 1},
        "status": {"ok": 2, "error": 1},
        "span.kind": {"agent": 2, "llm": 2, "workflow": 1},
    }
    assert (await facets(ask, "spans"))["kind"] == {"agent": 2, "llm": 2, "workflow": 1}
    assert (await facets(ask, "spans", limit=1))["kind"] == {"agent": 2}


async def test_the_facet_of_a_number_is_its_range(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, seeds(project_id))
    [cost, ttft] = (await ask("facets", signal="traces", field=["cost", "ttft"])).json()["facets"]
    assert (cost["kind"], cost["min"], cost["max"], cost["values"]) == ("range", 0, 0.5, [])
    assert (ttft["min"], ttft["max"]) == (1_550, 1_550)
    [empty] = (await ask("facets", signal="traces", query="name:nothing", field="cost")).json()["facets"]
    assert (empty["min"], empty["max"]) == (None, None)


@pytest.mark.parametrize("field", ["zork", "trace.cost", "trace.name"])
async def test_a_field_that_cannot_be_counted_is_refused(ask: Ask, field: str) -> None:
    answer = await ask("facets", signal="sessions", field=field)
    assert (answer.status_code, answer.json()["where"]) == (400, "field")


async def series(ask: Ask, **parameters: Any) -> dict[str, list[tuple[int, float]]]:
    answer = await ask("timeseries", from_=ASKED_MS - MINUTE_MS, to=ASKED_MS + MINUTE_MS, **parameters)
    assert answer.status_code == 200, answer.text
    return {
        each["key"]: [(at, value) for at, value in each["points"] if value]
        for each in answer.json()["series"]
    }


async def test_a_histogram_counts_each_thing_once(database: Database, project_id: str, ask: Ask) -> None:
    rows = [llm(project_id, "c" * 16), span(project_id, "d" * 16, trace_id=GOOD)]
    for _ in range(3):
        await database.insert(rows)
    await deliver(database, [view(project_id), rum(project_id, "later", ts=ASKED_MS + 10_000)])
    step = ASKED_MS // 2_000 * 2_000
    assert await series(ask, signal="spans") == {"": [(step, 2)]}
    assert await series(ask, signal="traces") == {"": [(step, 2)]}
    assert await series(ask, signal="sessions") == {"": [(step, 1)]}


async def test_a_histogram_has_every_step_of_its_range(ask: Ask) -> None:
    answer = (await ask("timeseries", signal="traces", from_=0, to=600_000, buckets=10)).json()
    assert answer == {
        "step_ms": MINUTE_MS,
        "series": [{"key": "", "points": [[minute * MINUTE_MS, 0] for minute in range(10)]}],
    }


async def test_measures_and_series_by_a_field(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, seeds(project_id))
    found = await series(ask, signal="traces", by="status", buckets=1)
    assert {key: sum(value for _, value in points) for key, points in found.items()} == {"ok": 2, "error": 1}
    assert [value for _, value in (await series(ask, signal="traces", measure="errors", buckets=1))[""]] == [
        1
    ]
    assert [value for _, value in (await series(ask, signal="traces", measure="p99", buckets=1))[""]] == [
        4_000
    ]
    assert [
        value for _, value in (await series(ask, signal="traces", measure="sum:cost", buckets=1))[""]
    ] == [0.501]
    models = await series(ask, signal="traces", by="model", query=f"trace_id:{BAD}", buckets=1)
    assert list(models) == ["gpt-5"]


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"measure": "p100"}, "measure"),
        ({"measure": "avg:name"}, "measure"),
        ({"measure": "count:cost"}, "measure"),
        ({"by": "duration"}, "by"),
        ({"by": "zork"}, "by"),
        ({"query": "zork:1"}, "query"),
        ({"buckets": 0}, "buckets"),
    ],
)
async def test_a_measure_that_is_none_is_refused(ask: Ask, parameters: dict[str, Any], where: str) -> None:
    answer = await ask("timeseries", signal="traces", **parameters)
    assert (answer.status_code, answer.json()["where"]) == (400, where)


def test_a_step_is_readable_and_there_are_few_of_them() -> None:
    for length_ms in (10, 900, 60_000, 86_400_000, 90 * 86_400_000):
        step_ms = step_of(Period(0, length_ms), 60)
        assert step_ms in STEPS_MS
        assert length_ms / step_ms <= 60


async def test_every_field_can_be_completed(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, seeds(project_id))

    async def values(signal: str, field: str, prefix: str = "") -> list[str]:
        answer = await ask("search", "values", signal=signal, field=field, prefix=prefix)
        assert answer.status_code == 200, (field, answer.text)
        return [each["value"] for each in answer.json()["values"]]

    for signal in ("sessions", "traces", "spans"):
        for field in (await ask("search", "fields", signal=signal)).json()["fields"]:
            await values(signal, field["name"])
    assert await values("sessions", "service") == ["Checkout", "docs", "shop"]
    assert await values("sessions", "@service", "CH") == ["Checkout"]
    assert await values("sessions", "trace.model") == ["claude-haiku-4-5", "gpt-5"]
    assert await values("sessions", "has_replay", "t") == ["true"]
    assert await values("traces", "model", "gpt") == ["gpt-5"]
    assert await values("traces", "status", "e") == ["error"]
    assert await values("spans", "evaluation.") == ["grounded"]
    assert await values("spans", "evaluation.grounded") == ["fail", "pass"]
    assert await values("spans", "tag.") == ["prompt_version"]
    assert await values("spans", "tag.prompt_version", "v") == ["v2"]
    assert (await ask("search", "values", signal="spans", field="zork")).status_code == 400


async def test_a_signal_that_is_none_is_refused(ask: Ask) -> None:
    for path in ("facets", "timeseries"):
        assert (await ask(path, signal="poems")).json()["where"] == "signal"
