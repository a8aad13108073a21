"""What is known of a request besides its body: whose it is, and when it was sent and received."""

from dataclasses import dataclass

DAY_MS = 24 * 60 * 60 * 1000
FUTURE_MS = 5 * 60 * 1000
"""How far before and after its arrival an event may stand; partitions and retention rely on it."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One admitted request."""

    project_id: str
    key_kind: str
    received_at_ms: int
    clock_offset_ms: int | None
    """Received minus sent; None when the sender did not say when it sent."""
    retention_days: int
    user_agent: str = ""

    def seen_at(self, ts_ms: int) -> int:
        """The sender's time on our clock: corrected by the offset, within a day of the arrival."""
        at = ts_ms + (self.clock_offset_ms or 0)
        return max(self.received_at_ms - DAY_MS, min(at, self.received_at_ms + FUTURE_MS))


def clock_offset_ms(sent_at: str, received_at_ms: int) -> int | None:
    """Received minus sent, from the `sent_at` of a query (epoch ms); None when there is none to trust."""
    digits = sent_at.partition(".")[0]
    if not digits.isdecimal() or not digits.isascii() or len(digits) > 15:
        return None
    return received_at_ms - int(digits)
