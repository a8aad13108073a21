"""How it was judged: each judgement once, behaviour apart, and every number leads to what is behind it."""

from typing import Any

import pytest

from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, deliver, evaluation, llm, span, view
from .test_turns import answer

HOUR_MS = 3_600_000
PERIOD = {"from_": ASKED_MS - HOUR_MS, "to": ASKED_MS + HOUR_MS}
TRACES = {"a": "a" * 32, "b": "b" * 32, "c": "c" * 32}


@pytest.fixture
async def judged(database: Database, project_id: str) -> None:
    """Three answers: `a` good for all, `b` bad for all but the judge, `c` which only behaviour tells of."""

    def verdict(name: str, label: str, source: str, assessment: str, **changes: Any) -> Any:
        fields = {"label": label, "source": source, "assessment": assessment, "value": '"x"', "trace_id": ""}
        return evaluation(project_id, name, **fields | changes)

    def reacted(name: str, label: str, assessment: str, score: float) -> Any:
        source = "human" if label == "thumbs" else "behaviour"
        return verdict(f"reaction:{name}-{label}", label, source, assessment, turn_id=name, score=score)

    rows: list[Any] = [view(project_id)]
    for name, trace_id in TRACES.items():
        rows += [
            answer(project_id, name, trace_id=trace_id),
            span(project_id, trace_id=trace_id, ml_app="shop" if name == "a" else "help"),
            llm(project_id, "1" * 16, trace_id=trace_id, model=f"model-{name}",
                raw=f'{{"prompt":{{"id":"greet","version":"{name}"}}}}'),
        ]  # fmt: skip
    rows += [
        verdict("j-a", "grounded", "judge", "pass", trace_id=TRACES["a"], score=0.9),
        verdict("j-b", "grounded", "judge", "pass", trace_id=TRACES["b"], span_id="1" * 16, score=0.5),
        verdict("h-a", "helpful", "human", "pass", turn_id="a"),
        verdict("h-b", "helpful", "human", "fail", turn_id=TRACES["b"]),
        verdict("note", "tone", "code", "", trace_id=TRACES["a"]),
        reacted("a", "thumbs", "pass", 1.0),
        reacted("a", "behaviour.copy", "pass", 0.9),
        reacted("b", "thumbs", "fail", 1.0),
        reacted("b", "behaviour.retry", "fail", 0.8),
        reacted("c", "behaviour.retry", "fail", 0.6),
    ]
    await deliver(database, rows)


async def summary(ask: Ask, **parameters: Any) -> dict[str, Any]:
    found = await ask("evaluations", "summary", **PERIOD, **parameters)
    assert found.status_code == 200, found.text
    answer: dict[str, Any] = found.json()
    return answer


async def test_each_label_of_each_source_is_counted_once(judged: None, ask: Ask) -> None:
    labels = {(each["label"], each["source"]): each for each in (await summary(ask))["labels"]}
    told = {named: (each["count"], each["passed"], each["failed"]) for named, each in labels.items()}
    assert told == {
        ("grounded", "judge"): (2, 2, 0),
        ("helpful", "human"): (2, 1, 1),
        ("tone", "code"): (1, 0, 0),
        ("thumbs", "human"): (2, 1, 1),
        ("behaviour.copy", "behaviour"): (1, 1, 0),
        ("behaviour.retry", "behaviour"): (2, 0, 2),
    }
    assert labels["grounded", "judge"]["score"] == pytest.approx(0.7)
    assert [value for _, value in labels["helpful", "human"]["pass_rates"] if value is not None] == [0.5]
    assert sum(value for _, value in labels["behaviour.retry", "behaviour"]["counts"]) == 2


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("model", {("model-a", "thumbs"): (1, 0), ("model-b", "thumbs"): (0, 1)}),
        ("ml_app", {("shop", "thumbs"): (1, 0), ("help", "thumbs"): (0, 1)}),
        ("prompt", {("greet a", "thumbs"): (1, 0), ("greet b", "thumbs"): (0, 1)}),
    ],
)
async def test_pass_rates_by_group_leave_behaviour_out(
    judged: None, ask: Ask, by: str, expected: dict[tuple[str, str], tuple[int, int]]
) -> None:
    found = await summary(ask, by=by, label="thumbs")
    groups = {(each["value"], each["label"]): (each["passed"], each["failed"]) for each in found["groups"]}
    assert groups == expected
    every = (await summary(ask, by=by))["groups"]
    assert {each["label"] for each in every} == {"grounded", "helpful", "thumbs"}
    for each in every:
        listed = (await ask("turns", query=each["query"], **PERIOD)).json()["items"]
        assert len(listed) == each["failed"], each


async def test_sources_are_held_against_each_other_on_the_same_answers(judged: None, ask: Ask) -> None:
    pairs = {(each["one"], each["other"]): each for each in (await summary(ask))["agreement"]}
    counts = {
        named: tuple(
            each[name] for name in ("both_pass", "both_fail", "only_one_passes", "only_other_passes")
        )
        for named, each in pairs.items()
    }
    assert counts == {
        ("human", "judge"): (1, 0, 0, 1),
        ("human", "behaviour"): (1, 1, 0, 0),
        ("judge", "behaviour"): (1, 0, 1, 0),
    }
    listed = (await ask("turns", query=pairs["human", "judge"]["query"], **PERIOD)).json()["items"]
    assert [turn["turn_id"] for turn in listed] == ["b"]


async def test_behaviour_is_held_against_thumbs(judged: None, ask: Ask) -> None:
    found = await summary(ask)
    assert (found["thumbs_up"], found["thumbs_down"]) == (1, 1)
    kinds = {each["kind"]: each for each in found["calibration"]}
    assert kinds["retry"] | {"query": ""} == {
        "kind": "retry",
        "verdict": "fail",
        "answers": 2,
        "confidence": pytest.approx(0.7),
        "thumbs_up": 0,
        "thumbs_down": 1,
        "query": "",
    }
    assert (kinds["copy"]["thumbs_up"], kinds["copy"]["thumbs_down"]) == (1, 0)
    listed = (await ask("turns", query=kinds["retry"]["query"], **PERIOD)).json()["items"]
    assert [turn["turn_id"] for turn in listed] == ["b"]


async def test_every_label_leads_to_its_answers(judged: None, ask: Ask) -> None:
    for each in (await summary(ask))["labels"]:
        listed = (await ask("turns", query=each["query"], **PERIOD)).json()["items"]
        assert len(listed) == each["count"], each["label"]


async def test_of_nothing_there_is_nothing(ask: Ask) -> None:
    found = await summary(ask)
    assert (found["labels"], found["groups"], found["agreement"], found["calibration"]) == ([], [], [], [])
    assert (await ask("evaluations", "summary", by="colour")).status_code == 400
