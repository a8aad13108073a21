"""One trace: its spans, whose sessions it belongs to, and where their replays open."""

import msgspec

from diptych_server.store.database import Database
from diptych_server.store.rows import last_wins
from diptych_server.wire.span_raw import RawDocument, RawEvent, SpanRaw

from .conftest import Ask
from .seeds import ASKED_MS, NOW_MS, ROOT, TRACE, deliver, evaluation, llm, resource, rum, segment, span, view


def raw(**parts: object) -> str:
    return msgspec.json.encode(msgspec.convert(parts, SpanRaw)).decode()


async def test_a_model_span_shows_its_messages_and_all_that_was_sent_with_it(
    database: Database, project_id: str, ask: Ask
) -> None:
    messages = [
        {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "1", "name": "find", "arguments": {"id": 7}}],
        },
        {"role": "tool", "parts": [{"type": "tool_call_response", "id": "1", "result": ["a", "b"]}]},
        {"role": "user", "parts": [{"type": "blob", "mime_type": "image/png", "content": "aGk="}]},
    ]
    said = [{"role": "assistant", "parts": [{"type": "text", "content": "Here."}], "finish_reason": "stop"}]
    await deliver(
        database,
        [
            llm(
                project_id,
                "c" * 16,
                provider="acme",
                cache_read_tokens=40,
                reasoning_tokens=5,
                ttft_ms=30.5,
                user_id="42",
                tags={"team": "shop"},
                input=msgspec.json.encode(messages).decode(),
                output=msgspec.json.encode(said).decode(),
                raw=raw(
                    input_messages=True,
                    output_messages=True,
                    parameters={"temperature": 0.5},
                    metadata={"k": [1]},
                    metrics={"score": 1, "flag": True},
                    tool_definitions=[{"name": "find"}],
                    attributes={"x.y": "z"},
                    resource={"host.name": "h"},
                ),
            )
        ],
    )
    [shown] = (await ask("traces", TRACE)).json()["spans"]
    assert shown["input_messages"] == [
        {"role": "system", "parts": [{"type": "text", "content": "Be kind."}], "name": None}
        | {"finish_reason": None},
        {
            "role": "assistant",
            "parts": [{"type": "tool_call", "id": "1", "name": "find", "arguments": {"id": 7}}],
            "name": None,
            "finish_reason": None,
        },
        {
            "role": "tool",
            "parts": [{"type": "tool_call_response", "id": "1", "response": ["a", "b"]}],
            "name": None,
            "finish_reason": None,
        },
        {
            "role": "user",
            "parts": [{"type": "blob", "content": "aGk=", "mime_type": "image/png"}],
            "name": None,
            "finish_reason": None,
        },
    ]
    assert shown["output_messages"][0]["finish_reason"] == "stop"
    assert (shown["input"], shown["output"]) == (None, None)
    assert shown["tokens"] == {
        "input": 100,
        "output": 20,
        "cache_read": 40,
        "cache_write": 0,
        "reasoning": 5,
        "total": 120,
    }
    del shown["input_messages"], shown["output_messages"], shown["input"], shown["output"], shown["tokens"]
    assert shown == {
        "span_id": "c" * 16,
        "parent_id": ROOT,
        "trace_id": TRACE,
        "name": "chat model-1",
        "kind": "llm",
        "service": "shop-agent",
        "ml_app": "concierge",
        "start": shown["start"],
        "start_ns": (ASKED_MS + 100) * 1_000_000,
        "duration_ns": 100_000_000,
        "status": "ok",
        "error": None,
        "model": "model-1",
        "provider": "acme",
        "cost_usd": 0.001,
        "is_counted": True,
        "ttft_ms": 30.5,
        "session_id": None,
        "conversation_id": None,
        "user_id": "42",
        "documents": [],
        "tool_definitions": [{"name": "find"}],
        "parameters": {"temperature": 0.5},
        "metadata": {"k": [1]},
        "metrics": {"score": 1.0},
        "tags": {"team": "shop"},
        "events": [],
        "attributes": {"x.y": "z", "resource": {"host.name": "h"}},
    }


async def test_other_spans_show_texts_documents_and_why_they_failed(
    database: Database, project_id: str, ask: Ask
) -> None:
    stack = RawEvent("exception", 5, {"exception.stacktrace": "Traceback…"})
    await deliver(
        database,
        [
            llm(
                project_id,
                "d" * 16,
                kind="retrieval",
                has_usage=0,
                input="boots",
                raw=raw(documents=[RawDocument(id="1", name="Boots", text="warm", score=0.5)]),
            ),
            llm(
                project_id,
                "e" * 16,
                kind="tool",
                has_usage=0,
                start_ns=(ASKED_MS + 200) * 1_000_000,
                status="error",
                error_type="TimeoutError",
                error_message="took too long",
                raw=raw(events=[stack]),
            ),
        ],
    )
    found, failed = (await ask("traces", TRACE)).json()["spans"]
    assert (found["input"], found["output"], found["tokens"]) == ("boots", None, None)
    assert found["documents"] == [{"id": "1", "name": "Boots", "text": "warm", "score": 0.5}]
    assert failed["error"] == {"type": "TimeoutError", "message": "took too long", "stack": "Traceback…"}
    assert failed["events"] == [{"name": "exception", "time_ns": 5, "attributes": stack.attributes}]


async def test_spans_come_in_order_of_time_and_the_newest_delivery_stays(
    database: Database, project_id: str, ask: Ask
) -> None:
    early = llm(project_id, "c" * 16, name="early", precedence=last_wins(NOW_MS))
    amended = early._replace(name="amended", precedence=last_wins(NOW_MS + 1))
    await deliver(database, [llm(project_id, "d" * 16), amended, span(project_id), early], seed=5)
    spans = (await ask("traces", TRACE)).json()["spans"]
    assert [each["name"] for each in spans] == ["concierge", "amended", "chat model-1"]


async def test_a_trace_that_nobody_sent_is_not_found(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(database, [resource(project_id, "chat"), evaluation(project_id, "early")])
    answer = await ask("traces", TRACE)
    assert answer.status_code == 404
    assert TRACE in answer.json()["detail"]
    await deliver(database, [span(f"{project_id}-other")])
    assert (await ask("traces", TRACE)).status_code == 404


async def test_each_session_is_listed_once_in_its_surest_way(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database,
        [
            span(project_id, session_id="s1", session_source="baggage", session_claim="s1"),
            llm(project_id, "c" * 16, session_id="s9", session_source="explicit", session_claim="talk"),
            llm(project_id, "d" * 16, session_claim="s3"),
            resource(project_id, "chat"),
            view(project_id, user_id="42"),
            view(project_id, session_id="s3"),
            evaluation(project_id, "e1", session_id="s4"),
        ],
    )
    trace = (await ask("traces", TRACE)).json()
    listed = [(each["session_id"], each["source"], each["exists"]) for each in trace["sessions"]]
    assert listed == [
        ("s9", "explicit", False),
        ("s1", "baggage", True),
        ("s4", "evaluation", False),
        ("s3", "claim", True),
    ]
    assert trace["conversation_id"] == "talk"
    assert trace["sessions"][1]["user"] == {"id": "42", "name": None, "email": None}
    said = {each["span_id"]: (each["session_id"], each["conversation_id"]) for each in trace["spans"]}
    assert said == {ROOT: ("s1", None), "c" * 16: ("s9", "talk"), "d" * 16: ("s3", None)}


async def test_a_replay_opens_where_the_page_asked(database: Database, project_id: str, ask: Ask) -> None:
    await deliver(
        database,
        [
            span(project_id),
            resource(project_id, "chat", view_id="v2", ts=ASKED_MS - 7_000),
            resource(project_id, "again", view_id="v3", ts=ASKED_MS),
            rum(project_id, "answer", type="answer", trace_id=TRACE, view_id="v4", ts=ASKED_MS - 9_000),
            segment(project_id, 0),
        ],
    )
    [session] = (await ask("traces", TRACE)).json()["sessions"]
    assert (session["replay_at"], session["view_id"]) == (ASKED_MS - 7_000, "v2")
    assert session["has_replay"]


async def test_a_replay_opens_at_the_answer_where_no_request_is_known(
    database: Database, project_id: str, ask: Ask
) -> None:
    answer = rum(project_id, "answer", type="answer", trace_id=TRACE, ts=ASKED_MS - 10)
    click = rum(project_id, "click", trace_id=TRACE, ts=ASKED_MS - 50)
    await deliver(database, [span(project_id), answer, click])
    [session] = (await ask("traces", TRACE)).json()["sessions"]
    assert (session["replay_at"], session["view_id"], session["has_replay"]) == (ASKED_MS - 10, "v1", False)


async def test_a_replay_opens_by_the_clock_where_the_page_did_not_say(
    database: Database, project_id: str, ask: Ask
) -> None:
    # The page's clock is 7 s behind; the batches took 20 ms.
    behind_ms = 7_000
    await deliver(
        database,
        [
            span(project_id, session_id="s1", session_source="explicit"),
            rum(project_id, "click", ts=ASKED_MS - behind_ms, clock_offset_ms=behind_ms + 20),
            segment(
                project_id, 0, view_id="earlier", start=ASKED_MS - 60_000, end=ASKED_MS - 50_000
            )._replace(clock_offset_ms=None),
            segment(project_id, 0, start=ASKED_MS - behind_ms - 100, end=ASKED_MS)._replace(
                clock_offset_ms=None
            ),
        ],
    )
    trace = (await ask("traces", TRACE)).json()
    [session] = trace["sessions"]
    # The trace began 50 ms after ASKED_MS on the server's clock.
    assert (session["replay_at"], session["view_id"]) == (ASKED_MS + 50 - behind_ms - 20, "v1")
    assert trace["clock"] == {"offset_ms": behind_ms + 20, "error_ms": None}


async def test_a_session_without_a_replay_or_a_request_opens_nowhere(
    database: Database, project_id: str, ask: Ask
) -> None:
    await deliver(
        database, [span(project_id, session_id="s1", session_source="header"), rum(project_id, "click")]
    )
    [session] = (await ask("traces", TRACE)).json()["sessions"]
    assert (session["source"], session["replay_at"], session["view_id"]) == ("header", None, None)


async def test_a_trace_of_thousands_of_spans_is_whole(database: Database, project_id: str, ask: Ask) -> None:
    await database.insert([llm(project_id, f"{number:016x}") for number in range(5_000)])
    trace = (await ask("traces", TRACE)).json()
    assert len(trace["spans"]) == 5_000
    assert trace["tokens"]["total"] == 5_000 * 120
    assert trace["cost_usd"] == 5.0
