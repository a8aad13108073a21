"""What Datadog's browser SDKs send besides events and replay: profiles, logs, flags. Counted, not kept."""

from diptych_server.intake.door import Parcel
from diptych_server.intake.drops import Drops
from diptych_server.intake.reply import Reply

QUOTA_ANSWER = b'{"data":{"attributes":{"admitted":false,"reason":"org_disabled"}}}'
"""Tells the SDK's profiler not to start: its profiles would not be kept."""


class Track:
    """Accepts one track, as its client expects, and counts what was not kept."""

    def __init__(self, name: str, drops: Drops) -> None:
        self._reason = f"datadog.{name}"
        self._drops = drops

    async def take(self, _: Parcel) -> Reply:
        """Count one request."""
        self._drops.lost(self._reason)
        return Reply(202, b"{}")


async def quota(_: Parcel) -> Reply:
    """Whether the page may profile."""
    return Reply(200, QUOTA_ANSWER)
