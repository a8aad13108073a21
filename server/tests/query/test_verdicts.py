"""How the sessions and traces of a list were judged, the worst first."""

from typing import Any

import pytest

from diptych_server.query.evaluations_api import MAX_IDS
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ROOT, TRACE, deliver, evaluation, llm, span, view
from .test_turns import answer, reaction

OTHER = "c" * 32


async def verdicts(ask: Ask, **ids: Any) -> dict[str, list[tuple[str, str, int, int]]]:
    """Label, source, passed and failed, by the id of what was judged."""
    found = await ask("verdicts", **ids)
    assert found.status_code == 200, found.text
    return {
        item["id"]: [
            (each["label"], each["source"], each["passed"], each["failed"]) for each in item["verdicts"]
        ]
        for item in found.json()["items"]
    }


async def test_the_worst_comes_first_and_a_label_of_one_source_is_one_verdict(
    database: Database, project_id: str, ask: Ask
) -> None:
    def judged(number: int, label: str, source: str, assessment: str) -> Any:
        return evaluation(project_id, f"e{number}", label=label, source=source, assessment=assessment)

    await deliver(
        database,
        [
            span(project_id),
            judged(1, "polite", "judge", "pass"),
            judged(2, "polite", "judge", "pass"),
            judged(3, "grounded", "judge", "pass"),
            judged(4, "grounded", "judge", "fail"),
            judged(5, "correct", "human", "fail"),
            judged(6, "length", "code", ""),
            judged(8, "grounded", "judge", "fail"),
            judged(7, "behaviour.leave", "behaviour", "fail"),
        ],
    )
    assert (await verdicts(ask, trace_id=TRACE))[TRACE] == [
        ("correct", "human", 0, 1),
        ("grounded", "judge", 1, 2),
        ("polite", "judge", 2, 0),
    ]


async def test_one_that_was_sent_again_counts_as_it_came_last(
    database: Database, project_id: str, ask: Ask
) -> None:
    made = evaluation(project_id, "e1", assessment="fail", session_id="s1")
    await deliver(database, [view(project_id), span(project_id), made])
    await deliver(database, [made._replace(assessment="pass", precedence=made.precedence + 1)])
    for ids in ({"trace_id": TRACE}, {"session_id": "s1"}):
        assert [*(await verdicts(ask, **ids)).values()] == [[("faithful", "judge", 1, 0)]]


@pytest.mark.parametrize(
    "joined",
    [
        {"trace_id": TRACE},
        {"trace_id": TRACE, "span_id": ROOT},
        {"span_id": ROOT},
        {"turn_id": TRACE},
        {"turn_id": "answer-1"},
        {"join_tag_key": "order", "join_tag_value": "7"},
    ],
    ids=lambda joined: ", ".join(joined),
)
async def test_a_trace_has_the_verdicts_on_all_that_it_is_of(
    database: Database, project_id: str, ask: Ask, joined: dict[str, str]
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id),
            span(project_id, tags={"order": "7"}),
            span(project_id, "c" * 16, trace_id=OTHER),
            llm(project_id, "1" * 16),
            evaluation(project_id, "e1", assessment="fail", **{"trace_id": "", **joined}),
        ],
    )
    assert await verdicts(ask, trace_id=[OTHER, TRACE]) == {OTHER: [], TRACE: [("faithful", "judge", 0, 1)]}


async def test_a_session_has_those_on_it_on_its_traces_and_on_its_answers_each_once(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            view(project_id, "v2", session_id="s2"),
            answer(project_id),
            span(project_id, session_id="s1", session_source="explicit"),
            llm(project_id, "1" * 16),
            evaluation(project_id, "on both", session_id="s1", assessment="fail"),
            evaluation(project_id, "on the session", trace_id="", session_id="s1", label="helped",
                       source="human"),
            evaluation(project_id, "on a trace", label="polite"),
            evaluation(project_id, "on an answer", trace_id="", turn_id="answer-1", label="kind"),
            reaction(project_id, "thumbs_down"),
            evaluation(project_id, "reaction:thumb", trace_id="", turn_id="answer-1", session_id="s1",
                       label="thumbs", source="human", assessment="fail"),
        ],
    )  # fmt: skip
    assert await verdicts(ask, session_id=["s1", "s2", "not known"]) == {
        "s1": [
            ("thumbs", "human", 0, 1),
            ("faithful", "judge", 0, 1),
            ("helped", "human", 1, 0),
            ("kind", "judge", 1, 0),
            ("polite", "judge", 1, 0),
        ],
        "s2": [],
        "not known": [],
    }


async def test_of_another_project_nothing_is_told(database: Database, project_id: str, ask: Ask) -> None:
    beside = f"{project_id} beside"
    await deliver(database, [span(beside), evaluation(beside, "e1", session_id="s1")])
    assert await verdicts(ask, session_id="s1", trace_id=TRACE) == {"s1": [], TRACE: []}


async def test_too_many_ids_are_refused(ask: Ask) -> None:
    refused = await ask("verdicts", trace_id=["t"] * (MAX_IDS + 1))
    assert refused.status_code == 400
    assert "trace_id" in refused.text
