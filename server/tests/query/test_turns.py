"""Turns: which halves belong together, and what a turn says of both."""

from typing import Any

import pytest

from diptych_server.store.database import Database
from diptych_server.store.rows import EvaluationRow, RumEventRow, SpanRow, first_wins

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, ROOT, TRACE, deliver, evaluation, llm, resource, rum, span, view

MS_NS = 1_000_000

OTHER = "c" * 32


def answer(project_id: str, event_id: str = "answer-1", **changes: Any) -> RumEventRow:
    """An answer of `s1` that is done 400 ms after it was asked, by the request of `TRACE`."""
    fields = {
        "type": "answer",
        "trace_id": TRACE,
        "span_id": "e" * 16,
        "duration_ns": 400 * MS_NS,
        "first_byte_ms": 250,
        "first_paint_ms": 270,
        "done_ms": 400,
        "end_reason": "done",
        "raw": '{"type":"answer","answer":{"url":"http://shop/chat","question":"As the page sent it",'
        '"stalls":[{"start_ms":10,"duration_ms":1100},"none"]}}',
    }
    return rum(project_id, event_id, **fields | changes)


def reaction(project_id: str, kind: str, answer_id: str = "answer-1", **changes: Any) -> RumEventRow:
    raw = (
        f'{{"type":"reaction","reaction":{{"kind":"{kind}","answer_id":"{answer_id}","after_ms":900,'
        '"confidence":0.8}}'
    )
    return rum(
        project_id, f"{kind}-{answer_id}", **{"type": "reaction", "reaction": kind, "raw": raw} | changes
    )


def judged(project_id: str, evaluation_id: str, **changes: Any) -> EvaluationRow:
    """A failing verdict on nothing yet."""
    fields = {"trace_id": "", "label": "grounded", "value": "false", "assessment": ""}
    return evaluation(project_id, evaluation_id, **fields | changes)


async def turns(ask: Ask, **parameters: Any) -> list[dict[str, Any]]:
    found = await ask("turns", **parameters)
    assert found.status_code == 200, found.text
    items: list[dict[str, Any]] = found.json()["items"]
    return items


async def test_an_answer_and_the_trace_that_its_request_began_are_one_turn(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id),
            span(project_id, input_preview="As the agent got it", output_preview="It is waterproof."),
            llm(project_id, "f" * 16, ttft_ms=100.0),
            judged(project_id, "by-trace", trace_id=TRACE),
            judged(project_id, "by-span", span_id=ROOT),
            judged(project_id, "by-answer", turn_id="answer-1"),
            judged(project_id, "of-another", turn_id="answer-2"),
        ],
    )
    [turn] = await turns(ask)
    assert turn["turn_id"] == "answer-1"
    assert turn["match"] == "trace"
    assert turn["session_id"] == "s1"
    assert (turn["question"], turn["answer"]) == ("As the agent got it", "It is waterproof.")
    assert turn["felt"] == {
        "answer_id": "answer-1",
        "asked_ms": ASKED_MS,
        "view_id": "v1",
        "view_url": "http://shop/",
        "tab_id": "tab",
        "url": "http://shop/chat",
        "first_byte_ms": 250,
        "first_word_ms": 270,
        "done_ms": 400,
        "end_reason": "done",
        "stalls": [{"start_ms": 10, "duration_ms": 1100}],
    }
    assert turn["served"]["trace_id"] == TRACE
    assert turn["served"]["duration_ms"] == 300
    assert turn["gap"]["request_ms"] == 50
    assert turn["gap"]["rendering_ms"] == 20
    assert {each["evaluation_id"] for each in turn["evaluations"]} == {"by-trace", "by-span", "by-answer"}
    for turn_id in ("answer-1", TRACE):
        assert (await ask("turns", turn_id)).json() == turn
    assert await turns(ask, session_id="s1") == [turn]
    assert await turns(ask, trace_id=TRACE) == [turn]


async def test_either_half_alone_is_a_turn(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id, "lone", trace_id=OTHER, ts=ASKED_MS - 9_000, seen_at=ASKED_MS - 9_000),
            span(project_id),
            span(project_id, "f" * 16, trace_id="d" * 32, kind="span"),
        ],
    )
    found = await turns(ask)
    assert [(turn["turn_id"], turn["match"], turn["gap"]) for turn in found] == [
        (TRACE, None, None),
        ("lone", None, None),
    ]
    assert found[0]["felt"] is None
    assert found[1]["served"] is None
    assert found[1]["question"] == "As the page sent it"
    assert (await ask("turns", "nobody")).status_code == 404
    # A trace without a span of LLM kinds is no answer to anybody.
    assert (await ask("turns", "d" * 32)).status_code == 404


async def test_halves_without_a_common_id_are_matched_by_session_and_time_and_say_so(
    database: Database, project_id: str, ask: Ask
) -> None:
    def asked(number: int) -> int:
        return ASKED_MS + number * 10_000

    rows: list[Any] = [view(project_id)]
    for number in (0, 1, 2):
        at_ms = asked(number)
        rows.append(
            answer(project_id, f"answer-{number}", trace_id="", span_id="", ts=at_ms, seen_at=at_ms + 20)
        )
    # The second question was never served; the trace of another session began while the first was awaited.
    for number, trace_id, session_id in ((0, TRACE, "s1"), (2, OTHER, "s1"), (0, "d" * 32, "s2")):
        start_ns = (asked(number) + 50) * MS_NS
        rows.append(
            span(
                project_id,
                f"{number}{session_id}".ljust(16, "0"),
                trace_id=trace_id,
                session_claim=session_id,
                start_ns=start_ns,
                seen_at=start_ns // MS_NS,
            )
        )
    rows.append(view(project_id, "v2", session_id="s2"))
    await deliver(database, rows)
    expected = {
        "answer-0": (TRACE, "time", "s1"),
        "answer-1": (None, None, "s1"),
        "answer-2": (OTHER, "time", "s1"),
        "d" * 32: ("d" * 32, None, "s2"),
    }
    found = {
        turn["turn_id"]: (turn["served"] and turn["served"]["trace_id"], turn["match"], turn["session_id"])
        for turn in await turns(ask, to=NOW_MS + 60_000)
    }
    assert found == expected
    assert [turn["turn_id"] for turn in await turns(ask, session_id="s1", order="asc")] == [
        "answer-0",
        "answer-1",
        "answer-2",
    ]
    assert (await ask("turns", OTHER)).json()["turn_id"] == "answer-2"


async def test_of_two_answers_that_name_one_trace_the_first_asked_has_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id, "b-second", ts=ASKED_MS + 500, seen_at=ASKED_MS + 500),
            answer(project_id, "c-first"),
            span(project_id),
        ],
    )
    found = {turn["turn_id"]: turn["match"] for turn in await turns(ask)}
    assert found == {"c-first": "trace", "b-second": None}


async def test_an_answer_has_the_first_begun_of_the_traces_in_the_apm_trace_that_its_request_carried(
    database: Database, project_id: str, ask: Ask
) -> None:
    """ddtrace: a page's `traceparent` is the APM trace; what the agent did has trace ids of its own."""
    apm = {"apm_trace_id": "0af7651916cd43dd8448eb211c80319c"}
    first, later = "d" * 32, "e" * 32
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id, trace_id=apm["apm_trace_id"]),
            answer(project_id, "retry", trace_id=apm["apm_trace_id"], ts=ASKED_MS + 5, seen_at=ASKED_MS + 5),
            span(project_id, "1" * 16, trace_id=later, tags=apm, start_ns=(ASKED_MS + 90) * MS_NS),
            span(project_id, "2" * 16, trace_id=first, tags=apm),
        ],
    )
    found = {turn["turn_id"]: turn for turn in await turns(ask)}
    assert {turn_id: (turn["match"], turn["session_id"]) for turn_id, turn in found.items()} == {
        "answer-1": ("trace", "s1"),
        "retry": ("time", "s1"),
    }
    assert found["answer-1"]["served"]["trace_id"] == first
    assert found["retry"]["served"]["trace_id"] == later
    for turn_id, named in (("answer-1", "answer-1"), (first, "answer-1"), (later, "retry")):
        assert (await ask("turns", turn_id)).json() == found[named]
    assert {turn["turn_id"] for turn in await turns(ask, session_id="s1")} == {"answer-1", "retry"}
    # Searches, which join the halves in SQL, find them as the list shows them.
    for match, turn_id in (("trace", "answer-1"), ("time", "retry")):
        assert await turns(ask, query=f"match:{match}") == [found[turn_id]]
    assert await turns(ask, query="sides:page") == await turns(ask, query="sides:agent") == []


async def test_a_reaction_is_to_the_answer_that_it_names_though_another_session_began_since(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            view(project_id, "v2", session_id="s2"),
            answer(project_id),
            answer(project_id, "answer-2", session_id="s2", trace_id=OTHER),
            reaction(project_id, "copy", session_id="s2"),
        ],
    )
    found = {turn["turn_id"]: turn for turn in await turns(ask)}
    assert {turn_id: len(turn["reactions"]) for turn_id, turn in found.items()} == {
        "answer-1": 1,
        "answer-2": 0,
    }


async def test_pages_of_turns_meet_without_a_gap_or_a_repeat(
    database: Database, project_id: str, ask: Ask
) -> None:
    rows: list[Any] = [view(project_id)]
    for number in range(7):
        at_ms = ASKED_MS - number * 1_000
        trace_id = f"{number}".rjust(32, "1")
        start_ns = (at_ms + 40) * MS_NS
        if number != 3:
            rows.append(
                span(
                    project_id,
                    f"{number}".rjust(16, "2"),
                    trace_id=trace_id,
                    start_ns=start_ns,
                    seen_at=start_ns // MS_NS,
                )
            )
        if number != 5:
            rows.append(answer(project_id, f"answer-{number}", trace_id=trace_id, ts=at_ms, seen_at=at_ms))
    await deliver(database, rows)
    questions: list[dict[str, str]] = [{}, {"session_id": "s1"}]
    for extra in questions:
        for order in ("desc", "asc"):
            whole = [turn["turn_id"] for turn in await turns(ask, order=order, **extra)]
            assert len(whole) == (7 if not extra else 6)
            read: list[str] = []
            cursor: str | None = None
            while True:
                named = {"cursor": cursor} if cursor else {}
                page = (await ask("turns", order=order, limit=2, **named, **extra)).json()
                read += [turn["turn_id"] for turn in page["items"]]
                assert len(page["items"]) <= 2
                if (cursor := page["next_cursor"]) is None:
                    break
            assert read == whole


async def test_no_page_leaves_out_what_stands_beyond_the_halves_that_are_looked_at(
    database: Database, project_id: str, ask: Ask
) -> None:
    """Thirty traces of answers that were asked long before, then traces and answers that stand alone."""
    rows: list[Any] = [view(project_id)]
    in_order = []
    for number in range(90):
        at_ms = ASKED_MS - number * 1_000
        trace_id, answer_id = f"{number % 60}".rjust(32, "1"), f"answer-{number:02}"
        if number >= 60 or (number >= 30 and number % 2):
            rows.append(answer(project_id, answer_id, trace_id=trace_id, ts=at_ms, seen_at=at_ms))
            in_order.append(answer_id)
        else:
            rows.append(span(project_id, trace_id=trace_id, start_ns=at_ms * MS_NS, seen_at=at_ms))
            in_order += [trace_id] if number >= 30 else []
    await deliver(database, rows)
    for order, expected in (("desc", in_order), ("asc", in_order[::-1])):
        read: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await ask("turns", order=order, limit=3, **cursor)).json()
            read += [turn["turn_id"] for turn in page["items"]]
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
        assert read == expected


async def test_traces_that_go_on_since_before_the_period_hide_none_that_began_in_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    def began(trace_id: str, hours_ago: float) -> SpanRow:
        at_ms = NOW_MS - int(hours_ago * 3_600_000)
        return span(
            project_id, trace_id=trace_id, start_ns=at_ms * MS_NS, seen_at=at_ms, input_preview=trace_id
        )

    going_on = [f"{number}".rjust(32, "1") for number in range(150)]
    in_it = [f"{number}".rjust(32, "2") for number in range(5)]
    await deliver(
        database,
        [
            *(began(each, 3) for each in going_on),
            *(began(each, 0.5 + number / 100) for number, each in enumerate(in_it)),
            *(llm(project_id, "f" * 16, trace_id=each) for each in going_on),
        ],
    )
    read: list[tuple[str, str]] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ask("turns", limit=2, from_=NOW_MS - 3_600_000, **cursor)).json()
        read += [(turn["turn_id"], turn["question"]) for turn in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert read == [(each, each) for each in in_it]


async def test_what_the_person_did_with_an_answer_is_on_its_turn(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id),
            reaction(project_id, "copy", ts=ASKED_MS + 1_000),
            reaction(project_id, "thumbs_down", ts=ASKED_MS + 2_000),
            reaction(project_id, "sing", ts=ASKED_MS + 3_000),
            reaction(project_id, "retry", "answer-2"),
        ],
    )
    [turn] = await turns(ask)
    assert [(each["kind"], each["source"], each["confidence"]) for each in turn["reactions"]] == [
        ("copy", "behaviour", 0.8),
        ("thumbs_down", "human", 0.8),
    ]


async def test_behaviour_stands_on_the_span_that_wrote_the_answer_whichever_came_first(
    database: Database, project_id: str, ask: Ask
) -> None:
    reacted = judged(
        project_id,
        "reaction:retry-1",
        turn_id="answer-1",
        session_id="s1",
        label="behaviour.retry",
        source="behaviour",
    )
    await deliver(database, [view(project_id), answer(project_id), reacted])
    [lone] = await turns(ask)
    [found] = lone["evaluations"]
    assert (found["trace_id"], found["span_id"], found["turn_id"]) == (None, None, "answer-1")

    wrote, titled = "1" * 16, "2" * 16
    await deliver(
        database,
        [
            span(project_id, output_preview="It is waterproof."),
            llm(project_id, "0" * 16, output_preview="search(tents)"),
            llm(project_id, wrote, output_preview="It is waterproof."),
            # A model call after the answer wrote none of it.
            llm(project_id, titled, start_ns=(ASKED_MS + 290) * MS_NS, output_preview="A title"),
        ],
    )
    [turn] = await turns(ask)
    trace = (await ask("traces", TRACE)).json()
    for evaluations in (turn["evaluations"], trace["evaluations"]):
        assert [(each["trace_id"], each["span_id"]) for each in evaluations] == [(TRACE, wrote)]


@pytest.mark.parametrize(
    ("judgement", "read"),
    [
        (("e1", {"trace_id": TRACE}), False),
        (("reaction:copy-1", {"turn_id": "answer-1"}), True),
        (("e1", {"span_id": "1" * 16}), True),
    ],
    ids=["names the trace", "is what a person did", "names a span"],
)
async def test_spans_of_turns_are_read_only_where_something_stands_on_one(
    database: Database,
    project_id: str,
    ask: Ask,
    statements: list[str],
    judgement: tuple[str, dict[str, str]],
    read: bool,
) -> None:
    evaluation_id, names = judgement
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id),
            span(project_id),
            llm(project_id, "1" * 16),
            judged(project_id, evaluation_id, **names),
        ],
    )
    [turn] = await turns(ask)
    assert len(turn["evaluations"]) == 1
    assert any("FROM spans" in sql for sql in statements) == read


async def test_behaviour_reaches_a_trace_that_is_matched_by_time_only(
    database: Database, project_id: str, ask: Ask
) -> None:
    reacted = judged(project_id, "reaction:copy-1", turn_id="answer-1", source="behaviour")
    await deliver(
        database,
        [
            view(project_id),
            answer(project_id, trace_id="", span_id="", clock_offset_ms=0),
            span(project_id, session_claim="s1"),
            llm(project_id, "1" * 16),
            reacted,
        ],
    )
    trace = (await ask("traces", TRACE)).json()
    assert [(each["label"], each["span_id"]) for each in trace["evaluations"]] == [("grounded", "1" * 16)]


async def test_a_delivery_that_comes_again_later_moves_no_turn(
    database: Database, project_id: str, ask: Ask
) -> None:
    again = answer(project_id, seen_at=ASKED_MS + 30_000, precedence=first_wins(NOW_MS + 30_000))
    await deliver(database, [view(project_id), answer(project_id), resource(project_id, "r1")])
    before = await turns(ask)
    await deliver(database, [again])
    assert await turns(ask) == before
