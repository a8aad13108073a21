"""Decorators: each call of the function is a span of the kind that the decorator is named after.

    @agent
    async def answer(question: str) -> str: ...

    @tool(name="search-catalogue")
    def search(words: str) -> list[dict]: ...

They take plain, async, generator and async generator functions. Arguments become the span's input, what is
returned (or yielded) its output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

from ._decorating import Recipe, decorate
from ._problems import problem

__all__ = ["agent", "embedding", "llm", "retrieval", "task", "tool", "workflow"]

F = TypeVar("F", bound=Callable[..., Any])


class _Step:
    """A decorator with the options that workflow, task, tool and retrieval share."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    @overload
    def __call__(self, function: F, /) -> F: ...

    @overload
    def __call__(
        self,
        function: None = None,
        /,
        *,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
        _automatic_io_annotation: bool = True,
    ) -> Callable[[F], F]: ...

    def __call__(
        self,
        function: F | None = None,
        /,
        *,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
        _automatic_io_annotation: bool = True,
    ) -> F | Callable[[F], F]:
        """Decorates `function`.

        Args:
            function: what to decorate.
            name: of the span; the function's own by default.
            session_id: the same for every call; an id of a request is annotated instead.
            ml_app: name of the AI application.
            agent_service: ddtrace's newer name for `ml_app`.
            _automatic_io_annotation: whether arguments and result are recorded.
        """

        extra: Mapping[str, Any] = {}
        options = (session_id, ml_app or agent_service, extra, _automatic_io_annotation)
        return _applied(self._kind, function, name, options)


class _Agent:
    """The decorator of agents."""

    @overload
    def __call__(self, function: F, /) -> F: ...

    @overload
    def __call__(
        self,
        function: None = None,
        /,
        *,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
        version: str | None = None,
        _automatic_io_annotation: bool = True,
    ) -> Callable[[F], F]: ...

    def __call__(
        self,
        function: F | None = None,
        /,
        *,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
        version: str | None = None,
        _automatic_io_annotation: bool = True,
    ) -> F | Callable[[F], F]:
        """Decorates `function`; `version` is the agent's, the rest as for the other decorators."""
        extra: Mapping[str, Any] = {} if version is None else {"gen_ai.agent.version": version}

        options = (session_id, ml_app or agent_service, extra, _automatic_io_annotation)
        return _applied("agent", function, name, options)


class _Model:
    """A decorator with the options that llm and embedding share."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    @overload
    def __call__(self, function: F, /) -> F: ...

    @overload
    def __call__(
        self,
        function: None = None,
        /,
        *,
        model_name: str | None = None,
        model_provider: str | None = None,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> Callable[[F], F]: ...

    def __call__(
        self,
        function: F | None = None,
        /,
        *,
        model_name: str | None = None,
        model_provider: str | None = None,
        name: str | None = None,
        session_id: str | None = None,
        ml_app: str | None = None,
        agent_service: str | None = None,
    ) -> F | Callable[[F], F]:
        """Decorates `function`, which calls the model `model_name` of `model_provider`."""
        extra: dict[str, Any] = {}
        if model_name is not None:
            extra["gen_ai.request.model"] = model_name
        if model_provider is not None:
            extra["gen_ai.provider.name"] = model_provider.lower()

        return _applied(self._kind, function, name, (session_id, ml_app or agent_service, extra, True))


def _applied(
    kind: str,
    function: F | None,
    name: str | None,
    options: tuple[str | None, str | None, Mapping[str, Any], bool],
) -> F | Callable[[F], F]:
    """The decorated function, or a decorator where options were given first."""
    if isinstance(function, str):
        problem("decorator", "a function, and options by their names, as @workflow(name=…)", function)
        name, function = name or function, None

    def wrap(wrapped: F) -> F:
        return decorate(wrapped, lambda called: Recipe(kind, called, name, *options))

    return wrap if function is None else wrap(function)


workflow = _Step("workflow")
"""A fixed sequence of steps."""

task = _Step("task")
"""A step that asks no model and nothing outside."""

tool = _Step("tool")
"""A tool that a model can ask for."""

retrieval = _Step("retrieval")
"""A search for documents; annotate what it found as `output_data`."""

agent = _Agent()
"""A loop in which a model decides what to do next."""

llm = _Model("llm")
"""A call of a model."""

embedding = _Model("embedding")
"""A call of an embedding model."""
