"""Searching answers: by what each half says, by what was made of them, and by what people did then."""

from typing import Any

import pytest

from diptych_server.query import turn_words
from diptych_server.query.facets import MAX_FIELDS
from diptych_server.query.search.turn_fields import TURN_FIELDS
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, deliver, evaluation, llm, segment, span, view
from .test_turns import MS_NS, answer, reaction

HOUR_MS = 3_600_000
LONG_AGO_MS = ASKED_MS - HOUR_MS
GOOD, BAD, LONE = "a" * 32, "b" * 32, "c" * 32
PERIOD = {"from_": LONG_AGO_MS - HOUR_MS, "to": ASKED_MS + HOUR_MS}


def trace(project_id: str, trace_id: str, answer_text: str, **changes: Any) -> list[Any]:
    """An agent's half that began 50 ms after it was asked."""
    start_ns = (LONG_AGO_MS + 50) * MS_NS
    return [
        span(
            project_id,
            trace_id=trace_id,
            start_ns=start_ns,
            input_preview=f"Question of {trace_id[0]}",
            output_preview=answer_text,
            **changes,
        ),
        llm(
            project_id,
            "1" * 16,
            trace_id=trace_id,
            start_ns=start_ns,
            ttft_ms=100.0,
            model=f"model-{trace_id[0]}",
        ),
    ]


@pytest.fixture
async def seeded(database: Database, project_id: str) -> None:
    """A good answer, a bad one whose person left, one of the page alone, one of the agent alone."""

    def asked(answer_id: str, session_id: str, trace_id: str, **changes: Any) -> Any:
        at = {
            "ts": LONG_AGO_MS,
            "seen_at": LONG_AGO_MS,
            "session_id": session_id,
            "view_id": f"v-{session_id}",
        }
        return answer(project_id, answer_id, **at | {"trace_id": trace_id} | changes)

    def seen(session_id: str, **changes: Any) -> Any:
        at: dict[str, Any] = {"ts": LONG_AGO_MS, "seen_at": LONG_AGO_MS, "session_id": session_id}
        return view(project_id, f"v-{session_id}", **at | changes)

    page = {"user_id": "ada", "user_name": "Ada", "service": "shop-web", "view_url": "http://shop/help?x=1"}
    stalled = '{"answer":{"question":"x","stalls":[{"start_ms":1,"duration_ms":1500}]}}'
    await deliver(
        database,
        [
            seen("good"),
            asked("good", "good", GOOD, **page),
            seen("good", version=2, ts=LONG_AGO_MS + 300_000, seen_at=LONG_AGO_MS + 300_000),
            reaction(project_id, "copy", "good", ts=LONG_AGO_MS + 900, session_id="good"),
            segment(project_id, 0, session_id="good"),
            *trace(project_id, GOOD, "Tents are waterproof."),
            evaluation(project_id, "e1", trace_id=GOOD, label="grounded"),
            seen("bad"),
            asked("bad", "bad", BAD, first_byte_ms=2_000, first_paint_ms=3_000, done_ms=4_000,
                  end_reason="stopped", raw=stalled),
            reaction(project_id, "leave", "bad", ts=LONG_AGO_MS + 5_000, session_id="bad"),
            *trace(project_id, BAD, "I do not know.", status="error", tags={"team": "help"},
                   raw='{"prompt":{"id":"greet","version":"v2"}}'),
            evaluation(project_id, "e2", trace_id=BAD, span_id="1" * 16, label="grounded", assessment="fail"),
            evaluation(project_id, "reaction:x", trace_id="", turn_id="bad", label="behaviour.leave",
                       source="behaviour", assessment="fail", score=0.5),
            seen("page"),
            asked("page", "page", "", raw='{"answer":{"question":"Where is my parcel?","stalls":[]}}'),
            *trace(project_id, LONE, "Nobody saw this.", user_id="bo"),
        ],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("waterproof", ["good"]),
        ('"my parcel"', ["page"]),
        ("question:*parcel*", ["page"]),
        ("answer:*know*", ["bad"]),
        ("first_word:>1s", ["bad"]),
        ("first_word:<1s", ["good", "page"]),
        ("ttft:[50ms TO 200ms]", ["bad", "good", LONE]),
        ("gap:>2s", ["bad"]),
        ("gap.rendering:1s", ["bad"]),
        ("gap.request:>1s gap.proxy:*", ["bad"]),
        ("stalls:>0", ["bad", "good"]),
        ("stalled:>=1500ms", ["bad"]),
        ("end:stopped", ["bad"]),
        ('end:""', [LONE]),
        ("end:stopped OR reaction:copy", ["bad", "good"]),
        ("-end:stopped", ["good", "page", LONE]),
        ("-end:stopped first_word:>0s", ["good", "page"]),
        ("reaction:leave", ["bad"]),
        ("-reaction:*", ["page", LONE]),
        ("left_after:<60s -reaction:copy", ["bad", "page"]),
        ("evaluation.grounded:fail left_after:<60s", ["bad"]),
        ("evaluation.grounded:pass", ["good"]),
        ("evaluation.behaviour.leave:<0.6", ["bad"]),
        ("NOT evaluation.grounded:*", ["page", LONE]),
        ("model:model-b", ["bad"]),
        ("prompt:greet*", ["bad"]),
        ("prompt.version:v2", ["bad"]),
        ("tag.team:help", ["bad"]),
        ("status:error", ["bad"]),
        ("cost:>0 sides:both", ["bad", "good"]),
        ("sides:agent", [LONE]),
        ("sides:page", ["page"]),
        ("match:trace", ["bad", "good"]),
        ("usr.id:ada", ["good"]),
        ("usr.id:bo OR usr.name:ada", ["good", LONE]),
        ("service:shop-web", ["good"]),
        ("view.url_path:/help", ["good"]),
        ("has_replay:true", ["good"]),
        ("session.view.count:1 sides:both", ["bad", "good"]),
        ("span.kind:llm span.model:model-a", ["good"]),
        ("trace.spans:2", ["bad", "good", LONE]),
        ("session_id:page", ["page"]),
        (f"trace_id:{LONE}", [LONE]),
    ],
)
async def test_a_field_finds_the_answers_that_it_is_true_of(
    seeded: None, ask: Ask, query: str, found: list[str]
) -> None:
    answer = await ask("turns", query=query, **PERIOD)
    assert answer.status_code == 200, answer.text
    turns = answer.json()["items"]
    assert sorted(turn["turn_id"] for turn in turns) == sorted(found)
    listed = (await ask("turns", **PERIOD)).json()["items"]
    assert turns == [turn for turn in listed if turn["turn_id"] in found]


async def test_a_search_counts_what_it_lists(seeded: None, ask: Ask) -> None:
    counted = (await ask("timeseries", signal="turns", query="sides:both", **PERIOD)).json()
    assert sum(value for _, value in counted["series"][0]["points"]) == 2
    slowest = (await ask("timeseries", signal="turns", measure="max:first_word", **PERIOD)).json()
    assert max(value for _, value in slowest["series"][0]["points"] if value is not None) == 3_000
    facets = (await ask("facets", signal="turns", **PERIOD)).json()["facets"]
    found = {facet["field"]: {each["value"]: each["count"] for each in facet["values"]} for facet in facets}
    assert found["sides"] == {"both": 2, "page": 1, "agent": 1}
    assert found["reaction"] == {"copy": 1, "leave": 1}
    assert found["model"] == {"model-a": 1, "model-b": 1, "model-c": 1}
    assert found["prompt"] == {"greet v2": 1}
    assert found["end"] == {"done": 2, "stopped": 1}


OF_ONE_HALF = ("first_word:>0s", "model:model-a OR model:model-c", "evaluation.grounded:*")
"""What asks of one half alone, which is found before the other is joined to it."""


async def test_what_one_half_alone_tells_is_counted_as_where_both_are_asked(seeded: None, ask: Ask) -> None:
    texts = [field.name for field in TURN_FIELDS if field.type == "text"]
    for some in (texts[:MAX_FIELDS], texts[MAX_FIELDS:]):
        asked = {"signal": "turns", "field": some, **PERIOD}
        for query in ("", *OF_ONE_HALF):
            alone = (await ask("facets", query=query, **asked)).json()["facets"]
            both = (await ask("facets", query=f"{query} -turn_id:none", **asked)).json()["facets"]
            assert alone == both
            assert any(facet["values"] for facet in alone)
    for query in ("", *OF_ONE_HALF):
        for measure in ("count", "max:done"):
            asked = {"signal": "turns", "measure": measure, **PERIOD}
            alone = (await ask("timeseries", query=query, **asked)).json()["series"]
            both = (await ask("timeseries", query=f"{query} -turn_id:none", **asked)).json()["series"]
            assert alone == both


async def test_fields_and_their_values_complete_a_search(seeded: None, ask: Ask) -> None:
    fields = (await ask("search", "fields", signal="turns")).json()["fields"]
    assert {"first_word", "reaction", "evaluation.", "session.usr.id", "span.name"} <= {
        field["name"] for field in fields
    }
    for field, values in (("model", ["model-a", "model-b", "model-c"]), ("view.url_path", ["/help"])):
        asked = await ask("search", "values", signal="turns", field=field, prefix=values[0][:2], **PERIOD)
        assert [each["value"] for each in asked.json()["values"]] == values


@pytest.mark.parametrize(
    ("query", "count"), [("-turn_id:x", 4), ("first_word:>0s", 3), ("evaluation.grounded:*", 2)]
)
async def test_pages_of_a_search_follow_each_other(seeded: None, ask: Ask, query: str, count: int) -> None:
    for order in ("asc", "desc"):
        found: list[str] = []
        cursor: str | None = None
        while True:
            more = {"cursor": cursor} if cursor else {}
            page = (await ask("turns", query=query, limit=1, order=order, **more, **PERIOD)).json()
            found += [turn["turn_id"] for turn in page["items"]]
            if (cursor := page["next_cursor"]) is None:
                break
        whole = await ask("turns", query=query, order=order, **PERIOD)
        assert found == [turn["turn_id"] for turn in whole.json()["items"]]
        assert len(found) == count


async def test_halves_that_time_alone_joins_are_found_as_one(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id, trace_id="", span_id="", clock_offset_ms=0),
            span(project_id, session_claim="s1", output_preview="It is waterproof."),
            llm(project_id, "1" * 16),
        ],
    )
    [turn] = (await ask("turns", query="waterproof first_word:*")).json()["items"]
    assert (turn["turn_id"], turn["match"]) == ("answer-1", "time")
    assert [each["turn_id"] for each in (await ask("turns", query="match:time")).json()["items"]] == [
        "answer-1"
    ]
    [sides] = (await ask("facets", signal="turns", field="sides")).json()["facets"]
    assert sides["values"] == [{"value": "both", "count": 1}]


@pytest.mark.parametrize("most", [turn_words.MOST, 0], ids=["few hold the word", "many hold the word"])
async def test_a_word_is_found_in_either_half_with_the_half_that_belongs_to_it(
    database: Database, project_id: str, ask: Ask, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(turn_words, "MOST", most)

    def asked(answer_id: str, at_ms: int, trace_id: str, question: str) -> Any:
        raw = f'{{"answer":{{"question":"{question}","stalls":[]}}}}'
        return answer(project_id, answer_id, ts=at_ms, seen_at=at_ms, trace_id=trace_id, raw=raw)

    await deliver(
        database,
        [
            view(project_id),
            asked("first", LONG_AGO_MS, GOOD, "one tent"),
            asked("again", LONG_AGO_MS + 10, GOOD, "two tents"),
            *trace(project_id, GOOD, "It is waterproof."),
            asked("of no words", LONG_AGO_MS, BAD, "three stoves"),
            *trace(project_id, BAD, ""),
        ],
    )

    async def found(query: str) -> list[tuple[str, bool]]:
        items = (await ask("turns", query=query, **PERIOD)).json()["items"]
        counted = (await ask("timeseries", signal="turns", query=query, **PERIOD)).json()
        assert sum(value for _, value in counted["series"][0]["points"]) == len(items)
        return [(turn["turn_id"], turn["served"] is not None) for turn in items]

    assert await found("waterproof") == [("first", True)]
    assert await found("tents two") == [("again", False)]
    assert await found("one tent") == []  # the agent was asked "Question of a"
    assert await found("waterproof -turn_id:first") == []
    assert await found("question b") == [("of no words", True)]


async def test_what_was_never_sent_is_looked_for_as_soon_as_it_is(
    seeded: None, database: Database, project_id: str, ask: Ask
) -> None:
    async def judged() -> list[str]:
        items = (await ask("turns", query="evaluation.late:fail", **PERIOD)).json()["items"]
        return [turn["turn_id"] for turn in items]

    late = evaluation(project_id, "late", label="late", assessment="fail", trace_id="", source="human")
    assert await judged() == []
    await database.insert([late._replace(feedback_key="no answer's")])
    assert await judged() == []
    await database.insert([late._replace(evaluation_id="by span", span_id="1" * 16)])
    assert set(await judged()) == {"good", "bad", LONE}
    await database.insert([late._replace(evaluation_id="by turn", turn_id="page")])
    assert set(await judged()) == {"good", "bad", LONE, "page"}


async def test_a_search_that_cannot_be_understood_says_where(ask: Ask) -> None:
    refused = await ask("turns", query="first_wrod:>3s")
    assert refused.status_code == 400
    assert "first_word" in refused.json()["detail"]
