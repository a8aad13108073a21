"""One keep-alive connection that asks and times: small, since it shares the machine with the server."""

import http.client
import json
import time
from typing import Any
from urllib.parse import quote, urlsplit

from bench.server_process import Server

TIMEOUT_S = 60.0


class Reader:
    """Asks the query API as a holder of the read key."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=TIMEOUT_S)
        self._headers = {"Authorization": f"Bearer {server.keys['read']}"}

    def ask(self, path: str) -> float:
        """Milliseconds from asking to the last byte."""
        return self._get(path)[0]

    def answer(self, path: str) -> dict[str, Any]:
        """What is answered."""
        found: dict[str, Any] = json.loads(self._get(path)[1])
        return found

    def _get(self, path: str) -> tuple[float, bytes]:
        target = "/api/v1" + quote(path, safe="/?&=")
        began = time.perf_counter()
        self._connection.request("GET", target, headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        took_ms = (time.perf_counter() - began) * 1000
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status} {body[:300]!r}")
        return took_ms, body

    def close(self) -> None:
        """End the connection."""
        self._connection.close()
