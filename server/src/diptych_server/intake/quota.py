"""What one session may send through a client door: its key is public, anybody can write into a session."""

from collections import OrderedDict

MAX_SESSIONS = 100_000
"""Sessions that are remembered, the least recent forgotten first; about 30 MB."""


class Quota:
    """Events and bytes by session, counted in memory since the session was last forgotten."""

    def __init__(self, max_events: int, max_bytes: int) -> None:
        self._max_events = max_events
        self._max_bytes = max_bytes
        self._used: OrderedDict[tuple[str, str], tuple[int, int]] = OrderedDict()

    def spend(self, project_id: str, session_id: str, size_bytes: int, events: int = 1) -> bool:
        """Count events of a session; False, and not counted, when they would take it over its share."""
        key = (project_id, session_id)
        used_events, used_bytes = self._used.pop(key, (0, 0))
        fits = used_events + events <= self._max_events and used_bytes + size_bytes <= self._max_bytes
        if fits:
            used_events += events
            used_bytes += size_bytes
        self._used[key] = (used_events, used_bytes)
        if len(self._used) > MAX_SESSIONS:
            self._used.popitem(last=False)
        return fits
