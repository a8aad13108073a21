"""What the Python SDK lost before it could send it, told in a header of its next request.

    Diptych-Dropped: 4f3a…; http_413=2, queue_full=120

The counts are sums since the sending process started. Of each process the last sums are remembered, and only
what is new is counted: a request that is sent again adds nothing.
"""

import re
from collections import OrderedDict

from diptych_server.intake.drops import Drops

HEADER = "diptych-dropped"

MAX_CHARACTERS = 1_000
"""A longer header is none of our SDK's, and is ignored."""

MAX_SENDERS = 1_000
"""Processes whose sums are remembered; the least recent is forgotten."""

MAX_REASONS = 20
"""Of one process; the SDK knows half as many."""

_REPORT = re.compile(r"([0-9a-f]{16}); ([a-z0-9_]{1,40}=\d{1,12}(?:, [a-z0-9_]{1,40}=\d{1,12})*)")


class Losses:
    """Adds what senders tell of their losses to those of the server, as `python_sdk.<reason>`."""

    def __init__(self, drops: Drops) -> None:
        self._drops = drops
        self._known: OrderedDict[tuple[str, str], dict[str, int]] = OrderedDict()

    def told(self, key_id: str, report: str) -> None:
        """Count what is new in the header of an admitted request; what is no report is ignored."""
        found = _REPORT.fullmatch(report) if len(report) <= MAX_CHARACTERS else None
        if found is None:
            return
        sender = (key_id, found[1])
        known = self._known.pop(sender, {})
        for part in found[2].split(", "):
            reason, _, digits = part.partition("=")
            new = int(digits) - known.get(reason, 0)
            if new > 0 and (reason in known or len(known) < MAX_REASONS):
                self._drops.lost(f"python_sdk.{reason}", new)
                known[reason] = known.get(reason, 0) + new
        self._known[sender] = known
        if len(self._known) > MAX_SENDERS:
            self._known.popitem(last=False)
