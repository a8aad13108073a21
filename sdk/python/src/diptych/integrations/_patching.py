"""Replacing methods of other people's classes once they are imported, and undoing it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from types import ModuleType
from typing import Any

from wrapt import register_post_import_hook

from diptych._problems import failure

Around = Callable[..., Any]
"""Called with the original method, then the arguments of the call (`self` first)."""


def patch(owner: type | ModuleType, name: str, around: Around) -> Callable[[], None]:
    """Makes `owner.name(…)` call `around(original, …)`; returns how to undo it.

    Undoing does nothing where somebody else has patched the method since: their patch calls ours.
    """

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *args, **kwargs: around(original, *args, **kwargs)

    return replace(owner, name, make)


def replace(
    owner: type | ModuleType, name: str, make: Callable[[Callable[..., Any]], Callable[..., Any]]
) -> Callable[[], None]:
    """Puts `make(original)` in the place of `owner.name`; returns how to undo it, as `patch` does.

    For methods whose signature is asked for: the replacement has one of its own, which `patch` would hide.
    """
    original = getattr(owner, name)
    replacement = wraps(original)(make(original))
    setattr(owner, name, replacement)

    def undo() -> None:
        if getattr(owner, name) is replacement:
            setattr(owner, name, original)

    return undo


def when_imported(
    module: str, instrument: Callable[[ModuleType], list[Callable[[], None]]]
) -> Callable[[], None]:
    """Calls `instrument` with the module as soon as it is imported, at once where it is already.

    Args:
        module: its name.
        instrument: returns how to undo what it did, in order.

    Returns:
        How to undo it, or to prevent it where the module has not been imported yet.
    """
    undo: list[Callable[[], None]] = []
    is_stopped = False

    def imported(found: ModuleType) -> None:
        if is_stopped:
            return
        try:
            undo.extend(instrument(found))
        except Exception as error:  # the host's import must not fail for our sake
            failure(f"integration of {module}", error)

    def stop() -> None:
        nonlocal is_stopped
        is_stopped = True
        while undo:
            undo.pop()()

    register_post_import_hook(imported, module)
    return stop
