"""Asking the server that runs on a data folder, through its socket."""

import http.client
import socket
from pathlib import Path
from typing import TypeVar

import msgspec

TIMEOUT_SECONDS = 30

Answer = TypeVar("Answer")


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket in the file system."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TIMEOUT_SECONDS)
        self.sock.connect(str(self._path))


def ask(control_socket: Path, path: str, answer: type[Answer]) -> Answer | None:
    """Give what the running server answers, or None where none runs on this folder."""
    connection = _Connection(control_socket)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read()
    except OSError:
        return None
    finally:
        connection.close()
    return msgspec.json.decode(body, type=answer) if response.status == 200 else None
