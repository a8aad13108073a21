"""`diptych doctor`: what is right and wrong with a deployment, in plain words."""

import argparse
import asyncio
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing

from diptych_server.app.checks import (
    Finding,
    check_data_folder,
    check_exposure,
    check_files,
    check_keys,
    check_store,
)
from diptych_server.app.control import CHECKS, STATUS, Status
from diptych_server.app.version import VERSION
from diptych_server.cli.running import ask
from diptych_server.cli.serve import settings_of
from diptych_server.errors import StartError
from diptych_server.settings import Settings
from diptych_server.store.accounts import Accounts
from diptych_server.store.database import Database

TIMEOUT_SECONDS = 5


def run(arguments: argparse.Namespace) -> int:
    """Print a line a finding; the exit code is 1 when something does not work."""
    settings = settings_of(arguments)
    failed = False
    for finding in _findings(settings):
        failed = failed or finding.level == "fail"
        print(f"{finding.level:<5} {finding.about:<12} {finding.says}", flush=True)
    return 1 if failed else 0


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from check_data_folder(settings)
    yield from _accounts(settings)
    status = ask(settings.control_socket, STATUS, Status)
    if status is None:
        yield Finding("warn", "server", "none runs on this data folder")
        if settings.data.is_dir():
            yield from asyncio.run(_open_store(settings))
        yield from check_exposure(settings)
    else:
        yield from _server(settings, status)
    yield from check_files()


def _accounts(settings: Settings) -> Iterator[Finding]:
    if not settings.data.is_dir() and settings.accounts.startswith("sqlite"):
        return
    try:
        with closing(Accounts.open(settings.accounts)) as accounts:
            yield from check_keys(accounts)
    except StartError as exc:
        yield Finding("fail", "accounts", str(exc))


async def _open_store(settings: Settings) -> list[Finding]:
    try:
        database = await asyncio.to_thread(Database.open, settings.store)
    except StartError as exc:
        return [Finding("fail", "store", str(exc))]
    try:
        return await check_store(database)
    finally:
        await asyncio.to_thread(database.close)


def _server(settings: Settings, status: Status) -> Iterator[Finding]:
    level, note = ("ok", "") if status.version == VERSION else ("warn", f", this command is {VERSION}")
    yield Finding("ok" if level == "ok" else "warn", "server", f"version {status.version}{note}")
    yield from ask(settings.control_socket, CHECKS, list[Finding]) or []
    yield _reach("doors", f"{status.local_url}/v1/rum", 405)
    yield _reach("UI and API", f"{status.local_url}/health", 200)
    if status.intake:
        yield _reach("intake", f"http://{status.intake}/v1/rum", 405)
    if status.public_url != status.local_url:
        yield _reach("public URL", f"{status.public_url}/health", 200)


def _reach(about: str, url: str, expected_status: int) -> Finding:
    """Ask an address of ours; a door answers GET with 405, which proves that it is there."""
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_SECONDS) as response:  # noqa: S310 - http(s), checked by settings
            found = response.status
    except urllib.error.HTTPError as exc:
        found = exc.code
    except (OSError, ValueError) as exc:
        return Finding("fail", about, f"{url} cannot be reached: {getattr(exc, 'reason', exc)}")
    if found != expected_status:
        return Finding("fail", about, f"{url} answers {found}, expected {expected_status}")
    return Finding("ok", about, f"{url} answers")
