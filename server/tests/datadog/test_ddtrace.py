"""The real ddtrace, unchanged: what it says it sent is what the API returns, by each of its three ways."""

import json
import time
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from .conftest import MODES, Door, Ran, Run

UNREPEATABLE = {"span_id", "parent_id", "trace_id", "start", "start_ns", "duration_ns"}


@pytest.fixture(scope="session", params=MODES)
def turn(request: pytest.FixtureRequest, run: Run) -> Ran:
    return run("turn", request.param)


def spans_of(door: Door, ran: Ran) -> dict[str, dict[str, Any]]:
    spans = door.get(f"/traces/{ran.trace_id}")["spans"]
    assert len(spans) == len({span["name"] for span in spans})
    return {span["name"]: span for span in spans}


def test_every_span_is_returned_once_under_the_ids_of_its_sender(door: Door, turn: Ran) -> None:
    spans = spans_of(door, turn)
    assert {name: span["span_id"] for name, span in spans.items()} == {
        name: ids["span_id"] for name, ids in turn.spans.items()
    }
    parents = {name: span["parent_id"] for name, span in spans.items()}
    handle, loop = turn.spans["handle"]["span_id"], turn.spans["agent_loop"]["span_id"]
    assert parents == {"handle": None, "fails": handle, "agent_loop": handle} | dict.fromkeys(
        ("stock", "search", "embed", "think"), loop
    )
    assert {name: span["kind"] for name, span in spans.items()} == {
        "handle": "workflow",
        "fails": "task",
        "agent_loop": "agent",
        "stock": "tool",
        "search": "retrieval",
        "embed": "embedding",
        "think": "llm",
    }


def test_a_model_span_keeps_messages_tools_tokens_cost_and_prompt(door: Door, turn: Ran) -> None:
    think = spans_of(door, turn)["think"]
    assert [(message["role"], message["parts"]) for message in think["input_messages"]] == [
        ("system", [{"type": "text", "content": "Be brief."}]),
        ("user", [{"type": "text", "content": "How many tents?"}]),
        (
            "assistant",
            [{"type": "tool_call", "id": "t1", "name": "stock", "arguments": {"product": "tent"}}],
        ),
        ("tool", [{"type": "tool_call_response", "id": "t1", "name": "stock", "response": "7"}]),
    ]
    assert [(message["role"], message["parts"]) for message in think["output_messages"]] == [
        ("assistant", [{"type": "reasoning", "content": "hm"}]),
        ("assistant", [{"type": "text", "content": "Seven are left."}]),
    ]
    assert think["tokens"] == {
        "input": 100,
        "output": 20,
        "cache_read": 10,
        "cache_write": 0,
        "reasoning": 5,
        "total": 120,
    }
    assert (think["model"], think["provider"], think["ttft_ms"]) == ("claude-haiku-5-5", "anthropic", 250)
    assert think["cost_usd"] > 0
    assert think["metadata"] == {"temperature": 0.2}
    assert think["tool_definitions"][0]["name"] == "stock"
    assert think["attributes"]["prompt"]["id"] == "shop"


def test_other_kinds_keep_what_went_in_and_came_out(door: Door, turn: Ran) -> None:
    spans = spans_of(door, turn)
    assert spans["stock"]["input"] == '{"product": "tent"}'
    assert spans["stock"]["output"] == '{"left": 7, "product": "tent"}'
    assert spans["search"]["documents"] == [{"id": "d1", "name": None, "text": "Weighs 4 kg", "score": 0.5}]
    assert (spans["embed"]["input"], spans["embed"]["output"]) == ("How many tents?", "[1 vector]")
    assert spans["fails"]["status"] == "error"
    assert (spans["fails"]["error"]["type"], spans["fails"]["error"]["message"]) == (
        "builtins.ValueError",
        "no luck",
    )
    assert "raise ValueError" in spans["fails"]["error"]["stack"]


def test_the_session_that_one_span_names_is_the_session_of_the_trace(
    door: Door, turn: Ran, page: Callable[[str], None]
) -> None:
    trace = door.get(f"/traces/{turn.trace_id}")
    assert (trace["sessions"], trace["conversation_id"]) == ([], turn.session_id)
    page(turn.session_id)
    trace = door.get(f"/traces/{turn.trace_id}")
    assert [(each["session_id"], each["exists"]) for each in trace["sessions"]] == [(turn.session_id, True)]
    assert trace["user"]["id"] == "ana"
    [listed] = door.get(f"/sessions/{turn.session_id}/traces")["items"]
    assert (listed["trace_id"], listed["is_complete"]) == (turn.trace_id, True)
    assert door.get(f"/sessions/{turn.session_id}")["tokens"]["total"] == listed["tokens"]["total"] == 124


def test_every_evaluation_and_feedback_is_returned_once_with_what_it_judges(door: Door, turn: Ran) -> None:
    found = door.get(f"/traces/{turn.trace_id}")["evaluations"]
    own = [each for each in found if each["label"] not in ("tone", "joined")]
    think, handle = turn.spans["think"], turn.spans["handle"]
    assert sorted((each["label"], each["span_id"], each["trace_id"], each["source"]) for each in own) == [
        ("brief", None, handle["trace_id"], "code"),
        ("facts", think["span_id"], think["trace_id"], "code"),
        ("faithful", think["span_id"], think["trace_id"], "code"),
        ("thumbs", think["span_id"], None, "human"),
        ("words", None, handle["trace_id"], "human"),
    ]
    values = {each["label"]: (each["metric_type"], each["value"]) for each in found}
    assert values == {
        "brief": ("boolean", True),
        "facts": ("json", {"left": 7}),
        "faithful": ("score", 0.9),
        "thumbs": ("boolean", True),
        "words": ("text", "thanks"),
        "tone": ("categorical", "kind"),
        "joined": ("boolean", False),
    }
    [stars] = door.get("/evaluations", session_id=turn.session_id)["items"]
    assert (stars["label"], stars["value"], stars["submitter"]) == ("stars", 5, "ana")
    faithful = next(each for each in found if each["label"] == "faithful")
    assert faithful["reasoning"] == "as the tool said"


def test_the_client_was_quiet(turn: Ran) -> None:
    assert turn.log == ""


def test_all_three_ways_give_the_same_spans(door: Door, run: Run) -> None:
    answers = []
    for mode in MODES:
        spans = spans_of(door, run("turn", mode, session_id="the-same"))
        for span in spans.values():
            assert span["attributes"].pop("apm_trace_id") == span["tags"].pop("apm_trace_id")
            span["attributes"].get("agent_attribution", {}).pop("pagent_span_id", None)
            for event in span["events"]:
                event["time_ns"] = 0
        answers.append(
            {
                name: {key: value for key, value in span.items() if key not in UNREPEATABLE}
                for name, span in spans.items()
            }
        )
    assert answers[0] == answers[1]
    assert answers[1] == answers[2]


def test_a_trace_that_is_sent_in_parts_is_whole(door: Door, run: Run) -> None:
    trace = door.get(f"/traces/{run('many').trace_id}")
    assert (len(trace["spans"]), trace["is_complete"]) == (701, True)


@pytest.mark.parametrize("mode", MODES)
def test_values_that_json_does_not_know_cost_nothing_else(door: Door, run: Run, mode: str) -> None:
    ran = run("odd", mode)
    [span] = door.get(f"/traces/{ran.trace_id}")["spans"]
    assert '"nul": "a\\u0000b"' in span["input"]
    assert span["output"] == "a lone half: \\ud800"
    assert span["metadata"] == {"weird:key": "v:1", "deep": {"a": [1, {"b": None}]}}
    assert span["tags"]["empty"] == ""
    assert span["metrics"]["large"] == 2**60
    assert ran.log == ""


def test_a_long_text_is_cut_with_a_mark(door: Door, run: Run) -> None:
    [span] = door.get(f"/traces/{run('long').trace_id}")["spans"]
    assert span["output"].endswith("[cut by diptych: 524288 of 6000000 bytes kept]")


def test_apm_spans_without_an_event_are_counted_and_never_llm_spans(door: Door, run: Run) -> None:
    before = door.dropped().get("datadog.apm_span", 0)
    ran = run("plain")
    assert [span["name"] for span in door.get(f"/traces/{ran.trace_id}")["spans"]] == ["kept"]
    assert door.dropped()["datadog.apm_span"] == before + 2
    names = {span["name"] for span in door.get("/spans", limit=1000)["items"]}
    assert not names & {"web.request", "model.call"}


@pytest.mark.parametrize("mode", ["agent", "evp_proxy"])
def test_what_the_client_samples_out_is_dropped_and_counted(door: Door, run: Run, mode: str) -> None:
    before = door.dropped().get("datadog.sampled_out", 0)
    ran = run("sampled", mode)
    assert door.server.api(f"/traces/{ran.trace_id}").status_code == 404
    assert door.dropped()["datadog.sampled_out"] == before + 1


def test_the_page_is_known_by_its_headers_where_the_framework_is_instrumented(
    door: Door, run: Run, page: Callable[[str], None]
) -> None:
    ran = run("by_headers")
    page(ran.session_id)
    trace = door.get(f"/traces/{ran.trace_id}")
    assert [(each["session_id"], each["source"]) for each in trace["sessions"]] == [
        (ran.session_id, "baggage")
    ]
    assert trace["user"]["id"] == "ana"
    assert trace["spans"][0]["attributes"]["apm_trace_id"] == "0000000000000000123456789abcdef0"


def test_a_request_of_the_page_is_tied_by_its_trace_id_alone(door: Door, run: Run) -> None:
    """What Datadog's SDK before 7 sends: no baggage, and decimal ids of 64 bits on the request's event."""
    session_id, trace_id, asked_ms = uuid4().hex, uuid4().int & (2**64 - 1), time.time_ns() // 1_000_000
    ran = run("by_trace_id", session_id=str(trace_id))
    resource = {
        "type": "resource",
        "date": asked_ms,
        "application": {"id": "shop"},
        "session": {"id": session_id},
        "view": {"id": "v1", "url": "http://shop/"},
        "resource": {"id": uuid4().hex, "type": "fetch", "url": "http://shop/ask", "duration": 10**9},
        "_dd": {"trace_id": str(trace_id), "span_id": "8081551333668549421"},
    }
    assert door.get(f"/traces/{ran.trace_id}")["sessions"] == []
    door.post("/datadog/api/v2/rum", json.dumps(resource).encode(), "text/plain")
    [linked] = door.get(f"/traces/{ran.trace_id}")["sessions"]
    assert (linked["session_id"], linked["source"], linked["replay_at"]) == (session_id, "trace", asked_ms)
    assert [each["trace_id"] for each in door.get(f"/sessions/{session_id}/traces")["items"]] == [
        ran.trace_id
    ]
    assert door.get(f"/sessions/{session_id}")["traces"] == 1


def test_datasets_say_that_they_are_not_there(run: Run) -> None:
    assert "501" in run("datasets").error
