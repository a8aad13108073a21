"""The chat over real HTTP, and the spans that leave the shop for it."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from .conftest import Receiver, attributes, running

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
W3C_HEADERS = {
    "traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01",
    "baggage": "session.id=from-baggage,user.id=ana",
}


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, timeout=30) as http:
        yield http


def events_of(response: httpx.Response) -> list[tuple[str, dict[str, object]]]:
    blocks = (block.split("\n", 1) for block in response.text.split("\n\n") if block)
    return [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]


def text_of(response: httpx.Response) -> str:
    return "".join(str(data["text"]) for name, data in events_of(response) if name == "delta")


def trace_of(receiver: Receiver, session_id: str) -> list[Span]:
    return receiver.trace_with(
        lambda keys, name: keys.get("diptych.session.id") == session_id and name == "concierge"
    )


def test_an_answer_comes_as_events_and_says_which_tool_ran(shop: str, http: httpx.Client) -> None:
    response = http.post(f"{shop}/api/chat", json={"question": "Which tent fits four and weighs under 5 kg?"})
    names = [name for name, _ in events_of(response)]
    assert response.headers["content-type"].startswith("text/event-stream")
    assert names.count("tool") == 1
    assert names.count("delta") > 10
    assert names[-2:] == ["sources", "done"]
    assert "12 in the warehouse" in text_of(response)


def test_the_words_arrive_while_the_model_still_writes(http: httpx.Client) -> None:
    with (
        running("-m", "concierge", CONCIERGE_PORT="0", CONCIERGE_SPEED="2") as (url, _),
        http.stream("POST", f"{url}/api/chat", json={"question": "talk to a human"}) as response,
    ):
        arrivals = [time.monotonic() for _ in response.iter_bytes()]
    assert len(arrivals) > 10
    assert arrivals[-1] - arrivals[0] > 0.2


def test_the_second_question_knows_what_the_first_was_about(shop: str, http: httpx.Client) -> None:
    first = {"question": "Tell me about the Sunleaf", "conversation_id": "c1"}
    assert "**Sunleaf**" in text_of(http.post(f"{shop}/api/chat", json=first))
    second = {"question": "Can I return it after using it once?", "conversation_id": "c1"}
    assert "**Sunleaf** within 90 days" in text_of(http.post(f"{shop}/api/chat", json=second))


def test_a_question_without_words_is_refused(shop: str, http: httpx.Client) -> None:
    assert http.post(f"{shop}/api/chat", json={"question": ""}).status_code == 422
    assert http.get(f"{shop}/api/chat").status_code == 422


def test_the_body_gives_the_session_to_every_span_of_the_trace(
    shop: str, http: httpx.Client, receiver: Receiver
) -> None:
    asked = {"question": "Is the Ridge 4 in stock?", "session_id": "from-body", "conversation_id": "c2"}
    http.post(f"{shop}/api/chat", json=asked)
    spans = trace_of(receiver, "from-body")
    kinds = {
        attributes(span).get("diptych.span.kind") or attributes(span).get("gen_ai.operation.name")
        for span in spans
    }
    assert {"agent", "retrieval", "tool", "task", "chat"} <= kinds
    assert {attributes(span).get("diptych.session.id") for span in spans} == {"from-body"}
    agent = next(attributes(span) for span in spans if span.name == "concierge")
    assert agent["diptych.session.source"] == "explicit"
    assert agent["gen_ai.conversation.id"] == "c2"
    assert agent["input.value"] == "Is the Ridge 4 in stock?"
    assert "12 in the warehouse" in agent["output.value"]


def test_the_query_gives_the_session(shop: str, http: httpx.Client, receiver: Receiver) -> None:
    answer = http.get(f"{shop}/api/chat", params={"question": "talk to a human", "session_id": "from-query"})
    assert "Our people answer" in text_of(answer)
    assert {attributes(span)["diptych.session.id"] for span in trace_of(receiver, "from-query")} == {
        "from-query"
    }


def test_baggage_alone_gives_the_session_the_user_and_the_trace(
    shop: str, http: httpx.Client, receiver: Receiver
) -> None:
    http.post(f"{shop}/api/chat", json={"question": "talk to a human"}, headers=W3C_HEADERS)
    spans = trace_of(receiver, "from-baggage")
    agent = next(attributes(span) for span in spans if span.name == "concierge")
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    assert (agent["diptych.session.source"], agent["user.id"]) == ("baggage", "ana")


def test_the_model_is_asked_with_usage_that_has_a_price(
    shop: str, http: httpx.Client, receiver: Receiver
) -> None:
    http.post(f"{shop}/api/chat", json={"question": "talk to a human", "session_id": "for-usage"})
    chat = next(
        span
        for span in trace_of(receiver, "for-usage")
        if attributes(span).get("gen_ai.operation.name") == "chat"
    )
    numbers = {each.key: each.value.int_value for each in chat.attributes}
    assert attributes(chat)["gen_ai.request.model"] == "claude-haiku-5-5"
    assert numbers["gen_ai.usage.input_tokens"] > 100
    assert numbers["gen_ai.usage.output_tokens"] > 20


def test_a_tool_that_fails_is_an_error_span_and_an_honest_answer(
    shop: str, http: httpx.Client, receiver: Receiver
) -> None:
    asked = {"question": "Is the Northern in stock?", "session_id": "tool-fails"}
    assert "The warehouse did not answer" in text_of(http.post(f"{shop}/api/chat", json=asked))
    spans = trace_of(receiver, "tool-fails")
    tool = next(span for span in spans if span.name == "check_stock")
    assert tool.status.code == Status.STATUS_CODE_ERROR
    assert "700 ms" in tool.status.message


def test_a_page_that_goes_away_stops_the_agent(http: httpx.Client, receiver: Receiver) -> None:
    keys = {"DIPTYCH_URL": receiver.url, "DIPTYCH_KEY": "key"}
    with running("-m", "concierge", CONCIERGE_PORT="0", CONCIERGE_SPEED="0.5", **keys) as (url, _):
        asked = {"question": "talk to a human", "session_id": "goes-away"}
        with http.stream("POST", f"{url}/api/chat", json=asked) as response:
            next(response.iter_bytes())
        agent = next(span for span in trace_of(receiver, "goes-away") if span.name == "concierge")
    whole_answer_s = 5
    assert agent.end_time_unix_nano - agent.start_time_unix_nano < whole_answer_s * 1e9
    assert "output.value" not in attributes(agent)


def test_a_model_that_cannot_be_reached_is_said_and_not_hidden(http: httpx.Client) -> None:
    nowhere = {"ANTHROPIC_API_KEY": "key", "ANTHROPIC_BASE_URL": "http://127.0.0.1:9"}
    with running("-m", "concierge", CONCIERGE_PORT="0", **nowhere) as (url, _):
        response = http.post(f"{url}/api/chat", json={"question": "hello"})
    assert events_of(response) == [
        ("error", {"message": "I could not reach the model just now. Please ask again in a moment."})
    ]
