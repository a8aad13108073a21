"""The archive: its place, and what its manifest says of it."""

from pathlib import Path

import msgspec

from .frames import Recorded, unpack

ARCHIVE = Path(__file__).with_name("visits.xz")


class Start(msgspec.Struct, frozen=True):
    """When a visit was recorded, and how long before the end of the sample it belongs."""

    recorded_ms: int
    """Of its first request or event, epoch ms."""
    ago_ms: int
    ends_ms: int
    """Of its last request or event, epoch ms."""


class Counts(msgspec.Struct, frozen=True):
    """What a server that was sent the whole sample holds."""

    sessions: int
    """With events of the page."""
    replays: int
    """Sessions with a recording."""
    traces: int
    linked_traces: int
    """Traces that name a session."""
    answers: int
    reactions: int
    """Different ones: an event that was sent twice is one."""
    evaluations: int
    failed_evaluations: int


class Manifest(msgspec.Struct, frozen=True):
    """Stands beside the archive as readable JSON."""

    counts: Counts
    visits: dict[int, Start]

    @classmethod
    def of(cls, archive: Path) -> "Manifest":
        """The manifest of an archive."""
        return msgspec.json.decode(manifest_of(archive).read_bytes(), type=cls)


def manifest_of(archive: Path) -> Path:
    """Where the manifest of an archive lies."""
    return archive.with_suffix(".json")


def recorded(archive: Path = ARCHIVE) -> list[Recorded]:
    """All requests of an archive, those of a visit together."""
    return unpack(archive)
