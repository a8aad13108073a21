"""Decorated functions that cost next to nothing while LLM Observability is off.

A wrapper that takes `*args, **kwargs` packs and unpacks them: six times an empty call (measured). One with
the function's own parameters takes less than twice, but a call with wrong arguments would fail in front of
it, and be seen nowhere: a model that calls a tool wrongly is what an engineer looks for. So a decorated
function has two codes, one with the parameters and one that takes anything, and `_switch` changes them over.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import CodeType, FunctionType
from typing import Any

from . import _switch

_ANYTHING = "*args, **kwargs"


def make_wrapper(
    function: Callable[..., Any], around: Callable[..., Any], is_async: bool
) -> Callable[..., Any]:
    """A function that calls `around` with all arguments, or just `function` while LLM Observability is off.

    Args:
        function: plain or async.
        around: calls it in a span; async where it is.
        is_async: whether a call of the function gives a coroutine.
    """
    on = _code("around", _ANYTHING, _ANYTHING, is_async)
    if isinstance(function, FunctionType):
        bare = _name_beside(function.__code__.co_varnames)
        off = _code(bare, *_parameters(function.__code__), is_async)
        wrapper = FunctionType(
            on, {"around": around, bare: function}, function.__name__, function.__defaults__
        )
        wrapper.__kwdefaults__ = function.__kwdefaults__
    else:
        off = _code("bare", _ANYTHING, _ANYTHING, is_async)
        wrapper = FunctionType(on, {"around": around, "bare": function})
    _switch.follow(wrapper, on, off)
    return wrapper


def _name_beside(taken: tuple[str, ...]) -> str:
    """A name that is no parameter's."""
    name = "bare"
    while name in taken:
        name += "_"
    return name


def _parameters(code: CodeType) -> tuple[str, str]:
    """The parameters of a function, and how to hand them on, as source text."""
    names = list(code.co_varnames)
    positional = [names.pop(0) for _ in range(code.co_argcount)]
    keyword_only = [names.pop(0) for _ in range(code.co_kwonlyargcount)]
    declared, given = positional[:], positional[:]
    if code.co_posonlyargcount:
        declared.insert(code.co_posonlyargcount, "/")
    if code.co_flags & inspect.CO_VARARGS:
        rest = f"*{names.pop(0)}"
        declared.append(rest)
        given.append(rest)
    elif keyword_only:
        declared.append("*")
    declared += keyword_only
    given += [f"{name}={name}" for name in keyword_only]
    if code.co_flags & inspect.CO_VARKEYWORDS:
        others = f"**{names.pop(0)}"
        declared.append(others)
        given.append(others)
    return ", ".join(declared), ", ".join(given)


@functools.lru_cache(maxsize=1_024)  # a function that is decorated in every request is compiled once
def _code(called: str, declared: str, given: str, is_async: bool) -> CodeType:
    """The code of a function with the parameters `declared` that calls the global `called`."""
    define, call = ("async def", "await ") if is_async else ("def", "")
    defined: dict[str, Any] = {}
    # Nothing from outside: keywords, our own names, and identifiers of a function that is compiled already.
    exec(f"{define} wrapper({declared}): return {call}{called}({given})", defined)  # noqa: S102
    code: CodeType = defined["wrapper"].__code__
    return code
