"""A closed-loop load over keep-alive connections: each sends a request and waits for its answer.

A small client of its own: a full HTTP client takes more of the two cores than the server it measures.
"""

import asyncio
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class LoadResult:
    """What a load saw: acknowledgement times in milliseconds, answers by status, the wall time."""

    acknowledged_ms: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)
    wall_s: float = 0.0

    def percentile_ms(self, share: float) -> float:
        """Acknowledgement time below which `share` of the requests were."""
        ordered = sorted(self.acknowledged_ms)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def read_answer(reader: asyncio.StreamReader) -> int:
    """Read one HTTP/1.1 answer whole; returns its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    if b"content-length:" in head:
        length = int(head.split(b"content-length:", 1)[1].split(b"\r\n", 1)[0])
        await reader.readexactly(length)
    return status


async def run_connection(
    host: str, port: int, head: bytes, bodies: "asyncio.Queue[bytes]", result: LoadResult
) -> None:
    """One connection: until no body is left."""
    reader, writer = await asyncio.open_connection(host, port)
    while not bodies.empty():
        body = bodies.get_nowait()
        began = time.perf_counter()
        writer.write(head + str(len(body)).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        status = await read_answer(reader)
        result.acknowledged_ms.append((time.perf_counter() - began) * 1000)
        result.statuses[status] = result.statuses.get(status, 0) + 1
    writer.close()
    await writer.wait_closed()


async def closed_loop(
    url: str, bodies: list[bytes], *, connections: int, key: str, content_type: str
) -> LoadResult:
    """Send every body once over `connections` connections."""
    parts = urlsplit(url)
    host, port = parts.hostname or "127.0.0.1", parts.port or 80
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    head = (
        f"POST {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: "
    ).encode()
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    for body in bodies:
        queue.put_nowait(body)
    result = LoadResult()
    began = time.perf_counter()
    await asyncio.gather(*(run_connection(host, port, head, queue, result) for _ in range(connections)))
    result.wall_s = time.perf_counter() - began
    return result
