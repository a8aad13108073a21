"""Headers of an incoming request, with the ids of its query where a page could send no header.

`EventSource` and `WebSocket` take no headers of the page's: there the ids come as query parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote

QUERY_NAMES = ("dip-session", "dip-traceparent")

Pairs = list[tuple[str, str]]


def from_asgi(scope: Mapping[str, Any]) -> Pairs:
    """The headers of an ASGI connection."""
    pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope.get("headers", ())]
    return _with_query(pairs, scope.get("query_string", b"").decode("latin-1"))


def from_wsgi(environ: Mapping[str, Any]) -> Pairs:
    """The headers of a WSGI request."""
    pairs = [
        (name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")
    ]
    return _with_query(pairs, environ.get("QUERY_STRING", ""))


def from_aiohttp(request: Any) -> Pairs:
    """The headers of a request of aiohttp's server."""
    return _with_query(list(request.headers.items()), request.rel_url.raw_query_string)


def _with_query(pairs: Pairs, query: str) -> Pairs:
    if "dip-" not in query:
        return pairs
    present = {name.lower() for name, _ in pairs}
    named = parse_qsl(query, max_num_fields=1_000) if query.count("&") < 1_000 else []
    # A header's value is percent-encoded, a query's has been decoded.
    return pairs + [
        (name, quote(value, safe="-")) for name, value in named if name in QUERY_NAMES and name not in present
    ]
