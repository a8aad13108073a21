"""A folder of built files, served from memory: types, entity tags, gzip."""

import asyncio
import gzip
import hashlib
import re
from pathlib import Path
from typing import NamedTuple

from diptych_server.app.requests import Scope, Send, header, send_body

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
"""Written out: Python's `mimetypes` depends on the machine."""

PACKED_ALREADY = frozenset({".png", ".woff2", ".ico"})

MIN_GZIP_BYTES = 1_000

_SAFE_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
"""Relative, no hidden file, no way up."""


class File(NamedTuple):
    """One file, ready to send."""

    stamp: tuple[int, int]
    content_type: str
    body: bytes
    gzipped: bytes | None
    etag: str


class Files:
    """The files of a folder; each is read when first asked for, and anew when it has changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: dict[str, File] = {}

    async def find(self, name: str) -> File | None:
        """Give the file of a relative name, or None where there is none."""
        if not _SAFE_NAME.fullmatch(name):
            return None
        return await asyncio.to_thread(self._find, name)

    def _find(self, name: str) -> File | None:
        path = self._folder / name
        try:
            status = path.stat()
            stamp = (status.st_mtime_ns, status.st_size)
            known = self._known.get(name)
            if known is None or known.stamp != stamp:
                known = self._known[name] = _load(path, stamp)
        except (OSError, ValueError):
            return None
        return known


async def send_file(
    file: File, scope: Scope, send: Send, headers: tuple[tuple[str, str], ...], *, status: int = 200
) -> None:
    """Answer with a file; 304 where the client has it already."""
    etag = f'"{file.etag}"'
    headers = (("content-type", file.content_type), ("etag", etag), ("vary", "accept-encoding"), *headers)
    if etag in header(scope, b"if-none-match"):
        await send_body(scope, send, 304, b"", headers)
    elif file.gzipped is not None and "gzip" in header(scope, b"accept-encoding"):
        await send_body(scope, send, status, file.gzipped, (("content-encoding", "gzip"), *headers))
    else:
        await send_body(scope, send, status, file.body, headers)


def _load(path: Path, stamp: tuple[int, int]) -> File:
    content_type = TYPES.get(path.suffix, "application/octet-stream")
    return packed(path.read_bytes(), content_type, stamp, pack=path.suffix not in PACKED_ALREADY)


def packed(body: bytes, content_type: str, stamp: tuple[int, int], *, pack: bool = True) -> File:
    """Make a body ready to send, gzipped where that is worth it."""
    pack = pack and len(body) >= MIN_GZIP_BYTES
    return File(
        stamp=stamp,
        content_type=content_type,
        body=body,
        gzipped=gzip.compress(body, mtime=0) if pack else None,
        etag=hashlib.sha256(body).hexdigest()[:32],
    )
