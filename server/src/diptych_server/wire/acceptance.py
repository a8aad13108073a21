"""What a door answers: how much of a batch was kept, and why the rest was not."""

import msgspec


class Reason(msgspec.Struct, kw_only=True):
    """Why one item of a batch was refused."""

    index: int
    """Position in the batch, from 0."""
    where: str
    """Path of the fault inside the item, `$` for the whole, as msgspec writes it."""
    expected: str
    got: str


class Acceptance(msgspec.Struct, kw_only=True):
    """The 202 of `/v1/rum`, `/v1/replay` and `/v1/evaluations`."""

    accepted: int
    rejected: int
    reasons: list[Reason] = []
    """At most 100, the first ones."""


class Position(msgspec.Struct, kw_only=True):
    """Characters of a text, counted from 0; the last one is before `end`."""

    start: int
    end: int


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Problem details, RFC 9457 (application/problem+json)."""

    type: str
    """`about:blank`, or a stable `urn:diptych:problem:<slug>`."""
    title: str
    status: int
    detail: str
    where: str | None = None
    position: Position | None = None
    """The characters of the search that cannot be understood."""
