"""One HTTP request to the server, and what its answer means for the batch that was sent."""

from __future__ import annotations

import email.utils
import gzip
import time
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ._drops import HEADER, Drops

if TYPE_CHECKING:
    import requests

_GZIP_LEVEL = 3
"""Level 6 takes twice the time of level 3 for 5 to 10 % fewer bytes on chat text (measured)."""

_GZIP_FROM_BYTES = 1_024
"""Smaller bodies gain nothing."""

_RETRYABLE = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed later (OTLP/HTTP names 429, 502, 503 and 504)."""

_CONNECT_TIMEOUT_S = 3.0

_HINTS = {
    401: ": the key is not known",
    403: ": spans need a server key",
    404: ": nothing takes spans at this address",
}
"""What to look at after a status."""


class Verdict(Enum):
    """What to do with a batch after a request."""

    DELIVERED = "delivered"
    RETRY = "retry"
    SPLIT = "split"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one request."""

    verdict: Verdict
    reason: str = ""
    """Why it was not delivered: `http_<status>` or `unreachable`."""

    hint: str = ""
    """What stands behind the reason, for the log."""

    retry_after_s: float | None = None
    """What the server asked us to wait."""

    body: bytes = b""
    content_type: str = ""


class Transport:
    """POSTs to one URL over a kept-alive connection; used by one worker thread at a time.

    Proxies and certificate bundles of the environment are honoured (`requests`' rules).
    """

    def __init__(self, url: str, key: str, content_type: str, timeout_s: float, drops: Drops) -> None:
        self.url = url
        self._timeout_s = timeout_s
        self._drops = drops
        self._headers = {"Content-Type": content_type, "User-Agent": "diptych-python"}
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        self._session: requests.Session | None = None

    def send(self, body: bytes, timeout_s: float | None = None) -> Answer:
        """Sends `body` (gzip-compressed where that pays) and never raises for a network's faults."""
        import requests  # 80 ms, in the worker thread, only once something is sent

        if self._session is None:
            self._session = requests.Session()
        headers = self._headers
        if len(body) >= _GZIP_FROM_BYTES:
            body = gzip.compress(body, compresslevel=_GZIP_LEVEL)
            headers = {**headers, "Content-Encoding": "gzip"}
        if report := self._drops.report():
            headers = {**headers, HEADER: report}
        read_timeout_s = self._timeout_s if timeout_s is None else min(self._timeout_s, max(timeout_s, 0.05))
        try:
            response = self._session.post(
                self.url,
                data=body,
                headers=headers,
                timeout=(min(_CONNECT_TIMEOUT_S, read_timeout_s), read_timeout_s),
                allow_redirects=False,
            )
        except requests.RequestException as error:
            self.reset()
            return Answer(Verdict.RETRY, "unreachable", f", {_origin(self.url)}: {_cause(error)}")
        answer = _judge(response.status_code, response)
        if report and answer.verdict is Verdict.DELIVERED:
            self._drops.told(report)
        return answer

    def reset(self) -> None:
        """Forgets the connection: it broke, or it belongs to the parent process."""
        session, self._session = self._session, None
        if session is not None:
            session.close()


def _judge(status: int, response: requests.Response) -> Answer:
    """The verdict for an HTTP status."""
    if 200 <= status < 300:
        return Answer(
            Verdict.DELIVERED, body=response.content, content_type=response.headers.get("Content-Type", "")
        )
    reason = f"http_{status}"
    if status in _RETRYABLE:
        retry_after_s = parse_retry_after(response.headers.get("Retry-After"))
        return Answer(Verdict.RETRY, reason, retry_after_s=retry_after_s)
    if status == 413:
        return Answer(Verdict.SPLIT, reason)
    hint = _HINTS.get(status, "")
    if response.is_redirect:
        # Not followed: a POST becomes a GET on the way, and the key would go to whomever it names.
        hint = f": it redirects to {_origin(response.headers['Location'])}, give that as url"
    return Answer(Verdict.REFUSED, reason, hint)


def _origin(url: str) -> str:
    """An address without its path, in which a key may stand."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}" if parts.netloc else "another path"


def _cause(error: BaseException) -> str:
    """What is at the bottom of a request that failed, in a few words."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    told = getattr(error, "verify_message", None) or getattr(error, "strerror", None)
    # Not its whole text: that has the address, in whose path a key may stand.
    return told if isinstance(told, str) and told else type(error).__name__


def parse_retry_after(text: str | None, now_s: float | None = None) -> float | None:
    """Seconds of a `Retry-After` header: a number, or a date (RFC 9110, 10.2.3); None where unreadable."""
    if text is None:
        return None
    try:
        return max(float(text), 0.0)
    except ValueError:
        pass
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(moment.timestamp() - (time.time() if now_s is None else now_s), 0.0)
