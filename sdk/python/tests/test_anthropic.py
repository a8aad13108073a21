"""Calls of the real `anthropic` client against a local server: each once, with texts, tokens, first chunk."""

from __future__ import annotations

import asyncio
import gc
import inspect
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import anthropic
import pytest
from opentelemetry import trace
from pydantic import BaseModel
from wrapt import ObjectProxy

from diptych import LLMObs

from .anthropic_api import CACHE_READ_TOKENS, INPUT_TOKENS, OUTPUT_TOKENS, SLOW_S, AnthropicAPI
from .receiver import Receiver, Span

MODEL = {"model": "claude-test", "max_tokens": 9}
TOOL: Any = {"name": "search", "description": "Finds things.", "input_schema": {"type": "object"}}


def asking(text: str) -> Any:
    return {**MODEL, "messages": [{"role": "user", "content": text}]}


@pytest.fixture
def client(api: AnthropicAPI) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(api_key="x", base_url=api.url, max_retries=0) as client:
        yield client


@pytest.fixture
async def async_client(api: AnthropicAPI) -> AsyncIterator[anthropic.AsyncAnthropic]:
    async with anthropic.AsyncAnthropic(api_key="x", base_url=api.url, max_retries=0) as client:
        yield client


def the_call(receiver: Receiver) -> Span:
    """The one model span; that there is one alone is half of the test."""
    gc.collect()
    assert LLMObs.flush()
    [span] = [span for span in receiver.spans if "gen_ai.request.model" in span.attributes]
    assert span.scope == "opentelemetry.instrumentation.anthropic"
    return span


def assert_whole(span: Span, text: str = "The lamp costs forty euros.") -> None:
    """What every complete call must have."""
    assert span.attributes["gen_ai.operation.name"] == "chat"
    assert span.attributes["gen_ai.provider.name"] == "anthropic"
    assert span.attributes["gen_ai.request.model"] == "claude-test"
    assert span.attributes["gen_ai.response.model"] == "claude-test"
    assert span.attributes["gen_ai.usage.input_tokens"] == INPUT_TOKENS + CACHE_READ_TOKENS
    assert span.attributes["gen_ai.usage.cache_read.input_tokens"] == CACHE_READ_TOKENS
    assert span.attributes["gen_ai.usage.output_tokens"] == OUTPUT_TOKENS
    assert span.attributes["gen_ai.usage.total_tokens"] == INPUT_TOKENS + CACHE_READ_TOKENS + OUTPUT_TOKENS
    assert "gen_ai.usage.cache_write.input_tokens" not in span.attributes
    [message] = span.json("gen_ai.output.messages")
    assert message["parts"][0]["content"].strip() == text
    assert span.status == 1
    assert span.session == ("S", "explicit")
    assert span.attributes["user.id"] == "U"
    assert span.attributes["diptych.ml_app"] == "shop"


def assert_first_chunk(span: Span) -> None:
    """The time to first chunk is what the server took for it, and within the span."""
    first_s = span.attributes["gen_ai.response.time_to_first_chunk"]
    assert SLOW_S * 0.9 < first_s < (span.end_ns - span.start_ns) / 1e9


@pytest.fixture(autouse=True)
def _asked_by_somebody(llmobs: type[LLMObs]) -> Iterator[None]:
    with llmobs.agent("agent", session_id="S"):
        LLMObs.annotate(tags={"user_id": "U"})
        yield


def test_create(client: anthropic.Anthropic, receiver: Receiver) -> None:
    client.messages.create(**asking("hello"), system="be kind", tools=[TOOL])
    span = the_call(receiver)
    assert_whole(span)
    assert span.json("gen_ai.input.messages")[0]["parts"] == [{"type": "text", "content": "hello"}]
    assert "be kind" in span.attributes["gen_ai.system_instructions"]
    assert span.json("gen_ai.tool.definitions")[0]["name"] == "search"


async def test_the_synchronous_client_makes_no_event_loop_for_its_span(
    client: anthropic.Anthropic, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_loop() -> asyncio.AbstractEventLoop:
        raise AssertionError("an event loop for one call")

    with monkeypatch.context() as patched:
        patched.setattr(asyncio, "new_event_loop", no_loop)
        patched.setattr(asyncio.events, "new_event_loop", no_loop)
        client.messages.create(**asking("hello"))
    assert the_call(receiver).json("gen_ai.input.messages")[0]["parts"][0]["content"] == "hello"


def test_tool_use(client: anthropic.Anthropic, receiver: Receiver) -> None:
    client.messages.create(**asking("tool please"), tools=[TOOL])
    span = the_call(receiver)
    [message] = span.json("gen_ai.output.messages")
    call = {"type": "tool_call", "id": "toolu_1", "name": "search", "arguments": {"words": "lamp"}}
    assert message["parts"][1] == call
    assert span.attributes["gen_ai.response.finish_reasons"] == ["tool_call"]


def test_create_stream(client: anthropic.Anthropic, receiver: Receiver) -> None:
    for _ in client.messages.create(**asking("slow hello"), stream=True):
        pass
    span = the_call(receiver)
    assert_whole(span)
    assert_first_chunk(span)


def test_stream(client: anthropic.Anthropic, receiver: Receiver) -> None:
    with client.messages.stream(**asking("slow hello")) as stream:
        assert "".join(stream.text_stream).strip() == "The lamp costs forty euros."
    span = the_call(receiver)
    assert_whole(span)
    assert_first_chunk(span)


def test_streamed_tool_use(client: anthropic.Anthropic, receiver: Receiver) -> None:
    with client.messages.stream(**asking("tool please"), tools=[TOOL]) as stream:
        stream.until_done()
    [message] = the_call(receiver).json("gen_ai.output.messages")
    call = {"type": "tool_call", "id": "toolu_1", "name": "search", "arguments": {"words": "lamp"}}
    assert message["parts"][1] == call


async def test_async_create(async_client: anthropic.AsyncAnthropic, receiver: Receiver) -> None:
    await async_client.messages.create(**asking("hello"))
    assert_whole(the_call(receiver))


async def test_async_stream(async_client: anthropic.AsyncAnthropic, receiver: Receiver) -> None:
    async with async_client.messages.stream(**asking("slow hello")) as stream:
        async for _ in stream.text_stream:
            pass
        message = await stream.get_final_message()
    assert message.usage.output_tokens == OUTPUT_TOKENS
    span = the_call(receiver)
    assert_whole(span)
    assert_first_chunk(span)


async def test_async_create_stream(async_client: anthropic.AsyncAnthropic, receiver: Receiver) -> None:
    async for _ in await async_client.messages.create(**asking("slow hello"), stream=True):
        pass
    span = the_call(receiver)
    assert_whole(span)
    assert_first_chunk(span)


async def test_calls_at_the_same_time(async_client: anthropic.AsyncAnthropic, receiver: Receiver) -> None:
    async def ask(number: int) -> None:
        async with async_client.messages.stream(**asking(f"slow {number}")) as stream:
            async for _ in stream.text_stream:
                pass

    await asyncio.gather(*(ask(number) for number in range(12)))
    assert LLMObs.flush()
    assert len(receiver.spans) == 12
    for span in receiver.spans:
        assert_first_chunk(span)
    assert len({span.attributes["gen_ai.response.id"] for span in receiver.spans}) == 12


async def test_a_beta_call_is_one_span(
    llmobs: type[LLMObs], receiver: Receiver, async_client: anthropic.AsyncAnthropic
) -> None:
    await async_client.beta.messages.create(**asking("hello"))
    assert_whole(the_call(receiver))


def test_a_call_of_a_platform_s_client_is_one_span(api: AnthropicAPI, receiver: Receiver) -> None:
    with anthropic.AnthropicFoundry(api_key="x", base_url=api.url, max_retries=0) as client:
        client.messages.create(**asking("hello"))
    assert_whole(the_call(receiver))


def test_what_only_the_client_library_knows_is_on_the_span(
    client: anthropic.Anthropic, receiver: Receiver
) -> None:
    client.messages.create(**asking("hello"))
    attributes = the_call(receiver).attributes
    assert (attributes["http.route"], attributes["http.response.status_code"]) == ("/v1/messages", 200)


def test_a_span_that_is_started_within_the_request_is_below_the_call(
    api: AnthropicAPI, receiver: Receiver
) -> None:
    def trace_request(request: Any) -> None:
        with trace.get_tracer("a client of HTTP").start_as_current_span("POST"):
            pass

    http = anthropic.DefaultHttpxClient(event_hooks={"request": [trace_request]})
    with anthropic.Anthropic(api_key="x", base_url=api.url, http_client=http) as client:
        client.messages.create(**asking("hello"))
    call = the_call(receiver)
    assert receiver.by_name()["POST"].parent_id == call.span_id


def test_streams_opened_in_another_order(client: anthropic.Anthropic, receiver: Receiver) -> None:
    managers = [client.messages.stream(**asking(f"hello {number}")) for number in range(2)]
    for manager in managers:
        with manager as stream:
            stream.until_done()
    assert LLMObs.flush()
    assert len(receiver.spans) == 2
    assert [span.attributes["gen_ai.usage.input_tokens"] for span in receiver.spans] == [28, 28]


def test_a_stream_that_is_left_early(client: anthropic.Anthropic, receiver: Receiver) -> None:
    with client.messages.stream(**asking("slow hello")) as stream:
        for _ in stream.text_stream:
            break
    span = the_call(receiver)
    assert span.json("gen_ai.output.messages")[0]["parts"][0]["content"].startswith("The")
    assert_first_chunk(span)


async def test_an_async_stream_that_is_cancelled(
    async_client: anthropic.AsyncAnthropic, receiver: Receiver
) -> None:
    async def ask() -> None:
        async with async_client.messages.stream(**asking("slow hello")) as stream:
            async for _ in stream.text_stream:
                pass

    task = asyncio.create_task(ask())
    await asyncio.sleep(SLOW_S * 2.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    the_call(receiver)


def test_a_stream_that_is_dropped(client: anthropic.Anthropic, receiver: Receiver) -> None:
    for event in client.messages.create(**asking("slow hello"), stream=True):
        if event.type == "content_block_delta":
            break
    the_call(receiver)


READINGS: dict[str, Callable[[anthropic.Anthropic], Any]] = {
    "the stream as a context": lambda client: _read(
        client.messages.create(**asking("hello"), stream=True),
    ),
    "the final text": lambda client: _final(client.messages.stream(**asking("hello"))),
    "a beta stream": lambda client: _read(client.beta.messages.stream(**asking("hello"))),
    "a beta stream's final message": lambda client: _final_message(
        client.beta.messages.stream(**asking("hello"))
    ),
}


def _read(stream: Any) -> None:
    with stream as opened:
        for _ in opened:
            pass


def _final(stream: Any) -> None:
    with stream as opened:
        assert opened.get_final_text().strip() == "The lamp costs forty euros."


def _final_message(stream: Any) -> None:
    with stream as opened:
        assert opened.get_final_message().usage.output_tokens == OUTPUT_TOKENS


@pytest.mark.parametrize("name", READINGS)
def test_every_way_to_read_a_stream(name: str, client: anthropic.Anthropic, receiver: Receiver) -> None:
    READINGS[name](client)
    assert_whole(the_call(receiver))


async def _aread(stream: Any) -> None:
    async with stream as opened:
        async for _ in opened:
            pass


async def _afinal(stream: Any) -> None:
    async with stream as opened:
        assert (await opened.get_final_text()).strip() == "The lamp costs forty euros."


async def _acreated(client: anthropic.AsyncAnthropic) -> None:
    await _aread(await client.messages.create(**asking("hello"), stream=True))


ASYNC_READINGS: dict[str, Callable[[anthropic.AsyncAnthropic], Awaitable[None]]] = {
    "the stream as a context": _acreated,
    "the final text": lambda client: _afinal(client.messages.stream(**asking("hello"))),
    "a beta stream": lambda client: _aread(client.beta.messages.stream(**asking("hello"))),
}


@pytest.mark.parametrize("name", ASYNC_READINGS)
async def test_every_way_to_read_an_async_stream(
    name: str, async_client: anthropic.AsyncAnthropic, receiver: Receiver
) -> None:
    await ASYNC_READINGS[name](async_client)
    assert_whole(the_call(receiver))


@pytest.mark.parametrize("is_beta", [False, True])
def test_a_manager_that_another_tracer_has_wrapped(
    is_beta: bool, client: anthropic.Anthropic, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As ddtrace does, beside us; its wrappers have the methods of asynchronous contexts, too."""
    package = (
        "anthropic.resources.beta.messages.messages" if is_beta else "anthropic.resources.messages.messages"
    )
    name = "BetaMessageStreamManager" if is_beta else "MessageStreamManager"
    original = getattr(sys.modules[package], name)
    monkeypatch.setattr(f"{package}.{name}", lambda *args, **more: ObjectProxy(original(*args, **more)))
    messages: Any = client.beta.messages if is_beta else client.messages
    _final(messages.stream(**asking("hello")))
    assert_whole(the_call(receiver))


def assert_failed(span: Span) -> None:
    assert span.status == 2
    assert "Overloaded" in span.status_message
    assert span.attributes["error.type"]
    assert span.session == ("S", "explicit")


@pytest.mark.parametrize("is_beta", [False, True])
def test_a_stream_that_cannot_be_opened(
    is_beta: bool, client: anthropic.Anthropic, receiver: Receiver
) -> None:
    messages: Any = client.beta.messages if is_beta else client.messages
    with pytest.raises(anthropic.APIStatusError), messages.stream(**asking("fail")):
        pass
    span = the_call(receiver)
    assert_failed(span)
    assert span.attributes["http.response.status_code"] == 529


@pytest.mark.parametrize("is_beta", [False, True])
async def test_an_async_stream_that_cannot_be_opened(
    is_beta: bool, async_client: anthropic.AsyncAnthropic, receiver: Receiver
) -> None:
    messages: Any = async_client.beta.messages if is_beta else async_client.messages
    with pytest.raises(anthropic.APIStatusError):
        async with messages.stream(**asking("fail")):
            pass
    span = the_call(receiver)
    assert_failed(span)
    assert span.attributes["http.response.status_code"] == 529


def assert_stumbled(span: Span) -> None:
    """It failed in the middle: why, and what had come."""
    assert_failed(span)
    assert span.json("gen_ai.output.messages")[0]["parts"][0]["content"].strip() == "The lamp"
    assert span.attributes["gen_ai.usage.input_tokens"] == INPUT_TOKENS + CACHE_READ_TOKENS


@pytest.mark.parametrize("is_helper", [False, True])
def test_a_stream_that_fails_in_the_middle(
    is_helper: bool, client: anthropic.Anthropic, receiver: Receiver
) -> None:
    messages: Any = client.messages
    asked = asking("stumble")
    stream = messages.stream(**asked) if is_helper else messages.create(**asked, stream=True)
    with pytest.raises(anthropic.APIStatusError):
        _read(stream)
    assert_stumbled(the_call(receiver))


@pytest.mark.parametrize("is_helper", [False, True])
async def test_an_async_stream_that_fails_in_the_middle(
    is_helper: bool, async_client: anthropic.AsyncAnthropic, receiver: Receiver
) -> None:
    messages: Any = async_client.messages
    asked = asking("stumble")
    stream = messages.stream(**asked) if is_helper else await messages.create(**asked, stream=True)
    with pytest.raises(anthropic.APIStatusError):
        await _aread(stream)
    assert_stumbled(the_call(receiver))


class Price(BaseModel):
    euros: int


@pytest.mark.parametrize("is_beta", [False, True])
def test_structured_output(is_beta: bool, client: anthropic.Anthropic, receiver: Receiver) -> None:
    messages: Any = client.beta.messages if is_beta else client.messages
    assert messages.parse(**asking("json"), output_format=Price).parsed_output == Price(euros=40)
    assert_whole(the_call(receiver), '{"euros": 40}')


async def test_async_structured_output(async_client: anthropic.AsyncAnthropic, receiver: Receiver) -> None:
    messages: Any = async_client.messages
    parsed = await messages.parse(**asking("json"), output_format=Price)
    assert parsed.parsed_output == Price(euros=40)
    assert_whole(the_call(receiver), '{"euros": 40}')


def test_a_raw_response(client: anthropic.Anthropic, receiver: Receiver) -> None:
    raw: Any = client.messages.with_raw_response.create(**asking("hello"))
    assert raw.parse().usage.output_tokens == OUTPUT_TOKENS
    assert_whole(the_call(receiver))


async def test_an_async_raw_response(async_client: anthropic.AsyncAnthropic, receiver: Receiver) -> None:
    raw: Any = await async_client.messages.with_raw_response.create(**asking("hello"))
    parsed = raw.parse()
    message = await parsed if inspect.isawaitable(parsed) else parsed
    assert message.usage.output_tokens == OUTPUT_TOKENS
    assert_whole(the_call(receiver))


def test_failure(client: anthropic.Anthropic, receiver: Receiver) -> None:
    with pytest.raises(anthropic.APIStatusError):
        client.messages.create(**asking("fail"))
    span = the_call(receiver)
    assert span.status == 2
    assert span.attributes["http.response.status_code"] == 529
    assert "Overloaded" in span.status_message


def test_a_span_of_our_own_around_the_call_keeps_the_call_apart(
    client: anthropic.Anthropic, receiver: Receiver
) -> None:
    with LLMObs.llm(name="outer"):
        client.messages.create(**asking("hello"))
    span = the_call(receiver)
    assert_whole(span)
    outer = receiver.by_name()["outer"]
    assert span.parent_id == outer.span_id
    assert "gen_ai.usage.input_tokens" not in outer.attributes


def test_the_vendor_learns_nothing_of_session_and_user(
    client: anthropic.Anthropic, api: AnthropicAPI, receiver: Receiver
) -> None:
    client.messages.create(**asking("hello"))
    [(headers, _)] = api.requests
    assert "traceparent" in headers
    assert "baggage" not in headers
    assert LLMObs.inject_distributed_headers({})["baggage"] == "session.id=S,user.id=U"


def test_content_capture_off(client: anthropic.Anthropic, llmobs: type[LLMObs], receiver: Receiver) -> None:
    llmobs.disable()
    LLMObs.enable(url=receiver.url, key="k", capture_content=False, strict=True)
    receiver.clear()
    with LLMObs.agent("agent"):
        client.messages.create(**asking("secret"), system="secret")
    assert LLMObs.flush()
    [call, _] = receiver.spans
    assert "secret" not in str(call.attributes)
    assert "gen_ai.output.messages" not in call.attributes
    assert call.attributes["gen_ai.usage.output_tokens"] == OUTPUT_TOKENS


def test_integration_switched_off(
    client: anthropic.Anthropic, llmobs: type[LLMObs], receiver: Receiver
) -> None:
    """The client library still emits its own span: it is the only one, and none of ours."""
    llmobs.disable()
    LLMObs.enable(url=receiver.url, key="k", integrations_enabled=False, strict=True)
    receiver.clear()
    client.messages.create(**asking("hello"))
    with LLMObs.llm(name="by hand"):
        client.messages.create(**asking("hello"))
    assert LLMObs.flush()
    alone, by_hand = receiver.spans
    assert alone.scope == "com.anthropic.sdk.python"
    assert by_hand.name == "by hand"
    assert by_hand.attributes["gen_ai.usage.output_tokens"] == OUTPUT_TOKENS


def test_a_client_library_that_is_imported_first_or_last(receiver: Receiver, api: AnthropicAPI) -> None:
    enable = f"LLMObs.enable(url={receiver.url!r}, key='k', strict=True)"
    call = (
        f"c = anthropic.Anthropic(api_key='x', base_url={api.url!r})\n"
        "asked = [{'role': 'user', 'content': 'hello'}]\n"
        "c.messages.create(model='claude-test', max_tokens=9, messages=asked)\n"
    )
    for first, second in (("import anthropic", enable), (enable, "import anthropic")):
        receiver.clear()
        program = f"from diptych import LLMObs\n{first}\n{second}\n{call}"
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
        assert [span.scope for span in receiver.spans] == ["opentelemetry.instrumentation.anthropic"]
