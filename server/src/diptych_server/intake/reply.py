"""What a door answers, and how it is written to the connection."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from diptych_server.errors import ProblemError
from diptych_server.wire.acceptance import Acceptance, Problem

Header = tuple[bytes, bytes]

NO_CONTENT = 204

_encode = msgspec.json.encode


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole HTTP answer."""

    status: int
    body: bytes = b""
    content_type: bytes = b"application/json"
    headers: list[Header] = field(default_factory=list)

    async def send(self, send: Any, cors: list[Header]) -> None:
        """Write it; `cors` are the headers that let a page read it."""
        headers = [(b"content-length", str(len(self.body)).encode()), *self.headers, *cors]
        if self.status != NO_CONTENT:
            # OTLP's answer in protobuf is an empty message more often than not; its type says which it is.
            headers.append((b"content-type", self.content_type))
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        await send({"type": "http.response.body", "body": self.body})


def accepted(acceptance: Acceptance) -> Reply:
    """The 202 of our own doors."""
    return Reply(202, _encode(acceptance))


def problem(error: ProblemError) -> Reply:
    """An error as problem details, RFC 9457."""
    return problem_of(error.status, error.title, error.detail, error.where, error.retry_after_s)


def problem_of(
    status: int, title: str, detail: str, where: str | None = None, retry_after_s: int | None = None
) -> Reply:
    """Problem details of any status."""
    headers: list[Header] = []
    if retry_after_s is not None:
        headers.append((b"retry-after", str(retry_after_s).encode()))
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    body = _encode(Problem(type="about:blank", title=title, status=status, detail=detail, where=where))
    return Reply(status, body, b"application/problem+json", headers)
