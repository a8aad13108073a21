"""How a decorator runs a function inside a span: plain, async, generator and async generator functions."""

from __future__ import annotations

import functools
import inspect
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator, Mapping
from types import AsyncGeneratorType, CoroutineType, GeneratorType
from typing import Any, TypeVar, cast

from ._bare import make_wrapper
from ._span import OFF, Span
from .llmobs import LLMObs

F = TypeVar("F", bound=Callable[..., Any])


class Recipe:
    """What a decorator knows about the span that each call makes."""

    def __init__(
        self,
        kind: str,
        function: Callable[..., Any],
        name: str | None,
        session_id: str | None,
        ml_app: str | None,
        extra: Mapping[str, Any],
        automatic_io: bool,
    ) -> None:
        self.kind = kind
        self.name = name or getattr(function, "__name__", kind)
        self.session_id = session_id
        self.ml_app = ml_app
        self.extra = extra
        self.automatic_io = automatic_io
        self.signature = _signature(function) if automatic_io else None

    def start(self, args: tuple[Any, ...], kwargs: dict[str, Any], activate: bool = True) -> Span:
        """The span of one call, with its arguments as input."""
        span = LLMObs._start(self.kind, self.name, self.session_id, self.ml_app, self.extra, activate)
        if span is not OFF and self.signature is not None and self.kind not in ("llm", "embedding"):
            self._note_input(span, args, kwargs)
        return span

    def _note_input(self, span: Span, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if not LLMObs._captures_content():
            return
        assert self.signature is not None
        try:
            bound = self.signature.bind(*args, **kwargs).arguments
        except TypeError:
            return  # the call itself is about to fail with the same words
        arguments = {name: value for name, value in bound.items() if name not in ("self", "cls")}
        if arguments:
            LLMObs.annotate(span, input_data=arguments)

    def note_output(self, span: Span, output: Any) -> None:
        """Records what the function returned, unless it annotated an output by hand."""
        if not self.automatic_io or span.otel is None or output is None or not LLMObs._captures_content():
            return
        if self.kind in ("embedding", "retrieval") or _has_output(span):
            return
        if self.kind == "llm" and not _looks_like_messages(output):
            return
        LLMObs.annotate(span, output_data=output)


def decorate(function: F, recipe_of: Callable[[Callable[..., Any]], Recipe]) -> F:
    """`function`, each call in a span; a method that is decorated already stays of its sort."""
    inner: Any = function
    if isinstance(inner, (classmethod, staticmethod)):
        return cast(F, type(inner)(decorate(inner.__func__, recipe_of)))
    if isinstance(inner, property) and inner.fget is not None:
        return cast(F, inner.getter(decorate(inner.fget, recipe_of)))
    wrapper = _wrapper(function, recipe_of(function))
    functools.update_wrapper(wrapper, function)
    return cast(F, wrapper)


def _wrapper(function: Callable[..., Any], recipe: Recipe) -> Callable[..., Any]:
    if _is(inspect.isasyncgenfunction, function):
        return _async_generator(recipe, function)
    if _is(inspect.isgeneratorfunction, function):
        return _generator(recipe, function)
    if _is(inspect.iscoroutinefunction, function):
        return _coroutine(recipe, function)
    return _plain(recipe, function)


def _is(sort: Callable[[Any], bool], function: Callable[..., Any]) -> bool:
    """Whether a function is of a sort, or an object whose `__call__` is."""
    is_object = not isinstance(function, type) and not inspect.isroutine(function)
    return sort(function) or (is_object and sort(type(function).__call__))


def _plain(recipe: Recipe, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        span = recipe.start(args, kwargs)
        try:
            return _returned(recipe, span, function(*args, **kwargs))
        except BaseException as error:
            span.fail(error)
            span.finish()
            raise

    return make_wrapper(function, call, is_async=False)


def _coroutine(recipe: Recipe, function: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        span = recipe.start(args, kwargs)
        try:
            return _returned(recipe, span, await function(*args, **kwargs))
        except BaseException as error:
            span.fail(error)
            span.finish()
            raise

    return make_wrapper(function, call, is_async=True)


def _returned(recipe: Recipe, span: Span, output: Any) -> Any:
    """What a function returned, noted on its span; the span ends, or goes on with what is still to be run."""
    follow = _following(output)
    if follow is None or span.otel is None:
        recipe.note_output(span, output)
        span.finish()
        return output
    running = follow(Started(recipe, span), output)
    running.__name__, running.__qualname__ = output.__name__, output.__qualname__
    span.suspend()
    # If nobody runs it, the span ends when it is dropped.
    weakref.finalize(running, span.finish).atexit = False
    return running


class Started:
    """The recipe of a call that has returned already what is still to be run: its span goes on."""

    def __init__(self, recipe: Recipe, span: Span) -> None:
        self._recipe = recipe
        self._span = span

    def start(self, args: tuple[Any, ...], kwargs: dict[str, Any], activate: bool = True) -> Span:
        """The span of the call."""
        return self._span

    def note_output(self, span: Span, output: Any) -> None:
        """See `Recipe.note_output`."""
        self._recipe.note_output(span, output)


async def _awaited(started: Started, coroutine: Coroutine[Any, Any, Any]) -> Any:
    span = started.start((), {})
    span.resume()
    with span:
        output = await coroutine
        started.note_output(span, output)
        return output


_FOLLOWED: dict[type, Callable[[Started, Any], Any]] = {
    GeneratorType: lambda started, running: _generator(started, lambda: running)(),
    AsyncGeneratorType: lambda started, running: _async_generator(started, lambda: running)(),
    CoroutineType: _awaited,
}
"""What a function may return that is run later only, and how its span goes on meanwhile."""


def _following(output: object) -> Callable[[Started, Any], Any] | None:
    follow = _FOLLOWED.get(type(output))
    is_old_coroutine = type(output) is GeneratorType and inspect.isawaitable(output)  # of `types.coroutine`
    return None if is_old_coroutine else follow


def _generator(recipe: Recipe | Started, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        span = recipe.start(args, kwargs, activate=False)
        generator = function(*args, **kwargs)
        yielded = Yielded()
        sent: Any = None
        thrown: BaseException | None = None
        try:
            while True:
                span.resume()  # only while the function's body runs: what its consumer does is not inside
                try:
                    item = generator.send(sent) if thrown is None else generator.throw(thrown)
                except StopIteration as stop:
                    return stop.value
                finally:
                    span.suspend()
                yielded.add(item)
                sent = thrown = None
                try:
                    sent = yield item
                except GeneratorExit:
                    generator.close()
                    raise
                except BaseException as error:  # it is the generator's to handle
                    thrown = error
        except GeneratorExit:
            raise  # the consumer has had enough: no fault
        except BaseException as error:
            span.fail(error)
            raise
        finally:
            recipe.note_output(span, yielded.output())
            span.finish()

    return call


def _async_generator(recipe: Recipe | Started, function: Callable[..., Any]) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        span = recipe.start(args, kwargs, activate=False)
        generator = function(*args, **kwargs)
        yielded = Yielded()
        sent: Any = None
        thrown: BaseException | None = None
        try:
            while True:
                span.resume()
                try:
                    item = await (generator.asend(sent) if thrown is None else generator.athrow(thrown))
                except StopAsyncIteration:
                    return
                finally:
                    span.suspend()
                yielded.add(item)
                sent = thrown = None
                try:
                    sent = yield item
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:  # it is the generator's to handle
                    thrown = error
        except GeneratorExit:
            raise
        except BaseException as error:
            span.fail(error)
            raise
        finally:
            recipe.note_output(span, yielded.output())
            span.finish()

    return call


class Yielded:
    """What a generator yielded, as the output of its span: one text where all of it is text, else a list."""

    def __init__(self, most_items: int = 10_000, most_characters: int = 1 << 20) -> None:
        self._items: list[Any] = []
        self._most_items = most_items
        self._characters_left = most_characters
        self._left_out = 0

    def add(self, item: Any) -> None:
        """Keeps `item`, within bounds."""
        size = len(item) if isinstance(item, str) else 0
        if len(self._items) >= self._most_items or size > self._characters_left:
            self._left_out += 1
            return
        self._characters_left -= size
        self._items.append(item)

    def output(self) -> Any:
        """The output; None where nothing was yielded."""
        if not self._items:
            return None
        mark = f"…[{self._left_out} more were yielded]" if self._left_out else ""
        if all(isinstance(item, str) for item in self._items):
            return "".join(self._items) + mark
        return [*self._items, mark] if mark else self._items


def _has_output(span: Span) -> bool:
    """Whether an output was annotated by hand."""
    return span._says(("output.value", "gen_ai.output.messages"))


def _looks_like_messages(output: Any) -> bool:
    """Whether what an llm function returned can be shown as messages."""
    items = output if isinstance(output, list) else [output]
    return all(isinstance(item, str) or (isinstance(item, Mapping) and "content" in item) for item in items)


def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(function)
    except (TypeError, ValueError):  # some built-in functions and types have none
        return None
