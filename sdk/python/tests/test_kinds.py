"""The seven kinds on the wire, as context managers and as decorators of every sort of function."""

from __future__ import annotations

import asyncio
import gc
import inspect
from collections.abc import AsyncIterator, Generator, Iterator
from typing import Any

import pytest

from diptych import LLMObs
from diptych.decorators import agent, embedding, llm, retrieval, task, tool, workflow

from .receiver import Receiver, Span

OPERATIONS = {
    "workflow": "invoke_workflow",
    "agent": "invoke_agent",
    "llm": "chat",
    "tool": "execute_tool",
    "task": None,
    "retrieval": "retrieval",
    "embedding": "embeddings",
}


def sent(receiver: Receiver) -> dict[str, Span]:
    assert LLMObs.flush()
    return receiver.by_name()


@pytest.mark.parametrize("kind", OPERATIONS)
def test_kind_on_the_wire(kind: str, llmobs: type[LLMObs], receiver: Receiver) -> None:
    with getattr(llmobs, kind)(name="step", ml_app="other"):
        pass
    span = sent(receiver)["step"]
    assert span.attributes["diptych.span.kind"] == kind
    assert span.attributes.get("gen_ai.operation.name") == OPERATIONS[kind]
    assert span.attributes["diptych.ml_app"] == "other"
    assert span.scope == "diptych"
    assert span.kind == ("CLIENT" if kind in ("llm", "embedding") else "INTERNAL")
    assert span.resource["service.name"] == "shop"
    assert 0 <= span.end_ns - span.start_ns < 10**9


def test_names_default_to_the_kind(llmobs: type[LLMObs], receiver: Receiver) -> None:
    for kind in OPERATIONS:
        with getattr(llmobs, kind)():
            pass
    assert set(sent(receiver)) == set(OPERATIONS)


def test_nesting_and_application_are_inherited(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("outer", ml_app="inner-app") as outer, llmobs.agent("inner", version="7") as inner:
        assert (outer.trace_id, inner.trace_id) == (outer.trace_id,) * 2
        assert inner.kind == "agent"
        assert inner.name == "inner"
    spans = sent(receiver)
    assert spans["inner"].parent_id == outer.span_id == spans["outer"].span_id
    assert spans["inner"].trace_id == outer.trace_id
    assert spans["inner"].attributes["diptych.ml_app"] == "inner-app"
    assert spans["inner"].attributes["gen_ai.agent.version"] == "7"


def test_model_and_provider(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.llm(model_name="m", name="call", model_provider="OpenAI"):
        pass
    attributes = sent(receiver)["call"].attributes
    assert attributes["gen_ai.request.model"] == "m"
    assert attributes["gen_ai.provider.name"] == "openai"


def test_finish_by_hand(llmobs: type[LLMObs], receiver: Receiver) -> None:
    outer = llmobs.workflow("outer")
    inner = llmobs.task("inner")
    inner.finish()
    inner.finish()
    outer.finish()
    with llmobs.task("after"):
        pass
    spans = sent(receiver)
    assert spans["inner"].parent_id == spans["outer"].span_id
    assert spans["after"].parent_id == ""


def test_failure_is_told(llmobs: type[LLMObs], receiver: Receiver) -> None:
    class ShopError(Exception):
        pass

    with pytest.raises(ShopError), llmobs.tool("failing"):
        raise ShopError("sold out")
    span = sent(receiver)["failing"]
    assert span.status == 2
    assert span.status_message == "ShopError: sold out"
    assert span.attributes["error.type"].endswith("ShopError")
    [(name, details)] = span.events
    assert name == "exception"
    assert details["exception.message"] == "sold out"
    assert "in test_failure_is_told" in details["exception.stacktrace"]


def test_methods_of_every_sort_whichever_decorator_comes_first(
    llmobs: type[LLMObs], receiver: Receiver
) -> None:
    class Shop:
        @tool
        @classmethod
        def of_class(cls, product: str) -> str:
            return f"{cls.__name__} {product}"

        @tool
        @staticmethod
        def static(product: str) -> str:
            return product

        # mypy allows nothing above a property; Python does.
        @tool  # type: ignore[prop-decorator]
        @property
        def stock(self) -> int:
            return 7

        @stock.setter
        def stock(self, number: int) -> None:
            self.number = number

    shop: Any = Shop()
    assert (Shop.of_class("lamp"), shop.of_class("lamp")) == ("Shop lamp", "Shop lamp")
    assert (Shop.static("lamp"), shop.static("lamp")) == ("lamp", "lamp")
    assert shop.stock == 7
    shop.stock = 8
    assert shop.number == 8
    assert llmobs.flush()
    assert [span.name for span in receiver.spans] == ["of_class"] * 2 + ["static"] * 2 + ["stock"]
    assert receiver.spans[0].json("input.value") == {"product": "lamp"}


def test_objects_that_can_be_called(llmobs: type[LLMObs], receiver: Receiver) -> None:
    class Answer:
        async def __call__(self, question: str) -> str:
            with llmobs.task("inside"):
                await asyncio.sleep(0)
            return "forty euros"

    class Stream:
        def __call__(self, number: int) -> Iterator[str]:
            for index in range(number):
                yield f"word{index} "

    answer = tool(name="answer")(Answer())
    stream = tool(name="stream")(Stream())
    assert inspect.iscoroutinefunction(answer)
    assert asyncio.run(answer("price?")) == "forty euros"
    assert list(stream(2)) == ["word0 ", "word1 "]
    assert tool(name="number")(int)("5") == 5
    spans = sent(receiver)
    assert spans["inside"].parent_id == spans["answer"].span_id
    assert spans["answer"].attributes["output.value"] == "forty euros"
    assert spans["stream"].attributes["output.value"] == "word0 word1 "
    assert spans["number"].json("output.value") == 5


def test_a_decorator_that_is_used_wrongly_is_told_and_breaks_nothing(
    receiver: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    LLMObs.enable(url=receiver.url, key="k")
    for number, decorator in enumerate[Any]((workflow, agent, llm)):
        # One of several decorators, which have no type in common.
        @decorator(f"step {number}")  # type: ignore[untyped-decorator]
        def work() -> int:
            return 7

        assert work() == 7
    assert llm(None)(str)(5) == "5"
    LLMObs.disable()
    assert [span.name for span in receiver.spans] == ["step 0", "step 1", "step 2", "str"]
    assert caplog.text.count("expected a function, and options by their names, as @workflow(name=…)") == 1


class Unreadable(Exception):
    """An exception that cannot say what it is about."""

    def __str__(self) -> str:
        raise AttributeError("response")


def test_an_exception_that_cannot_be_read_reaches_the_host_as_it_is(
    llmobs: type[LLMObs], receiver: Receiver
) -> None:
    @tool
    def plain() -> None:
        raise Unreadable

    @tool
    async def asynchronous() -> None:
        raise Unreadable

    @tool
    def generator() -> Iterator[str]:
        yield "a"
        raise Unreadable

    with pytest.raises(Unreadable), llmobs.tool("by hand"):
        raise Unreadable
    with pytest.raises(Unreadable):
        plain()
    with pytest.raises(Unreadable):
        asyncio.run(asynchronous())
    with pytest.raises(Unreadable):
        list(generator())
    with llmobs.task("after"):
        pass
    spans = sent(receiver)
    assert spans["after"].parent_id == ""
    for name in ("by hand", "plain", "asynchronous", "generator"):
        assert spans[name].status == 2
        assert spans[name].status_message == "Unreadable: <Unreadable: str failed with AttributeError>"
        assert spans[name].attributes["error.type"].endswith("Unreadable")
        [(event, details)] = spans[name].events
        assert event == "exception"
        assert details["exception.message"] == "<Unreadable: str failed with AttributeError>"
        assert "raise Unreadable" in details["exception.stacktrace"]


def test_decorated_functions(llmobs: type[LLMObs], receiver: Receiver) -> None:
    class Shop:
        @tool
        def price(self, name: str, *rest: int, currency: str = "EUR") -> dict[str, Any]:
            """Says the price."""
            return {"name": name, "price": 40}

    @agent(name="concierge", version="2")
    async def answer(question: str) -> str:
        await asyncio.sleep(0)
        return f"{Shop().price(question, 1, 2)['price']} euros"

    assert asyncio.run(answer("lamp")) == "40 euros"
    assert Shop.price.__doc__ == "Says the price."
    spans = sent(receiver)
    assert spans["price"].parent_id == spans["concierge"].span_id
    assert spans["price"].json("input.value") == {"name": "lamp", "rest": [1, 2]}
    assert spans["price"].json("output.value") == {"name": "lamp", "price": 40}
    assert spans["concierge"].attributes["output.value"] == "40 euros"
    assert "output.mime_type" not in spans["concierge"].attributes
    assert spans["concierge"].attributes["gen_ai.agent.version"] == "2"


def test_what_is_annotated_by_hand_stays(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @task
    def by_hand(secret: str) -> str:
        LLMObs.annotate(input_data="said in", output_data="said out")
        return secret

    @task(_automatic_io_annotation=False)
    def silent(secret: str) -> str:
        return secret

    by_hand("x")
    silent("x")
    spans = sent(receiver)
    assert spans["by_hand"].attributes["input.value"] == "said in"
    assert spans["by_hand"].attributes["output.value"] == "said out"
    assert "input.value" not in spans["silent"].attributes
    assert "output.value" not in spans["silent"].attributes


def test_model_decorators(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @llm(model_name="m", model_provider="Mistral")
    def complete(prompt: str) -> str:
        return "forty"

    @llm
    def strange(prompt: str) -> object:
        return object()

    @embedding(model_name="e")
    def embed(text: str) -> list[float]:
        return [0.1]

    @retrieval
    def search(words: str) -> list[str]:
        return ["lamp"]

    complete("price?")
    strange("price?")
    embed("lamp")
    search("lamp")
    spans = sent(receiver)
    parts = [{"type": "text", "content": "forty"}]
    assert spans["complete"].json("gen_ai.output.messages") == [{"role": "assistant", "parts": parts}]
    assert spans["complete"].attributes["gen_ai.provider.name"] == "mistral"
    for name in ("strange", "embed", "search"):
        assert not {"output.value", "gen_ai.output.messages"} & set(spans[name].attributes)
    assert spans["search"].json("input.value") == {"words": "lamp"}
    assert spans["search"].attributes["gen_ai.retrieval.query.text"] == "lamp"


def test_failing_functions(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @workflow
    async def fails() -> None:
        raise TimeoutError("too slow")

    with pytest.raises(TimeoutError):
        asyncio.run(fails())
    assert sent(receiver)["fails"].attributes["error.type"] == "TimeoutError"


def test_generator(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @tool
    def words(number: int) -> Iterator[str]:
        for index in range(number):
            with LLMObs.task(f"step {index}"):
                pass
            yield f"word{index} "

    with llmobs.workflow("outer"):
        for word in words(2):
            with llmobs.task(f"consumer of {word}"):
                pass
    spans = sent(receiver)
    assert spans["words"].attributes["output.value"] == "word0 word1 "
    assert spans["words"].json("input.value") == {"number": 2}
    assert spans["words"].parent_id == spans["outer"].span_id
    assert spans["step 1"].parent_id == spans["words"].span_id
    assert spans["consumer of word0 "].parent_id == spans["outer"].span_id


def test_generator_talks_back(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @task
    def dialogue() -> Generator[Any, Any, Any]:
        heard: list[Any] = []
        try:
            heard.append((yield 1))
        except KeyError as error:
            heard.append(error)
        heard.append((yield {"two": 2}))
        return heard

    generator: Any = dialogue()
    assert next(generator) == 1
    assert generator.throw(KeyError("k")) == {"two": 2}
    with pytest.raises(StopIteration) as stop:
        generator.send("last")
    assert str(stop.value.value) == "[KeyError('k'), 'last']"
    assert sent(receiver)["dialogue"].json("output.value") == [1, {"two": 2}]


def test_generator_that_is_left_early_or_fails(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @task
    def left() -> Iterator[str]:
        yield "a"
        yield "b"

    @task
    def fails() -> Iterator[str]:
        yield "a"
        raise ValueError("no more")

    generator: Any = left()
    next(generator)
    generator.close()
    with pytest.raises(ValueError, match="no more"):
        list(fails())
    spans = sent(receiver)
    assert spans["left"].status == 0
    assert spans["left"].attributes["output.value"] == "a"
    assert spans["fails"].status == 2


async def test_async_generator(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @agent
    async def stream(question: str) -> AsyncIterator[str]:
        LLMObs.annotate(span=None, tags={"session_id": "S"})
        for word in ("forty ", "euros"):
            await asyncio.sleep(0)
            with LLMObs.task(f"makes {word}"):
                yield word

    with llmobs.workflow("outer"):
        async for word in stream("price?"):
            with llmobs.task(f"consumer of {word}"):
                await asyncio.sleep(0)
    left: Any = stream("and then?")
    await anext(left)
    await left.aclose()
    assert llmobs.flush()
    first, second = [span for span in receiver.spans if span.name == "stream"]
    assert first.attributes["output.value"] == "forty euros"
    assert second.attributes["output.value"] == "forty "
    assert (first.status, second.status) == (0, 0)
    spans = {span.name: span for span in receiver.spans if span.trace_id == first.trace_id}
    assert spans["makes euros"].parent_id == spans["stream"].span_id
    assert spans["consumer of euros"].parent_id == spans["outer"].span_id
    assert {span.session_id for span in receiver.spans} == {"S"}


def test_a_function_that_returns_a_generator_lasts_until_that_is_read(
    llmobs: type[LLMObs], receiver: Receiver
) -> None:
    """As an agent does that streams: what makes the answer runs after the function has returned."""

    def stream() -> Iterator[str]:
        for word in ("forty ", "euros"):
            with llmobs.llm(name=f"makes {word}"):
                yield word

    @agent
    def answer(question: str) -> Iterator[str]:
        LLMObs.annotate(tags={"session_id": "S"})
        return stream()

    for word in answer("price?"):
        with llmobs.task(f"consumer of {word}"):
            pass
    spans = sent(receiver)
    assert spans["answer"].json("input.value") == {"question": "price?"}
    assert spans["answer"].attributes["output.value"] == "forty euros"
    assert spans["makes euros"].parent_id == spans["answer"].span_id
    assert spans["makes euros"].session_id == "S"
    assert spans["consumer of euros"].parent_id == ""
    assert spans["answer"].end_ns >= spans["makes euros"].end_ns


async def test_a_function_that_returns_a_coroutine_or_an_async_generator(
    llmobs: type[LLMObs], receiver: Receiver
) -> None:
    async def ask() -> str:
        with llmobs.task("asks"):
            await asyncio.sleep(0.01)
        return "forty euros"

    async def stream() -> AsyncIterator[str]:
        yield "forty "
        with llmobs.task("streams"):
            yield "euros"

    async def fails() -> None:
        raise TimeoutError("too slow")

    answer: Any = workflow(name="answer")(lambda: ask())
    streamed: Any = workflow(name="stream")(lambda: stream())
    failing: Any = workflow(name="failing")(lambda: fails())
    assert await answer() == "forty euros"
    assert [word async for word in streamed()] == ["forty ", "euros"]
    with pytest.raises(TimeoutError):
        await failing()
    with llmobs.task("after"):
        pass
    spans = sent(receiver)
    for name, inside in (("answer", "asks"), ("stream", "streams")):
        assert spans[name].attributes["output.value"] == "forty euros"
        assert spans[inside].parent_id == spans[name].span_id
    assert spans["answer"].end_ns - spans["answer"].start_ns > 9_000_000
    assert (spans["failing"].status, spans["after"].parent_id) == (2, "")


async def test_a_coroutine_that_returns_an_async_generator(llmobs: type[LLMObs], receiver: Receiver) -> None:
    async def stream() -> AsyncIterator[str]:
        yield "forty "
        with llmobs.llm(name="writes"):
            yield "euros"

    @agent
    async def answer(question: str) -> AsyncIterator[str]:
        LLMObs.annotate(tags={"session_id": "S"})
        await asyncio.sleep(0)
        return stream()

    words = await answer("price?")
    with llmobs.task("beside"):
        pass
    assert [word async for word in words] == ["forty ", "euros"]
    spans = sent(receiver)
    assert spans["answer"].attributes["output.value"] == "forty euros"
    assert spans["writes"].parent_id == spans["answer"].span_id
    assert spans["writes"].session_id == "S"
    assert spans["beside"].parent_id == ""


def test_a_generator_that_is_returned_and_never_read(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @workflow
    def answer() -> Iterator[str]:
        return iter_words()

    def iter_words() -> Iterator[str]:
        yield "forty"

    returned: Any = answer()
    assert inspect.isgenerator(returned)
    assert returned.__name__ == "iter_words"
    with llmobs.task("beside"):
        pass
    del returned
    gc.collect()
    spans = sent(receiver)
    assert "output.value" not in spans["answer"].attributes
    assert spans["beside"].parent_id == ""


def test_endless_generators_output_is_bounded(llmobs: type[LLMObs], receiver: Receiver) -> None:
    @task
    def endless() -> Iterator[str]:
        for _ in range(50):
            yield "x" * 100_000

    assert sum(map(len, endless())) == 5_000_000
    output = sent(receiver)["endless"].attributes["output.value"]
    assert len(output) < 1_100_000
    assert output.endswith("…[40 more were yielded]")


def test_content_capture_can_be_switched_off(receiver: Receiver) -> None:
    @tool
    def search(words: str) -> str:
        LLMObs.annotate(metadata={"by": "hand"})
        return words

    LLMObs.enable(url=receiver.url, key="k", capture_content=False, strict=True)
    search("secret")
    LLMObs.disable()
    [span] = receiver.spans
    assert not {"input.value", "output.value"} & set(span.attributes)
    assert span.json("diptych.metadata") == {"by": "hand"}


def test_spans_that_are_left_open_do_not_stay_current(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("outer"):
        forgotten = llmobs.task("forgotten")
    with llmobs.task("next"):
        pass
    forgotten.finish()
    with llmobs.task("last"):
        pass
    spans = sent(receiver)
    assert spans["forgotten"].parent_id == spans["outer"].span_id
    assert spans["next"].parent_id == spans["last"].parent_id == ""


def test_spans_finished_in_another_order(llmobs: type[LLMObs], receiver: Receiver) -> None:
    outer = llmobs.workflow("outer")
    inner = llmobs.task("inner")
    outer.finish()
    inner.finish()
    with llmobs.task("next"):
        pass
    assert sent(receiver)["next"].parent_id == ""


async def test_a_span_that_a_task_of_its_own_finishes(llmobs: type[LLMObs], receiver: Receiver) -> None:
    span = llmobs.workflow("outer")

    async def finish() -> None:
        span.finish()
        with llmobs.task("in the task"):
            pass

    await asyncio.create_task(finish())
    assert sent(receiver)["in the task"].parent_id == ""
