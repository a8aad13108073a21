"""Scripts of Node that measure in a real Chromium which is signed in to a server."""

import json
import subprocess
from pathlib import Path
from typing import TypeVar

import msgspec

from bench.server_process import DIPTYCH, Server

Measured = TypeVar("Measured")


def run(script: Path, server: Server, *arguments: str, into: type[Measured]) -> Measured:
    """What a script prints as one line of JSON, given the server, a sign-in link and its arguments."""
    command = ["node", str(script), server.url, sign_in_link(server), *arguments]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return msgspec.convert(json.loads(out), into)


def sign_in_link(server: Server) -> str:
    """A fresh one-time link to this server."""
    link = subprocess.run(
        [DIPTYCH, "link", "--data", str(server.data)], check=True, capture_output=True, text=True
    ).stdout.strip()
    return server.url + link[link.index("/", len("https://")) :]
