"""The document in which a recorded page is rebuilt: what it may load, and how it learns of that."""

import re
from collections.abc import Sequence

from diptych_server.errors import StartError

ORIGIN = re.compile(r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")
"""Scheme, host and port, as a browser writes an origin: nothing else may get into a policy or a document."""

LOADING = ("img-src", "style-src", "font-src")
"""The directives that a replay's origins are added to."""

HEAD = b"<head>"


def parse_origins(origins: Sequence[str]) -> tuple[str, ...]:
    """The origins that recorded pages may load pictures, fonts and styles from.

    Raises:
        StartError: one of them is no origin.
    """
    parsed = tuple(origin.strip().lower().removesuffix("/") for origin in origins)
    for origin in parsed:
        if not ORIGIN.fullmatch(origin):
            raise StartError(
                f"replay_origins: expected an origin such as https://cdn.example.com, got {origin!r}"
            )
    return parsed


def frame_policy(built: str, origins: Sequence[str]) -> str:
    """The policy that was built with the frame, with the origins added where they may be loaded from."""
    if not origins:
        return built
    more = " ".join(origins)
    directives = [directive.strip() for directive in built.split(";")]
    return "; ".join(
        f"{directive} {more}" if directive.split(" ")[0] in LOADING else directive for directive in directives
    )


def frame_document(built: bytes, origins: Sequence[str]) -> bytes:
    """The frame, told which style sheets it need not take out of a recording."""
    if not origins:
        return built
    meta = f'<meta name="diptych-replay-origins" content="{" ".join(origins)}" />'
    return built.replace(HEAD, HEAD + meta.encode(), 1)
