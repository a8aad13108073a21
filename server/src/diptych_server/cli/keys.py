"""`diptych keys` and `diptych link`: they touch the accounts only, so they work while the server runs."""

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from urllib.parse import urlsplit

import msgspec

from diptych_server.access.keys import create_key
from diptych_server.access.sign_in import create_link
from diptych_server.cli.running import ask
from diptych_server.cli.serve import settings_of
from diptych_server.errors import BadRequest
from diptych_server.store.accounts import DEFAULT_PROJECT, Accounts


class Running(msgspec.Struct):
    """What a link needs to know of the running server."""

    public_url: str


def create(arguments: argparse.Namespace) -> int:
    """Make a key; it alone goes to stdout."""
    origins = tuple(_origin(text) for text in arguments.origin)
    with _accounts(arguments) as accounts:
        known = {project.id for project in accounts.projects()}
        project = accounts.ensure_project(arguments.project or DEFAULT_PROJECT)
        secret, _ = create_key(accounts, arguments.kind, project.id, origins)
    if arguments.project and project.id not in known:
        print(f"made the project {project.name!r}, its id is {project.id}", file=sys.stderr)
    print(secret)
    return 0


def show(arguments: argparse.Namespace) -> int:
    """List all keys."""
    with _accounts(arguments) as accounts:
        stored = accounts.list_keys()
    lines = [("ID", "KIND", "PROJECT", "KEY", "MADE", "STATE", "ORIGINS")]
    lines += [
        (
            key.id,
            key.kind,
            key.project_id,
            f"{key.prefix}…",
            _day(key.created_at_ms),
            "good" if key.revoked_at_ms is None else "revoked",
            " ".join(key.origins) or "any",
        )
        for key in stored
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        print("  ".join(map(str.ljust, line, widths)).rstrip())
    return 0


def revoke(arguments: argparse.Namespace) -> int:
    """Revoke a key."""
    with _accounts(arguments) as accounts:
        accounts.revoke_key(arguments.key)
    print(f"revoked {arguments.key}", file=sys.stderr)
    return 0


def link(arguments: argparse.Namespace) -> int:
    """Print a new sign-in link."""
    settings = settings_of(arguments)
    running = ask(settings.control_socket, "/status", Running)
    public_url = (
        running.public_url if running is not None and not arguments.public_url else settings.public_url
    )
    with _accounts(arguments) as accounts:
        print(create_link(accounts, public_url))
    if running is None:
        # A folder that is mistyped is made anew, and its link would open no door.
        print(
            f"diptych: no server answers on {settings.data}: the link works once `diptych serve` runs there",
            file=sys.stderr,
        )
    return 0


@contextmanager
def _accounts(arguments: argparse.Namespace) -> Iterator[Accounts]:
    accounts = Accounts.open(settings_of(arguments).accounts)
    try:
        yield accounts
    finally:
        accounts.close()


def _origin(text: str) -> str:
    """Check a site's origin and give it as browsers send it: scheme, name and port, nothing else."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise BadRequest(f"--origin: expected http(s)://NAME[:PORT], got {text!r}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def _day(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y-%m-%d")
