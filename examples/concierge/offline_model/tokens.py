"""Tokens of the stand-in: how many a text counts for, and how fast they leave."""

import asyncio
import json
import math
import re
from collections.abc import Awaitable, Callable, Iterator

CHARACTERS_PER_TOKEN = 4
"""The usual rule of thumb for English. Real tokenizers differ by ten percent or so."""

MESSAGE_OVERHEAD_TOKENS = 4
"""Counted for the frame of each message and each tool definition."""

TOKENS_PER_SECOND = 70.0
FIRST_TOKEN_S = 0.4
"""A small hosted model's pace, at speed 1."""

STALL_S = 4.0
STALLS_AFTER_CHARACTERS = 60
"""A stalling model falls silent for so long, once, at this place of an answer; `speed` does not matter."""


def count(value: object) -> int:
    """Estimated tokens of a text, or of anything else as compact JSON."""
    text = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    return math.ceil(len(text) / CHARACTERS_PER_TOKEN)


def pieces(text: str) -> Iterator[str]:
    """The text in the small bits that a stream carries: one to three words, by a fixed rhythm."""
    words = re.findall(r"\s*\S+\s*$|\s*\S+", text)
    at, rhythm = 0, 0
    while at < len(words):
        size = (2, 1, 3, 1, 2)[rhythm % 5]
        yield "".join(words[at : at + size])
        at, rhythm = at + size, rhythm + 1


class Pace:
    """Waits as long as a model would take. `speed` 2 is twice as fast; 0 does not wait at all."""

    def __init__(
        self,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        *,
        stalls: bool = False,
    ) -> None:
        if speed < 0:
            raise ValueError(f"speed: expected 0 or more, got {speed}")
        self._speed = speed
        self._stalls = stalls
        self._sleep = sleep

    async def before_first_token(self) -> None:
        """Waits for the thinking before the first word."""
        await self._wait(FIRST_TOKEN_S)

    async def after(self, text: str, written_characters: int = 0) -> None:
        """Waits for the time it takes to write `text`, after so much else of the message."""
        await self._wait(count(text) / TOKENS_PER_SECOND)
        if self._stalls and written_characters <= STALLS_AFTER_CHARACTERS < written_characters + len(text):
            await self._sleep(STALL_S)

    async def _wait(self, duration_s: float) -> None:
        if self._speed:
            await self._sleep(duration_s / self._speed)
