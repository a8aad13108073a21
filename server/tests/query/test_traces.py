"""The list of traces, and the traces of a session."""

import pytest

from diptych_server.query import page_keys
from diptych_server.query.instants import DAY_MS
from diptych_server.store.database import Database
from diptych_server.store.rows import SpanRow

from .conftest import Ask
from .seeds import ASKED_MS, ROOT, TRACE, deliver, llm, resource, rum, span, view

MS_NS = 1_000_000


def trace_id(number: int) -> str:
    return f"{number:032x}"


@pytest.mark.parametrize("most", [page_keys.MOST_LED, 0], ids=["few hold the words", "many hold the words"])
async def test_words_are_found_beside_all_else_that_is_asked(
    database: Database, project_id: str, ask: Ask, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(page_keys, "MOST_LED", most)

    def told(number: int, output: str, **changes: object) -> list[SpanRow]:
        return [
            span(project_id, trace_id=trace_id(number), input="Which tent?", output=output),
            llm(
                project_id, "c" * 16, trace_id=trace_id(number), input="Which tent?", output=output, **changes
            ),
        ]

    early_ms = ASKED_MS - 2 * DAY_MS
    await deliver(
        database,
        [
            *told(1, "A waterproof tent.", status="error"),
            *told(2, "A tent, waterproof.", model="model-2"),
            *told(3, "A waterproof tent, and a stove.", status="error"),
            *told(4, "A stove."),
            *(each._replace(seen_at=early_ms) for each in told(5, "A waterproof tent.", status="error")),
        ],
    )

    async def found(query: str) -> list[int]:
        numbers: list[int] = []
        cursor = None
        while True:
            page = (await ask("traces", query=query, limit=1, **{"cursor": cursor} if cursor else {})).json()
            numbers += [int(item["trace_id"], 16) for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                return sorted(numbers)

    assert await found("waterproof") == [1, 2, 3]
    assert await found("waterproof status:error") == [1, 3]
    assert await found('"waterproof tent"') == [1, 3]
    assert await found('"waterproof tent" -stove') == [1]
    assert await found("waterproof model:model-2") == [2]
    assert await found("waterproof OR stove") == [1, 2, 3, 4]
    assert await found("-waterproof") == [4]
    assert await found("waterproof snorkel") == []

    await deliver(database, told(6, "A waterproof snorkel."))
    assert await found("waterproof") == [1, 2, 3, 6]
    assert await found("waterproof snorkel") == [6]


async def test_a_trace_is_summed_up_from_all_its_spans(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(
        database,
        [
            view(project_id, user_id="42", user_name="Ada"),
            resource(project_id, "chat"),
            span(project_id, input_preview="Where is it?", output_preview="On its way.", user_id="42"),
            llm(project_id, "c" * 16, ttft_ms=30.0, conversation_id="talk"),
            llm(project_id, "d" * 16, kind="tool", name="find", has_usage=0, model="", status="error"),
        ],
    )
    [summary] = (await ask("traces")).json()["items"]
    assert summary.pop("start").endswith("Z")
    assert summary == {
        "trace_id": TRACE,
        "name": "concierge",
        "kind": "agent",
        "duration_ms": 300.0,
        "is_complete": True,
        "status": "error",
        "spans": 3,
        "errors": 1,
        "ml_app": "concierge",
        "service": "shop-agent",
        "models": ["model-1"],
        "input": "Where is it?",
        "output": "On its way.",
        "ttft_ms": 80.0,
        "tokens": {
            "input": 100,
            "output": 20,
            "cache_read": 0,
            "cache_write": 0,
            "reasoning": 0,
            "total": 120,
        },
        "cost_usd": 0.001,
        "user": {"id": "42", "name": "Ada", "email": None},
        "conversation_id": "talk",
        "session_ids": ["s1"],
    }
    assert (await ask("sessions", "s1", "traces")).json()["items"] == (await ask("traces")).json()["items"]


async def test_traces_without_a_span_of_the_seven_kinds_are_left_out_unless_asked_for(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(database, [span(project_id), span(project_id, "f" * 16, trace_id="0" * 32, kind="span")])
    assert [each["trace_id"] for each in (await ask("traces")).json()["items"]] == [TRACE]
    everything = (await ask("traces", include_other="true")).json()["items"]
    assert {each["trace_id"] for each in everything} == {TRACE, "0" * 32}


@pytest.mark.parametrize("order", ["desc", "asc"])
@pytest.mark.parametrize("sort", ["start", "duration"])
async def test_traces_come_in_order_page_by_page(
    database: Database, project_id: str, ask: Ask, sort: str, order: str
) -> None:
    await deliver(
        database,
        [
            span(
                project_id,
                trace_id=trace_id(number),
                start_ns=(ASKED_MS + number // 2) * MS_NS,
                duration_ns=(number // 2) * MS_NS,
            )
            for number in range(7)
        ],
    )
    found: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = (await ask("traces", limit=3, sort=sort, order=order, **cursor)).json()
        found += [each["trace_id"] for each in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    expected = [trace_id(number) for number in range(7)]
    assert found == (expected if order == "asc" else expected[::-1])


async def test_the_range_holds_the_traces_that_began_in_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    midnight_ms = ASKED_MS // DAY_MS * DAY_MS
    await deliver(
        database,
        [
            # Begins a second before midnight, goes on after it.
            span(project_id, trace_id=trace_id(1), start_ns=(midnight_ms - 1_000) * MS_NS),
            llm(project_id, "c" * 16, trace_id=trace_id(1), start_ns=(midnight_ms + 1_000) * MS_NS),
            span(project_id, trace_id=trace_id(2), start_ns=(midnight_ms + 500) * MS_NS),
        ],
    )

    async def ids(from_ms: int, to_ms: int) -> list[str]:
        page = (await ask("traces", from_=from_ms, to=to_ms)).json()
        return [each["trace_id"] for each in page["items"]]

    assert await ids(midnight_ms - 2_000, midnight_ms) == [trace_id(1)]
    assert await ids(midnight_ms, midnight_ms + 2_000) == [trace_id(2)]
    [late, early] = (await ask("traces", from_=midnight_ms - 2_000, to=midnight_ms + 2_000)).json()["items"]
    assert (early["spans"], late["spans"]) == (2, 1)


async def test_a_trace_is_complete_when_its_root_is_there_or_the_page_started_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    async def is_complete() -> bool:
        [summary] = (await ask("traces")).json()["items"]
        return bool(summary["is_complete"])

    entry = span(project_id, parent_id="e" * 16)
    await deliver(database, [entry, llm(project_id, "c" * 16)])
    assert not await is_complete()
    await deliver(database, [resource(project_id, "chat", span_id="e" * 16)])
    assert await is_complete()


async def test_a_trace_is_called_after_its_topmost_llm_span(
    database: Database, project_id: str, ask: Ask
) -> None:
    later = (ASKED_MS + 60) * MS_NS
    await deliver(
        database,
        [
            span(project_id, name="POST /api/chat", kind="span", service="web"),
            span(project_id, "1" * 16, parent_id=ROOT, name="planner", start_ns=later, duration_ns=9 * MS_NS),
            llm(project_id, "2" * 16, parent_id="1" * 16, start_ns=later, duration_ns=8 * MS_NS),
            span(project_id, "3" * 16, trace_id="0" * 32, kind="span", name="GET /"),
        ],
    )
    items = (await ask("traces", include_other="true")).json()["items"]
    assert {(each["name"], each["kind"], each["service"]) for each in items} == {
        ("planner", "agent", "web"),
        ("GET /", "span", "shop-agent"),
    }


async def test_a_query_finds_traces_with_a_span_that_holds_all_the_words(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            span(
                project_id,
                trace_id=trace_id(1),
                input="Where is my REFUND?",
                output="Étage 3, très loin, http",
            ),
            span(project_id, trace_id=trace_id(2), input="my refund", output="is late"),
            llm(project_id, "c" * 16, trace_id=trace_id(2), input="where?"),
        ],
    )

    async def ids(query: str) -> list[str]:
        return sorted(each["trace_id"] for each in (await ask("traces", query=query)).json()["items"])

    assert await ids("refund") == [trace_id(1), trace_id(2)]
    assert await ids("Refund ÉTAGE") == [trace_id(1)]
    assert await ids("refund where") == [trace_id(1)]
    assert await ids('"my refund" late') == [trace_id(2)]
    assert await ids('"is my refund"') == [trace_id(1)]
    assert await ids("ref") == []
    assert await ids("my refund? 3:") == [trace_id(1)]
    assert await ids("étage 3, http://refund?") == [trace_id(1)]
    assert await ids("  ") == [trace_id(1), trace_id(2)]


@pytest.mark.parametrize(
    "query", ['"open', "...", "a " * 600, " ".join(f"w{number}" for number in range(40))]
)
async def test_a_query_without_words_or_with_too_many_is_refused(ask: Ask, query: str) -> None:
    for path in ("traces", "spans"):
        answer = await ask(path, query=query)
        assert (answer.status_code, answer.json()["where"]) == (400, "query")


async def test_the_traces_of_a_session_come_in_the_order_they_began(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            *(
                span(
                    project_id,
                    trace_id=trace_id(number),
                    session_id="s1",
                    session_source="explicit",
                    start_ns=(ASKED_MS + number // 2) * MS_NS,
                )
                for number in range(5)
            ),
            # Of the session as well, but no LLM trace.
            resource(project_id, "assets", trace_id=trace_id(9)),
            span(project_id, trace_id=trace_id(9), kind="span"),
        ],
    )
    first = (await ask("sessions", "s1", "traces", limit=3)).json()
    second = (await ask("sessions", "s1", "traces", limit=3, cursor=first["next_cursor"])).json()
    found = [each["trace_id"] for each in first["items"] + second["items"]]
    assert found == [trace_id(number) for number in range(5)]
    assert second["next_cursor"] is None


async def test_any_claimed_id_has_its_traces_whether_or_not_it_is_a_session(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(database, [span(project_id, session_claim="talk-7")])
    [summary] = (await ask("sessions", "talk-7", "traces")).json()["items"]
    assert (summary["conversation_id"], summary["session_ids"]) == ("talk-7", [])
    assert (await ask("sessions", "nobody", "traces")).json() == {"items": [], "next_cursor": None}
    await deliver(database, [rum(project_id, "click", session_id="talk-7")])
    [summary] = (await ask("sessions", "talk-7", "traces")).json()["items"]
    assert (summary["conversation_id"], summary["session_ids"]) == (None, ["talk-7"])


async def test_a_session_that_only_the_last_span_names_has_the_whole_trace(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(database, [view(project_id), span(project_id), llm(project_id, "c" * 16)])
    assert (await ask("sessions", "s1")).json()["traces"] == 0
    late = llm(project_id, "d" * 16, kind="tool", has_usage=0, session_id="s1", session_source="explicit")
    await deliver(database, [late])
    session = (await ask("sessions", "s1")).json()
    assert (session["traces"], session["tokens"]["total"]) == (1, 120)
    assert ROOT in [each["span_id"] for each in (await ask("traces", TRACE)).json()["spans"]]
