"""What is known of a period grows with what arrives: a search then finds what it would, had it asked anew."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from diptych_server.query import led_halves, roll_up_rows
from diptych_server.store.database import Database
from diptych_server.store.kept_answers import KeptAnswers
from diptych_server.store.kept_things import KeptThings
from diptych_server.store.rows import Row, last_wins

from .conftest import Ask
from .seeds import NOW_MS, ROOT, TRACE, deliver, evaluation, llm, rum, span, view
from .test_turns import answer, reaction

LATE = "f" * 32
ASKED_BY_A_WORD = '{"type":"answer","answer":{"question":"Is it waterproof?","stalls":[]}}'
Told = Callable[[], Awaitable[dict[str, Any]]]


@pytest.fixture
def told(ask: Ask) -> Told:
    """All that is asked of a whole period."""

    async def told() -> dict[str, Any]:
        asked = {
            "facets of answers": await ask("facets", signal="turns", field=["sides", "match", "reaction"]),
            "facets of traces": await ask("facets", signal="traces", field=["status", "model"]),
            "answers": await ask("turns", query="-turn_id:none"),
            "answers by a word": await ask("turns", query="waterproof"),
            "verdicts": await ask("evaluations", "summary"),
            "traces of a session": await ask("sessions", "s1", "traces"),
            "verdicts on sessions": await ask("verdicts", session_id=["s1", "s2"]),
            "verdicts on traces": await ask("verdicts", trace_id=[TRACE, LATE]),
        }
        assert {name: each.status_code for name, each in asked.items()} == dict.fromkeys(asked, 200)
        return {name: each.json() for name, each in asked.items()}

    return told


def sides(facets: dict[str, Any]) -> dict[str, int]:
    [found] = [facet for facet in facets["facets"] if facet["field"] == "sides"]
    return {each["value"]: each["count"] for each in found["values"]}


ARRIVALS: dict[str, tuple[Callable[[str], Sequence[Row]], dict[str, int]]] = {
    "a trace goes on": (
        lambda project: [llm(project, "2" * 16, parent_id=ROOT, status="error")],
        {"both": 1},
    ),
    "an answer is delivered again": (lambda project: [answer(project)], {"both": 1}),
    "someone reacts to it": (lambda project: [reaction(project, "copy")], {"both": 1}),
    "an answer names a trace that another has": (
        lambda project: [answer(project, "answer-2", ts=answer(project).ts + 5_000)],
        {"both": 1, "page": 1},
    ),
    "an answer names no trace, which time leads to one": (
        lambda project: [
            answer(project, "answer-2", trace_id="", span_id="", clock_offset_ms=0, session_id="s2"),
            view(project, "view-2", session_id="s2"),
            span(project, "2" * 16, trace_id=LATE, session_claim="s2"),
            llm(project, "3" * 16, trace_id=LATE, parent_id="2" * 16),
        ],
        {"both": 2},
    ),
    "an answer names a trace that comes after it": (
        lambda project: [
            answer(project, "answer-2", trace_id=LATE, session_id="s2"),
            llm(project, "3" * 16, trace_id=LATE, parent_id=""),
        ],
        {"both": 2},
    ),
    "an answer is asked by a word": (
        lambda project: [answer(project, "answer-2", trace_id=LATE, raw=ASKED_BY_A_WORD)],
        {"both": 1, "page": 1},
    ),
    "an answer by a word gets its other half": (
        lambda project: [
            answer(project, "answer-2", trace_id=LATE, raw=ASKED_BY_A_WORD),
            llm(project, "3" * 16, trace_id=LATE, parent_id=""),
        ],
        {"both": 2},
    ),
    "a trace with a word gets its answer": (
        lambda project: [
            llm(project, "3" * 16, trace_id=LATE, parent_id="", output_preview="A waterproof one."),
            answer(project, "answer-2", trace_id=LATE),
        ],
        {"both": 2},
    ),
    "a judgement names another trace when it is sent again": (
        lambda project: [
            llm(project, "3" * 16, trace_id=LATE, parent_id="", session_claim="s1"),
            evaluation(project, "e1", trace_id=LATE, precedence=last_wins(NOW_MS + 1)),
        ],
        {"both": 1, "agent": 1},
    ),
    "a judgement joins a trace to a session": (
        lambda project: [
            llm(project, "3" * 16, trace_id=LATE, parent_id=""),
            evaluation(project, "e2", trace_id=LATE, session_id="s1"),
        ],
        {"both": 1, "agent": 1},
    ),
    "a page asks for a trace that came before": (
        lambda project: [
            llm(project, "3" * 16, trace_id=LATE, parent_id=""),
            rum(project, "a request", type="resource", trace_id=LATE),
        ],
        {"both": 1, "agent": 1},
    ),
    "a judgement is sent again": (
        lambda project: (
            [evaluation(project, "e1", assessment="fail", value="false", precedence=last_wins(NOW_MS + 1))]
            * 2
        ),
        {"both": 1},
    ),
}


@pytest.mark.parametrize("most", [2_000, 0], ids=["few came", "too many came"])
@pytest.mark.parametrize("arrival", ARRIVALS)
async def test_a_search_finds_what_it_would_had_it_asked_anew(
    database: Database, project_id: str, told: Told, monkeypatch: pytest.MonkeyPatch, arrival: str, most: int
) -> None:
    monkeypatch.setattr(roll_up_rows, "MOST_GROWN", most)
    monkeypatch.setattr(led_halves, "MOST_GROWN", most)
    rows, expected = ARRIVALS[arrival]
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id),
            span(project_id),
            llm(project_id, "1" * 16, output_preview="It is waterproof."),
            evaluation(project_id, "e1"),
        ],
    )
    assert sides((await told())["facets of answers"]) == {"both": 1}
    for row in rows(project_id):
        await database.insert([row])
        grown = await told()
    assert sides(grown["facets of answers"]) == expected
    database.kept = KeptAnswers(database.arrivals)
    database.things = KeptThings(database.arrivals)
    assert grown == await told()


def looks_through_all(sql: str) -> bool:
    """Whether a statement looks for a word in all halves of turns."""
    return "SELECT DISTINCT" in sql and "position(lower(" in sql and "{among:" not in sql


async def test_all_rows_are_not_looked_at_again(
    database: Database, project_id: str, told: Told, statements: list[str]
) -> None:
    await deliver(
        database, [view(project_id), answer(project_id), span(project_id), llm(project_id, "1" * 16)]
    )
    of_all = roll_up_rows.twice("id_hash", "answers").strip()[:40]
    await told()
    assert any(of_all in sql and "IN {named" not in sql for sql in statements)
    assert any(map(looks_through_all, statements))
    statements.clear()
    await database.insert([rum(project_id, "a click", type="action")])
    await database.insert([answer(project_id, "answer-2")])
    assert sides((await told())["facets of answers"]) == {"both": 1, "page": 1}
    assert statements
    assert not [sql for sql in statements if of_all in sql and "IN {named" not in sql]
    assert not list(filter(looks_through_all, statements))
