"""Who may pass a door: the key, its kind, the origin of the page, and the key's share of requests."""

import time
from collections import OrderedDict
from collections.abc import Callable

from diptych_server.access.keys import Key, Keyring
from diptych_server.errors import Forbidden, TooManyRequests, Unauthorized
from diptych_server.intake.reply import Header
from diptych_server.intake.request import Request

BURST_SECONDS = 2
"""A key that was quiet may send this many seconds' worth at once."""

MAX_KEYS = 10_000
"""Keys whose rate is remembered; the least recent is forgotten, which only ever helps its owner."""

PREFLIGHT_SECONDS = b"7200"
"""Chromium's own maximum for Access-Control-Max-Age."""


class Gate:
    """Lets a request in by its key, or says why not."""

    def __init__(
        self, keyring: Keyring, requests_per_second: int, *, now_s: Callable[[], float] = time.monotonic
    ) -> None:
        self._keyring = keyring
        self._rate = requests_per_second
        self._now_s = now_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def admit(self, request: Request, kinds: frozenset[str]) -> Key:
        """The key of the request.

        Raises:
            Unauthorized: there is none, or it is unknown or revoked.
            Forbidden: it is of another kind, or its page stands on another origin.
            TooManyRequests: it is over its rate.
        """
        if not request.secret:
            raise Unauthorized(
                "no key: give it as ?key=, as Authorization: Bearer, or in the path as /k/<key>/"
            )
        key = self._keyring.find(request.secret)
        if key is None:
            raise Unauthorized("the key is unknown or revoked")
        if key.kind not in kinds:
            raise Forbidden(f"expected a {' or '.join(sorted(kinds))} key, got a {key.kind} key")
        origin = request.header("origin")
        if key.origins and origin and not _is_allowed(origin, key.origins):
            raise Forbidden(f"the origin {origin[:200]} is not one of this key's origins")
        self._spend(key.id)
        return key

    def _spend(self, key_id: str) -> None:
        """Take one request from the key's bucket, which fills at its rate."""
        now = self._now_s()
        full = float(self._rate * BURST_SECONDS)
        left, at = self._buckets.pop(key_id, (full, now))
        left = min(full, left + (now - at) * self._rate)
        if left < 1:
            self._buckets[key_id] = (left, now)
            raise TooManyRequests(f"over {self._rate} requests a second for this key", retry_after_s=1)
        self._buckets[key_id] = (left - 1, now)
        if len(self._buckets) > MAX_KEYS:
            self._buckets.popitem(last=False)


def cors(origin: str) -> list[Header]:
    """Lets the page read the answer, errors too; no cookie ever goes with such a request."""
    return [
        (b"access-control-allow-origin", origin.encode("latin-1") or b"*"),
        # Without this the SDK cannot read when to come back.
        (b"access-control-expose-headers", b"Retry-After"),
        (b"vary", b"Origin"),
    ]


def preflight(request: Request) -> list[Header]:
    """Headers that answer an OPTIONS request of the CORS protocol."""
    asked = request.header("access-control-request-headers") or "content-type,authorization"
    return [
        (b"access-control-allow-methods", b"POST, GET, OPTIONS"),
        (b"access-control-allow-headers", asked.encode("latin-1")),
        (b"access-control-max-age", PREFLIGHT_SECONDS),
    ]


def _is_allowed(origin: str, origins: tuple[str, ...]) -> bool:
    """Origins are compared without case and without a closing slash, which people add."""
    return origin.lower() in (allowed.rstrip("/").lower() for allowed in origins)
