"""What one request, key and session may send."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Generous for honest senders; every one can be set."""

    browser_body_bytes: int = 5 * MIB
    """Body of `/v1/rum` and `/v1/replay`, as it travels."""
    browser_inflated_bytes: int = 20 * MIB
    """The same, inflated. Recordings shrink to a tenth."""
    server_body_bytes: int = 20 * MIB
    """Body of the senders' doors: OTLP, evaluations."""
    server_inflated_bytes: int = 64 * MIB
    """The same, inflated."""
    bodies_in_memory_bytes: int = 256 * MIB
    """Bodies of all requests that are being read or stored; above it new ones are asked to come again."""
    body_seconds: int = 30
    """How long a body may take to arrive."""
    requests_per_second: int = 2_000
    """A key's sustained rate; a burst may hold twice as many."""
    session_events: int = 200_000
    """Events of one session from a client door: a client key is public."""
    session_bytes: int = 500 * MIB
    """Event and replay bytes of one session, as they travel."""
    retention_days: int = 30
    """Written on each row; retention deletes by it."""
