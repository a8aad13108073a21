"""The recorder: answers the SDKs as the server's doors do, and keeps what they send."""

import gzip
import socket
import threading
import time
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from .frames import Door, Frame, write


class Tape:
    """Doors on a free port of loopback; what comes in is written to `path`."""

    def __init__(self, path: Path, sdk: Path) -> None:
        self._file = path.open("wb")
        listening = socket.create_server(("127.0.0.1", 0))
        self.url = "http://{}:{}".format(*listening.getsockname()[:2])
        doors: tuple[Door, ...] = ("rum", "replay", "traces", "evaluations")
        app = Starlette(
            routes=[
                *(Route(f"/v1/{door}", self._keep(door), methods=["POST"]) for door in doors),
                Mount("/sdk", StaticFiles(directory=sdk)),
            ],
            middleware=[Middleware(CORSMiddleware, allow_origins=["*"], allow_methods=["POST"])],
        )
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]})
        self._thread.start()

    def close(self) -> None:
        """Stops, and leaves a complete file."""
        self._server.should_exit = True
        self._thread.join()
        self._file.close()

    def _keep(self, door: Door):  # type: ignore[no-untyped-def]  # an endpoint of Starlette
        async def keep(request: Request) -> Response:
            at_ms = time.time_ns() // 1_000_000
            body = await request.body()
            headers = request.headers
            if headers.get("content-encoding") == "gzip" or request.query_params.get("encoding") == "gzip":
                body = gzip.decompress(body)
            content_type = headers.get("content-type", "").partition(";")[0]
            write(self._file, Frame(door, at_ms, content_type, headers.get("user-agent", "")), body)
            if door == "traces":
                return Response(b"", media_type="application/x-protobuf")
            return JSONResponse({"accepted": 1, "rejected": 0, "reasons": []}, status_code=202)

        return keep
