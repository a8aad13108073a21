"""Judgements: of a trace, however they were joined to it, and as a list."""

import pytest

from diptych_server.query.instants import DAY_MS
from diptych_server.store.database import Database
from diptych_server.store.rows import last_wins

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, ROOT, TRACE, deliver, evaluation, llm, rum, span


async def of_trace(ask: Ask) -> list[str]:
    return [each["evaluation_id"] for each in (await ask("traces", TRACE)).json()["evaluations"]]


async def test_a_judgement_is_shown_as_it_was_made(database: Database, project_id: str, ask: Ask) -> None:
    made = evaluation(
        project_id,
        "e1",
        span_id=ROOT,
        session_id="s1",
        label="tone",
        metric_type="json",
        value='{"kind":["warm"]}',
        assessment="fail",
        reasoning="too warm",
        source="human",
        submitter="ada",
        tags={"team": "shop"},
        metadata='{"k":1}',
    )
    await deliver(database, [made, span(project_id)])
    [shown] = (await ask("traces", TRACE)).json()["evaluations"]
    assert shown.pop("ts").endswith("Z")
    assert shown == {
        "evaluation_id": "e1",
        "label": "tone",
        "metric_type": "json",
        "value": {"kind": ["warm"]},
        "assessment": "fail",
        "reasoning": "too warm",
        "source": "human",
        "submitter": "ada",
        "span_id": ROOT,
        "trace_id": TRACE,
        "session_id": "s1",
        "turn_id": None,
        "tags": {"team": "shop"},
        "metadata": {"k": 1},
    }


async def test_a_trace_has_the_judgements_of_its_turn_tags_and_feedback_too(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            evaluation(project_id, "1 by trace"),
            evaluation(project_id, "2 by turn of the trace", trace_id="", turn_id=TRACE),
            evaluation(project_id, "3 by turn of the answer", trace_id="", turn_id="answer-1"),
            evaluation(project_id, "4 by tag", trace_id="", join_tag_key="order", join_tag_value="7"),
            evaluation(project_id, "5 by feedback key", trace_id="", feedback_key="message-9"),
            evaluation(project_id, "6 by span alone", trace_id="", span_id="c" * 16),
            evaluation(project_id, "other span", trace_id="", span_id="d" * 16),
            evaluation(project_id, "other tag", trace_id="", join_tag_key="order", join_tag_value="8"),
            evaluation(project_id, "other key", trace_id="", feedback_key="7"),
            evaluation(project_id, "other turn", trace_id="", turn_id="answer-2"),
            evaluation(project_id, "other trace", trace_id="0" * 32),
            evaluation(f"{project_id}-other", "other project"),
        ],
    )
    # What they judge comes after them.
    await deliver(
        database,
        [
            span(project_id, tags={"order": "7"}),
            llm(project_id, "c" * 16, tags={"feedback_key": "message-9"}),
            rum(project_id, "answer-1", type="answer", trace_id=TRACE),
        ],
    )
    assert await of_trace(ask) == [
        "1 by trace",
        "2 by turn of the trace",
        "3 by turn of the answer",
        "4 by tag",
        "5 by feedback key",
        "6 by span alone",
    ]


async def test_feedback_that_names_a_session_gives_it_the_trace_of_its_key(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            evaluation(project_id, "thumbs", trace_id="", feedback_key="message-9", session_id="s1"),
            llm(project_id, "c" * 16, tags={"feedback_key": "message-9"}),
            span(project_id),
            rum(project_id, "click"),
            # A session that is called as the key is another thing.
            rum(project_id, "other click", session_id="message-9"),
        ],
    )
    trace = (await ask("traces", TRACE)).json()
    assert [(each["session_id"], each["source"], each["exists"]) for each in trace["sessions"]] == [
        ("s1", "evaluation", True)
    ]
    assert [each["session_ids"] for each in (await ask("traces")).json()["items"]] == [["s1"]]
    assert len((await ask("sessions", "s1", "traces")).json()["items"]) == 1
    assert (await ask("sessions", "s1")).json()["tokens"]["total"] == 120
    assert (await ask("sessions", "message-9")).json()["traces"] == 0


async def test_a_revised_judgement_stands_in_its_newest_form(
    database: Database, project_id: str, ask: Ask
) -> None:
    first = evaluation(project_id, "e1", assessment="pass", precedence=last_wins(NOW_MS))
    revised = first._replace(assessment="fail", label="kind", precedence=last_wins(NOW_MS + 1))
    await deliver(database, [span(project_id), revised, first])
    [shown] = (await ask("traces", TRACE)).json()["evaluations"]
    assert (shown["label"], shown["assessment"]) == ("kind", "fail")
    [listed] = (await ask("evaluations")).json()["items"]
    assert listed == shown


async def test_the_list_comes_newest_first_page_by_page(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [evaluation(project_id, f"e{number}", ts=ASKED_MS + number // 2) for number in range(5)],
    )
    first = (await ask("evaluations", limit=3)).json()
    second = (await ask("evaluations", limit=3, cursor=first["next_cursor"])).json()
    found = [each["evaluation_id"] for each in first["items"] + second["items"]]
    assert found == ["e4", "e3", "e2", "e1", "e0"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize("deliveries", [2, 12])
async def test_a_judgement_stands_where_the_delivery_that_counts_was_made(
    database: Database, project_id: str, ask: Ask, deliveries: int
) -> None:
    """However often it was sent again, with whatever time."""
    again = [
        evaluation(project_id, "again", ts=ASKED_MS + 10 * number, precedence=deliveries - number)
        for number in range(deliveries)
    ]
    await deliver(database, [*again, evaluation(project_id, "between", ts=ASKED_MS + 5)])
    first = (await ask("evaluations", limit=1)).json()
    second = (await ask("evaluations", limit=1, cursor=first["next_cursor"])).json()
    assert [each["evaluation_id"] for each in first["items"] + second["items"]] == ["between", "again"]
    assert second["next_cursor"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("label", "tone"),
        ("source", "human"),
        ("assessment", "fail"),
        ("trace_id", "0" * 32),
        ("session_id", "s1"),
    ],
)
async def test_the_list_holds_what_is_asked_for(
    database: Database, project_id: str, ask: Ask, field: str, value: str
) -> None:
    await deliver(
        database,
        [
            evaluation(project_id, "asked for", **{field: value}),
            evaluation(project_id, "another"),
            evaluation(
                project_id, "old", seen_at=ASKED_MS - 2 * DAY_MS, ts=ASKED_MS - 2 * DAY_MS, **{field: value}
            ),
            evaluation(f"{project_id}-other", "another project", **{field: value}),
        ],
    )
    items = (await ask("evaluations", **{field: value})).json()["items"]
    # Of one trace or session all are meant, in a list of many those of the last 24 hours.
    expected = ["asked for", "old"] if field in ("trace_id", "session_id") else ["asked for"]
    assert [each["evaluation_id"] for each in items] == expected
