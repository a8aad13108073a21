"""The types that an application's type checker sees: `make check` runs mypy over this file.

Each `type: ignore` stands on a call that must be refused: mypy tells where one is not needed any more.
"""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Coroutine, Iterator, MutableMapping
from pathlib import Path
from typing import Any, assert_type

import diptych
from diptych import LLMObs, LLMObsSpan, Span, testing
from diptych.decorators import agent, llm, task, tool

OLDEST_PYTHON = (3, 10)
"""What `requires-python` of the package says."""


@agent
async def answer(question: str, session_id: str | None = None) -> str:
    return question


@tool(name="search")
def search(words: str) -> list[str]:
    return [words]


@task
def numbers(most: int) -> Iterator[int]:
    yield most


@llm(model_name="m", model_provider="p")
async def stream(question: str) -> AsyncIterator[str]:
    yield question


class Shop:
    @tool
    def stock(self, product: str) -> int:
        return len(product)


def hide(span: LLMObsSpan) -> LLMObsSpan | None:
    return span


def test_a_decorated_function_keeps_its_type() -> None:
    asked: Coroutine[Any, Any, str] = answer("q", session_id="s")
    asked.close()
    assert_type(search("lamp"), list[str])
    assert_type(numbers(3), Iterator[int])
    assert_type(stream("q"), AsyncIterator[str])
    assert_type(Shop().stock("lamp"), int)


def test_calls_say_what_they_give() -> None:
    with testing.record() as recorded:
        with LLMObs.workflow("w", session_id="s") as span:
            assert_type(span, Span)
            assert_type(LLMObs.export_span(span), dict[str, str] | None)
            assert_type(LLMObs.inject_distributed_headers({}), MutableMapping[str, str])
        LLMObs.register_processor(hide)
        assert_type(LLMObs.dropped(), dict[str, int])
        assert_type(LLMObs.flush(), bool)
    assert_type(recorded.span("w").session_id, str | None)


def wrong() -> None:
    """Never called: what a type checker must refuse."""
    search(3)  # type: ignore[arg-type]
    LLMObs.workflow(3)  # type: ignore[arg-type]
    LLMObs.annotate(metrics="many")  # type: ignore[arg-type]
    LLMObs.enable(sample_rate="all")  # type: ignore[arg-type]
    LLMObs.submit_evaluation("good", "boolean")  # type: ignore[call-arg]
    agent(version="1")(3)  # type: ignore[type-var]


def test_the_package_is_typed_and_its_syntax_is_that_of_the_oldest_python() -> None:
    source = Path(diptych.__file__).parent
    assert (source / "py.typed").exists()
    for file in source.rglob("*.py"):
        ast.parse(file.read_text(), str(file), feature_version=OLDEST_PYTHON)
