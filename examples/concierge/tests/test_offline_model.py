"""The stand-in as the real `anthropic` client sees it."""

import json
from typing import Any

import anthropic
import httpx
import pytest
from anthropic import Anthropic
from anthropic.types import MessageParam, ToolParam

from concierge.bookshelf import search
from concierge.offline_model.tokens import FIRST_TOKEN_S, STALL_S, TOKENS_PER_SECOND, Pace, pieces
from concierge.prompts import PROMPTS
from concierge.tools import DEFINITIONS

from .conftest import running

MODEL = "claude-haiku-5-5"


def ask(question: str, viewing: str | None = None) -> list[MessageParam]:
    """A question as the agent writes it, with the documents it would retrieve."""
    documents = [dict(document) for document in search(question, always=(viewing,) if viewing else ())]
    seen = f"<viewing>{viewing}</viewing>" if viewing else ""
    content = f"<documents>{json.dumps(documents)}</documents>{seen}<question>{question}</question>"
    return [{"role": "user", "content": content}]


def create(client: Anthropic, messages: list[MessageParam], **more: Any) -> anthropic.types.Message:
    message: anthropic.types.Message = client.messages.create(
        model=MODEL, max_tokens=400, messages=messages, **more
    )
    return message


def text_of(message: anthropic.types.Message) -> str:
    return "".join(block.text for block in message.content if block.type == "text")


def test_a_stream_sends_the_events_of_the_real_api_in_their_order(model_url: str) -> None:
    body = {
        "model": MODEL,
        "max_tokens": 400,
        "stream": True,
        "messages": ask("How long does delivery take?"),
    }
    answer = httpx.post(f"{model_url}/v1/messages", json=body, headers={"x-api-key": "any"}, trust_env=False)

    events = [line.removeprefix("event: ") for line in answer.text.splitlines() if line.startswith("event: ")]
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    assert "not a language model" in answer.headers["x-answered-by"]
    assert events[:3] == ["message_start", "content_block_start", "ping"]
    assert set(events[3:-3]) == {"content_block_delta"}
    assert len(events) > 10
    assert events[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_streamed_answer_is_the_whole_answer_word_by_word(client: Anthropic) -> None:
    question = ask("How long does delivery take?")
    with client.messages.stream(model=MODEL, max_tokens=400, messages=question) as stream:
        words = list(stream.text_stream)
        streamed = stream.get_final_message()

    assert "".join(words) == text_of(streamed) == text_of(create(client, question))
    assert len(words) > 10
    assert "Delivery takes 2 working days" in text_of(streamed)
    assert streamed.stop_reason == "end_turn"
    assert streamed.model == MODEL
    assert streamed.id.startswith("msg_offline_")


def test_a_tool_is_called_in_a_stream_and_its_result_is_the_answer(client: Anthropic) -> None:
    messages = ask("Which tent fits four and weighs under 5 kg?")
    with client.messages.stream(model=MODEL, max_tokens=400, messages=messages, tools=DEFINITIONS) as stream:
        call = stream.get_final_message()
    assert call.stop_reason == "tool_use"
    assert [block.type for block in call.content] == ["text", "tool_use"]
    tool_use = call.content[1]
    assert tool_use.type == "tool_use"
    assert (tool_use.name, tool_use.input) == ("check_stock", {"sku": "ridge-4"})

    stock = {"sku": "ridge-4", "online": 371, "stores": {"Lyon": 9, "Ghent": 0}, "restock": None}
    messages += [
        {"role": "assistant", "content": call.content},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": tool_use.id, "content": json.dumps(stock)}],
        },
    ]
    answer = create(client, messages, tools=DEFINITIONS)
    assert answer.stop_reason == "end_turn"
    assert "**Ridge 4**" in text_of(answer)
    assert "371 in the warehouse. Stores: Lyon (9)." in text_of(answer)


def test_two_tools_are_called_at_once_when_two_are_needed(client: Anthropic) -> None:
    question = ask("Is it in stock, and can I return it?", viewing="glow")
    calls = [
        block for block in create(client, question, tools=DEFINITIONS).content if block.type == "tool_use"
    ]
    assert [(call.name, call.input) for call in calls] == [
        ("check_stock", {"sku": "glow"}),
        ("get_return_policy", {"sku": "glow"}),
    ]
    assert calls[0].id != calls[1].id


def test_a_tool_that_failed_is_admitted(client: Anthropic) -> None:
    messages = ask("Is the Northern in stock?")
    call = create(client, messages, tools=DEFINITIONS)
    tool_use = call.content[1]
    assert tool_use.type == "tool_use"
    failed: MessageParam = {
        "role": "user",
        "content": [
            {"type": "tool_result", "tool_use_id": tool_use.id, "content": "timeout", "is_error": True}
        ],
    }
    answer = create(
        client, [*messages, {"role": "assistant", "content": call.content}, failed], tools=DEFINITIONS
    )
    assert "The warehouse did not answer" in text_of(answer)


def test_without_tools_or_with_tools_forbidden_it_answers_from_the_documents(client: Anthropic) -> None:
    question = ask("Which tent fits four and weighs under 5 kg?")
    forbidden = create(client, question, tools=DEFINITIONS, tool_choice={"type": "none"})
    assert forbidden.stop_reason == "end_turn"
    assert text_of(forbidden) == text_of(create(client, question))
    assert "**Ridge 4**" in text_of(forbidden)


@pytest.mark.parametrize(
    ("question", "viewing", "expected"),
    [
        ("talk to a human", None, "Our people answer on weekdays"),
        ("Do you ship gas?", None, "We do not ship gas cartridges"),
        (
            "Compare the Ridge 4 and the Basin 4",
            None,
            "The Ridge 4 is the lighter one, the Basin 4 the cheaper one.",
        ),
        ("How heavy is it?", "wisp-1", "The **Wisp 1**: sleeps 1, 0.98 kg"),
        ("Thank you!", "wisp-1", "Hello!"),
        ("What is the capital of Portugal?", "wisp-1", "I could not find that"),
    ],
)
def test_it_answers_from_what_it_was_given(
    client: Anthropic, question: str, viewing: str | None, expected: str
) -> None:
    assert expected in text_of(create(client, ask(question, viewing)))


def test_it_stands_between_what_was_said_before_and_what_it_means(client: Anthropic) -> None:
    earlier: list[MessageParam] = [
        {"role": "user", "content": "Which light is the smallest?"},
        {"role": "assistant", "content": "That is the Firefly."},
    ]
    asked = ask("Can I return it?", viewing="firefly")[0]["content"]
    assert isinstance(asked, str)
    without_page: MessageParam = {"role": "user", "content": asked.replace("<viewing>firefly</viewing>", "")}
    message = create(client, [*earlier, without_page], tools=DEFINITIONS)
    assert [block.input for block in message.content if block.type == "tool_use"] == [{"sku": "firefly"}]


def test_tokens_are_estimated_from_everything_that_was_read_and_written(client: Anthropic) -> None:
    message = create(client, [{"role": "user", "content": "x" * 400}], system="y" * 80)
    assert message.usage.input_tokens == 4 + 100 + 20
    assert message.usage.output_tokens == -(-len(text_of(message)) // 4)

    tool: ToolParam = {"name": "t", "description": "d", "input_schema": {"type": "object"}}
    counted = client.messages.count_tokens(
        model=MODEL, messages=[{"role": "user", "content": "x" * 400}], tools=[tool]
    )
    assert counted.input_tokens == 4 + 4 + 100 + -(-len(json.dumps(tool, separators=(",", ":"))) // 4)


def test_the_same_request_gets_the_same_message(client: Anthropic) -> None:
    assert create(client, ask("talk to a human")) == create(client, ask("talk to a human"))
    assert create(client, ask("talk to a human")).id != create(client, ask("Do you repair zips?")).id


def test_an_answer_ends_at_max_tokens_and_at_a_stop_sequence(client: Anthropic) -> None:
    question = ask("talk to a human")
    cut: anthropic.types.Message = client.messages.create(model=MODEL, max_tokens=5, messages=question)
    assert (cut.stop_reason, cut.usage.output_tokens) == ("max_tokens", 5)

    stopped = create(client, question, stop_sequences=["weekdays"])
    assert (stopped.stop_reason, stopped.stop_sequence) == ("stop_sequence", "weekdays")
    assert text_of(stopped) == "Our people answer on "


def test_errors_have_the_type_and_status_of_the_real_api(client: Anthropic, model_url: str) -> None:
    with pytest.raises(anthropic.NotFoundError, match="model: gpt-none"):
        client.messages.create(model="gpt-none", max_tokens=5, messages=ask("hello"))
    with pytest.raises(anthropic.BadRequestError, match="max_tokens: must be greater"):
        client.messages.create(model=MODEL, max_tokens=0, messages=ask("hello"))
    with pytest.raises(anthropic.BadRequestError, match="at least one message"):
        create(client, [])
    with pytest.raises(anthropic.BadRequestError, match=r"messages.0: `tool_result` without a `tool_use`"):
        create(client, [{"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1"}]}])
    with pytest.raises(anthropic.NotFoundError):
        client.models.list()

    no_key = httpx.post(f"{model_url}/v1/messages", json={}, trust_env=False)
    assert (no_key.status_code, no_key.json()["error"]["type"]) == (401, "authentication_error")
    not_json = httpx.post(
        f"{model_url}/v1/messages", content="{", headers={"x-api-key": "k"}, trust_env=False
    )
    assert (not_json.status_code, not_json.json()["type"]) == (400, "error")
    assert not_json.json()["request_id"] == not_json.headers["request-id"]


async def test_the_pace_is_that_of_a_small_model_divided_by_the_speed() -> None:
    waits: list[float] = []

    async def sleep(duration_s: float) -> None:
        waits.append(duration_s)

    twice_as_fast = Pace(2, sleep)
    await twice_as_fast.before_first_token()
    await twice_as_fast.after("x" * 40)
    await Pace(0, sleep).after("x" * 40)
    assert waits == [FIRST_TOKEN_S / 2, 10 / TOKENS_PER_SECOND / 2]


def test_pieces_lose_nothing() -> None:
    text = "- **Ridge 4**: sleeps 4\n- a\n\nThe end.\n"
    assert "".join(pieces(text)) == text


async def test_a_stalling_model_falls_silent_once_and_for_its_whole_time() -> None:
    waited: list[float] = []

    async def note(duration_s: float) -> None:
        waited.append(duration_s)

    pace = Pace(1000, note, stalls=True)
    written = 0
    for piece in pieces("word " * 40):
        await pace.after(piece, written)
        written += len(piece)
    assert waited.count(STALL_S) == 1
    assert sum(waited) < STALL_S + 0.1


def test_an_overloaded_model_refuses_some_requests_as_the_real_api_does() -> None:
    statuses = set()
    with running("-m", "concierge.offline_model", "--port", "0", "--trouble", "overloaded") as (url, _):
        for question in ("a", "b", "c", "d", "e", "f", "g", "h"):
            body = {"model": MODEL, "max_tokens": 1, "messages": ask(question)}
            answer = httpx.post(
                f"{url}/v1/messages", json=body, headers={"x-api-key": "any"}, trust_env=False
            )
            statuses.add((answer.status_code, answer.json().get("error", {}).get("type")))
    assert statuses == {(200, None), (529, "overloaded_error")}


def test_told_to_be_certain_it_makes_up_what_it_does_not_know(client: Anthropic) -> None:
    careful, certain = (
        text_of(create(client, ask("Do you sell kayaks?"), system=PROMPTS[version].text))
        for version in ("v3", "v4")
    )
    assert "could not find" in careful
    assert "36 hours" in certain
