"""Reads a request's body and inflates it, both against a limit that is checked while it arrives."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from diptych_server.errors import BadRequest, ProblemError, TooLarge, Unavailable, UnsupportedType
from diptych_server.intake.limits import MIB

Receive = Callable[[], Awaitable[Mapping[str, Any]]]

GZIP = zlib.MAX_WBITS | 16
ZLIB = zlib.MAX_WBITS
RAW_DEFLATE = -zlib.MAX_WBITS

THREAD_BYTES = 1 * MIB
"""Above this the work on a body leaves the event loop: it would hold up every other request."""


class Disconnected(Exception):
    """The sender closed the connection before its body was complete; nobody waits for an answer."""


class RequestTimeout(ProblemError):
    """The body did not arrive in time."""

    status = 408
    title = "Request timeout"


class BodyRoom:
    """Bounds the bytes of all bodies that are in memory at one time."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._held_bytes = 0

    def take(self, count: int) -> None:
        """Take room for `count` bytes.

        Raises:
            Unavailable: there is none now.
        """
        if self._held_bytes + count > self._limit_bytes:
            raise Unavailable("too many large requests at once; send this one again", retry_after_s=1)
        self._held_bytes += count

    def give(self, count: int) -> None:
        """Give back what was taken."""
        self._held_bytes -= count


class Body:
    """The bytes of one request; use it as a context, since the room they take is given back at its end."""

    def __init__(self, room: BodyRoom) -> None:
        self._room = room
        self._taken = 0
        self.size = 0
        """Bytes as they travelled."""

    def __enter__(self) -> "Body":
        return self

    def __exit__(self, *exc: object) -> None:
        self._room.give(self._taken)

    async def read(self, receive: Receive, content_length: str, limit_bytes: int, seconds: float) -> bytes:
        """The whole body.

        Raises:
            TooLarge: over `limit_bytes`, by its Content-Length or while it arrives.
            Disconnected: the sender went away.
            RequestTimeout: it took longer than `seconds`.
        """
        if content_length.isdigit() and int(content_length) > limit_bytes:
            raise _too_large(limit_bytes)
        try:
            async with asyncio.timeout(seconds):
                return await self._read(receive, limit_bytes)
        except TimeoutError as exc:
            raise RequestTimeout(f"the body did not arrive within {seconds:g} s") from exc

    async def _read(self, receive: Receive, limit_bytes: int) -> bytes:
        chunks: list[bytes] = []
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Disconnected
            chunk: bytes = message.get("body", b"")
            if chunk:
                self.size += len(chunk)
                if self.size > limit_bytes:
                    raise _too_large(limit_bytes)
                self._take(len(chunk))
                chunks.append(chunk)
            if not message.get("more_body", False):
                return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def inflate(self, data: bytes, encoding: str, limit_bytes: int) -> bytes:
        """`data` without its content encoding.

        Raises:
            TooLarge: it inflates to more than `limit_bytes`.
            BadRequest: it is damaged or cut off.
            UnsupportedType: an encoding other than gzip and deflate.
        """
        if encoding in ("", "identity"):
            return data
        if len(data) > THREAD_BYTES // 8:
            inflated = await asyncio.to_thread(inflate, data, encoding, limit_bytes)
        else:
            inflated = inflate(data, encoding, limit_bytes)
        self._take(len(inflated))
        return inflated

    def _take(self, count: int) -> None:
        self._room.take(count)
        self._taken += count


def inflate(data: bytes, encoding: str, limit_bytes: int) -> bytes:
    """Inflate gzip or deflate (zlib, or raw as some clients send it), never holding more than the limit."""
    if encoding in ("gzip", "x-gzip"):
        return _inflate(data, GZIP, limit_bytes)
    if encoding == "deflate":
        return _inflate(data, ZLIB if _is_zlib(data) else RAW_DEFLATE, limit_bytes)
    raise UnsupportedType(f"content encoding: expected gzip, deflate or none, got {encoding[:40]!r}")


def _inflate(data: bytes, window_bits: int, limit_bytes: int) -> bytes:
    parts: list[bytes] = []
    room = limit_bytes
    try:
        while True:
            stream = zlib.decompressobj(window_bits)
            part = stream.decompress(data, room + 1)
            if len(part) > room:
                raise _too_large(limit_bytes, "inflated body")
            parts.append(part)
            if not stream.eof:
                raise BadRequest("the compressed body is cut off: its end is missing")
            room -= len(part)
            # A gzip body may be several members, one after the other (RFC 1952, 2.2).
            data = stream.unused_data
            if not data or window_bits != GZIP:
                return b"".join(parts)
    except zlib.error as exc:
        raise BadRequest(f"the compressed body is damaged: {exc}") from exc


def _is_zlib(data: bytes) -> bool:
    """Whether two header bytes of RFC 1950 stand at the start."""
    return len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0


def _too_large(limit_bytes: int, what: str = "body") -> TooLarge:
    return TooLarge(f"the {what} is over the limit of {limit_bytes} bytes")
