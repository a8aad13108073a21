"""A decorated function is the same function: while LLM Observability is off, on, and off again."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from diptych import LLMObs
from diptych.decorators import task, tool

from .receiver import Receiver


def passed_on(wrapped: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(wrapped)
    def call(*args: Any, **kwargs: Any) -> Any:
        return args, kwargs, wrapped(*args, **kwargs)

    return call


@passed_on
def behind_another_decorator(word: str, number: int = 1) -> object:
    return word, number


def every_sort(
    first: str, second: int = 2, /, third: int = 3, *rest: int, named: str, other: int = 4, **more: int
) -> object:
    return first, second, third, rest, named, other, more


class Shop:
    name = "shop"

    def find(self, words: str, most: int = 10) -> object:
        return self.name, words, most


def names_of_ours(bare: int, bare_: int, *, around: int, wrapper: int = 4) -> object:
    return bare, bare_, around, wrapper


CALLS: tuple[tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]], ...] = (
    (every_sort, ("a",), {"named": "n"}),
    (every_sort, ("a", 5, 6, 7, 8), {"named": "n", "other": 9, "extra": 1, "second": 2}),
    (every_sort, ("a",), {}),
    (every_sort, (), {"first": "a", "named": "n"}),
    (behind_another_decorator, ("a",), {"number": 2}),
    (behind_another_decorator, (), {"word": "a"}),
    (Shop.find, (Shop(), "lamp"), {}),
    (Shop.find, (Shop(),), {"most": 1, "words": "lamp"}),
    (Shop.find, (Shop(), "lamp", 1, 2), {}),
    (names_of_ours, (1,), {"bare_": 2, "around": 3}),
    (lambda: None, (), {}),
    (lambda: None, (1,), {}),
    (divmod, (7, 2), {}),
    (functools.partial(every_sort, named="n"), ("a",), {}),
)


def outcome(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[object, str]:
    """What the call returned, or the words of its error."""
    try:
        return function(*args, **kwargs), ""
    except TypeError as error:
        return None, str(error)


@pytest.fixture
def power(receiver: Receiver) -> Iterator[Callable[[bool], None]]:
    """Switches LLM Observability on and off."""

    def turn(on: bool) -> None:
        if on:
            LLMObs.enable(ml_app="shop", url=receiver.url, key="k", linger_ms=20)
        else:
            LLMObs.disable()

    yield turn
    LLMObs.disable()


@pytest.mark.parametrize(("function", "args", "kwargs"), CALLS)
def test_calls_have_the_same_outcome(
    function: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    power: Callable[[bool], None],
    receiver: Receiver,
) -> None:
    bare = outcome(function, args, kwargs)
    decorated = task(name="step")(function)
    assert outcome(decorated, args, kwargs) == bare
    power(True)
    made_while_on = task(name="step")(function)
    assert outcome(decorated, args, kwargs) == bare
    assert outcome(made_while_on, args, kwargs) == bare
    power(False)
    assert outcome(decorated, args, kwargs) == bare
    assert outcome(made_while_on, args, kwargs) == bare
    assert len(receiver.spans) == 2


def test_a_call_with_wrong_arguments_is_seen(power: Callable[[bool], None], receiver: Receiver) -> None:
    @tool
    def search(words: str) -> str:
        return words

    power(True)
    with pytest.raises(TypeError, match="unexpected keyword argument 'query'"):
        search(query="lamp")  # type: ignore[call-arg]  # as a model may
    power(False)
    [span] = receiver.spans
    assert (span.name, span.attributes["error.type"]) == ("search", "TypeError")


def test_what_others_ask_of_a_function() -> None:
    async def answer(question: str, *, limit: int = 3) -> str:
        """Answers."""
        return question[:limit]

    decorated = task(answer)
    assert inspect.iscoroutinefunction(decorated)
    assert inspect.signature(decorated) == inspect.signature(answer)
    assert (decorated.__name__, decorated.__doc__, decorated.__module__) == ("answer", "Answers.", __name__)
    assert decorated.__kwdefaults__ == {"limit": 3}
