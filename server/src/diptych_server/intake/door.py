"""What a door is: a path, what it takes, and the function that stores what came through it."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from diptych_server.intake.body import THREAD_BYTES
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.reply import Reply

CLIENT = frozenset({"client"})
SERVER = frozenset({"server"})
BOTH = CLIENT | SERVER
NO_KEY: frozenset[str] = frozenset()
"""Kinds of keys that open a door; none of them: a door that tells nothing and stores nothing."""

POST = frozenset({"POST"})

TEXT_TYPES = frozenset(
    {"", "text/plain", "application/json", "application/x-ndjson", "application/octet-stream"}
)
"""What pages can send without a preflight, and what people try by hand."""

OTLP_TYPES = frozenset({"application/x-protobuf", "application/protobuf", "application/json"})

ANY_TYPE: frozenset[str] = frozenset()
"""For a door that does not read what it is sent."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An admitted request with its body read."""

    delivery: Delivery
    body: bytes
    travelled_bytes: int
    content_type: str
    """Lower case, without parameters."""
    boundary: str = ""
    """Of a multipart body."""
    tags: str = ""
    """`ddtags` of the query: what Datadog's older browser SDKs say once for all events of a batch."""


@dataclass(frozen=True, slots=True)
class Door:
    """One path and what it takes."""

    kinds: frozenset[str]
    content_types: frozenset[str]
    body_bytes: int
    inflated_bytes: int
    take: Callable[[Parcel], Awaitable[Reply]]
    has_cors: bool = False
    methods: frozenset[str] = POST


async def work(body: bytes, function: Callable[..., Any], *arguments: Any) -> Any:
    """Decode in place where that is short; a large body goes to a thread, so that others are not held up."""
    if len(body) > THREAD_BYTES:
        return await asyncio.to_thread(function, *arguments)
    return function(*arguments)
