"""Reading and answering bare ASGI requests."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
"""Any ASGI app: https://asgi.readthedocs.io/en/latest/specs/www.html"""


def header(scope: Scope, name: bytes) -> str:
    """Give a request header (`name` in lower case), or an empty text."""
    for key, value in scope["headers"]:
        if key == name:
            text: str = value.decode("latin-1")
            return text
    return ""


async def send_body(
    scope: Scope, send: Send, status: int, body: bytes, headers: Iterable[tuple[str, str]]
) -> None:
    """Answer in one go; a HEAD request gets the headers alone."""
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    encoded.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent, "more_body": False})
