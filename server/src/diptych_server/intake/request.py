"""One HTTP request as a door sees it: path, query, headers and the key it carries."""

from collections.abc import Mapping
from email.message import Message
from typing import Any
from urllib.parse import parse_qs, unquote

KEY_PREFIX = "/k/"
"""A key inside the path, for senders that can set a URL and no header: `/k/<key>/v1/traces`."""

BEARER = "bearer "


class Request:
    """Read once from an ASGI scope. The key never becomes part of a text that could be logged."""

    __slots__ = ("headers", "method", "path", "query", "secret")

    def __init__(self, scope: Mapping[str, Any]) -> None:
        self.method: str = scope["method"]
        self.headers: dict[str, str] = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        self.query: dict[str, str] = query_of(scope["query_string"])
        self.path, in_path = split_key(scope["path"])
        self.secret: str = in_path or self.query.get("key", "") or _from_headers(self.headers)

    @property
    def boundary(self) -> str:
        """What divides the parts of a multipart body; empty when the content type names none."""
        message = Message()
        message["content-type"] = self.header("content-type")
        return message.get_boundary("")

    def header(self, name: str) -> str:
        """Value of a header by its lower-case name; empty when absent."""
        return self.headers.get(name, "")


def split_key(path: str) -> tuple[str, str]:
    """The path without its `/k/<key>` prefix, and the key (empty when there is none)."""
    if not path.startswith(KEY_PREFIX):
        return path, ""
    secret, slash, rest = path[len(KEY_PREFIX) :].partition("/")
    return slash + rest or "/", unquote(secret)


def query_of(query: bytes) -> dict[str, str]:
    """The first value of each name of a query string."""
    if not query:
        return {}
    pairs = parse_qs(query.decode("latin-1"), keep_blank_values=True, errors="replace", max_num_fields=100)
    return {name: values[0] for name, values in pairs.items()}


def _from_headers(headers: Mapping[str, str]) -> str:
    authorization = headers.get("authorization", "")
    if authorization.lower().startswith(BEARER):
        return authorization[len(BEARER) :].strip()
    return headers.get("dd-api-key", "").strip()
