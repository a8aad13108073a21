"""Requests one after the other in one file: each is a line of JSON that says what it is, then its body.

The archive of the sample is such a file, packed with LZMA: the visits share one page, so that a large
dictionary finds nearly all of a recording in the one before.
"""

import lzma
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Literal

import msgspec

Door = Literal["rum", "replay", "traces", "evaluations"]


class Frame(msgspec.Struct, frozen=True, omit_defaults=True):
    """One request as an SDK sent it, its body unpacked."""

    door: Door
    """The last part of the path: `/v1/<door>`."""
    at_ms: int
    """When it arrived at the recorder, epoch ms."""
    content_type: str = "text/plain"
    user_agent: str = ""
    visit: int = -1
    """Which visit it belongs to; -1 while that is not yet known."""


class _Head(msgspec.Struct):
    frame: Frame
    body_bytes: int


Recorded = tuple[Frame, bytes]


def write(file: IO[bytes], frame: Frame, body: bytes) -> None:
    """Adds a request."""
    file.write(msgspec.json.encode(_Head(frame, len(body))) + b"\n" + body)


def read(file: IO[bytes]) -> Iterator[Recorded]:
    """The requests in their order.

    Raises:
        ValueError: the file ends in the middle of a request, or is no such file.
    """
    decoder = msgspec.json.Decoder(_Head)
    while line := file.readline():
        head = decoder.decode(line)
        body = file.read(head.body_bytes)
        if len(body) < head.body_bytes:
            raise ValueError(f"expected {head.body_bytes} bytes of a body, got {len(body)}")
        yield head.frame, body


def pack(path: Path, requests: Iterable[Recorded]) -> None:
    """Writes an archive."""
    filters = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME}]
    with lzma.open(path, "wb", filters=filters) as file:
        for frame, body in requests:
            write(file, frame, body)


def unpack(path: Path) -> list[Recorded]:
    """All requests of an archive."""
    with lzma.open(path, "rb") as file:
        return list(read(file))
