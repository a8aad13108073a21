"""Whether LLM Observability is on, and the functions that run bare while it is off."""

from __future__ import annotations

import threading
from types import CodeType, FunctionType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from ._client import Client

client: Client | None = None
"""What `LLMObs.enable` made; None while LLM Observability is off."""

_lock = threading.Lock()

_codes: WeakKeyDictionary[FunctionType, tuple[CodeType, CodeType]] = WeakKeyDictionary()
"""Decorated functions, each with its code while on and while off."""


def turn(to: Client | None) -> None:
    """Puts a client, or none, in force."""
    global client
    with _lock:
        client = to
        for function, (on, off) in _codes.items():
            function.__code__ = off if to is None else on


def follow(function: FunctionType, on: CodeType, off: CodeType) -> None:
    """Lets `function` run `off` while LLM Observability is off, and `on` while it is on."""
    with _lock:
        _codes[function] = (on, off)
        function.__code__ = off if client is None else on
