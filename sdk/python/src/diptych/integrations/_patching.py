"""Replacing a method of somebody else's class, and undoing it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

Around = Callable[..., Any]
"""Called with the original method, then the arguments of the call (`self` first)."""


def patch(owner: type, name: str, around: Around) -> Callable[[], None]:
    """Makes `owner.name(…)` call `around(original, …)`; returns how to undo it.

    Undoing does nothing where somebody else has patched the method since: their patch calls ours.
    """
    original = getattr(owner, name)

    @wraps(original)
    def patched(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(owner, name, patched)

    def undo() -> None:
        if getattr(owner, name) is patched:
            setattr(owner, name, original)

    return undo
