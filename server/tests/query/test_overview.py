"""The figures of a period beside those of the period before."""

from typing import Any

from diptych_server.store.database import Database
from diptych_server.store.rows import EvaluationRow

from .conftest import Ask
from .seeds import ASKED_MS, deliver, evaluation, llm, rum, span, view

HOUR_MS = 3_600_000


def answer(project_id: str, number: int, first_word_ms: int | None, **changes: Any) -> Any:
    return rum(project_id, f"answer-{number}", type="answer", first_paint_ms=first_word_ms, **changes)


def judged(project_id: str, number: int, assessment: str) -> EvaluationRow:
    at = {"ts": ASKED_MS, "seen_at": ASKED_MS}
    return evaluation(project_id, f"e{number}", trace_id="", assessment=assessment, **at)


async def figures(ask: Ask) -> dict[str, dict[str, Any]]:
    found = await ask("overview", from_=ASKED_MS - HOUR_MS // 2, to=ASKED_MS + HOUR_MS // 2)
    assert found.status_code == 200, found.text
    return {tile["name"]: tile for tile in found.json()["tiles"]}


async def test_each_figure_is_counted_in_its_period_and_before_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    before_ms = ASKED_MS - HOUR_MS
    rows = [
        view(project_id, user_id="ana"),
        rum(project_id, "click", frustrations=("rage_click",)),
        view(project_id, "v2", session_id="s2", user_id="ana"),
        rum(project_id, "broken", type="error", session_id="s2", view_id="v2"),
        view(project_id, "v3", session_id="s3", user_id="bo"),
        view(project_id, "v4", session_id="s4"),
        view(project_id, "v0", session_id="s0", ts=before_ms, user_id="old"),
        *(answer(project_id, number, 100 * number) for number in range(1, 5)),
        answer(project_id, 5, None),
        answer(project_id, 6, 50, ts=before_ms, session_id="s0", view_id="v0"),
        span(project_id),
        llm(project_id, "f" * 16, has_usage=1, input_tokens=10, cost_usd=0.25),
        *(judged(project_id, number, "pass" if number else "fail") for number in range(4)),
        # What people did is no verdict of anybody.
        judged(project_id, 4, "fail")._replace(source="behaviour"),
    ]
    await deliver(database, rows)
    await deliver(database, rows)
    found = await figures(ask)
    told = {name: (tile["value"], tile["previous"]) for name, tile in found.items()}
    assert told == {
        "sessions": (4, 1),
        "users": (2, 1),
        "error_rate": (0.25, 0),
        "frustration_rate": (0.25, 0),
        "answers": (1, 0),
        "cost": (0.25, 0),
        "felt_first_word_p50": (300, 50),
        "felt_first_word_p75": (400, 50),
        "felt_first_word_p95": (400, 50),
        "evaluation_pass_rate": (0.75, None),
    }
    assert sum(value for _, value in found["sessions"]["points"]) == 4
    for tile in found.values():
        listed = await ask(tile["signal"], query=tile["query"])
        assert listed.status_code == 200, (tile["name"], listed.text)


async def test_of_nothing_shares_and_lengths_are_unknown_and_counts_are_zero(ask: Ask) -> None:
    for name, tile in (await figures(ask)).items():
        expected = 0 if tile["unit"] in ("count", "usd") else None
        assert (tile["value"], tile["previous"]) == (expected, expected), name
