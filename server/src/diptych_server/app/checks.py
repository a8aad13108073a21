"""What `diptych doctor` looks at, in plain words. Each check gives findings; none raises."""

import shutil
from pathlib import Path
from typing import Literal

import msgspec

from diptych_server.app.pages import STATIC
from diptych_server.errors import DiptychError
from diptych_server.settings import Settings
from diptych_server.store.accounts import Accounts
from diptych_server.store.database import Database

Level = Literal["ok", "warn", "fail"]

MIN_FREE_BYTES = 2_000_000_000
"""Below it a day of a busy site may not fit, and merges of the engine need room of their own."""

BYTES_PER_GB = 1_000_000_000

PRIVATE_MODE = 0o077
"""Permission bits of other people; none of them should be set on the data folder."""

STORED = """
SELECT version() AS version, sum(rows) AS rows, sum(bytes_on_disk) AS bytes
FROM system.parts WHERE active AND database = currentDatabase()
"""


class Finding(msgspec.Struct):
    """One thing that was looked at."""

    level: Level
    about: str
    says: str


def check_data_folder(settings: Settings) -> list[Finding]:
    """Look at the folder: there, ours alone, room left."""
    about, folder = "data folder", settings.data
    if not folder.is_dir():
        return [Finding("fail", about, f"{folder} does not exist; `diptych serve` makes it")]
    free_bytes = shutil.disk_usage(folder).free
    free = f"{free_bytes / BYTES_PER_GB:.1f} GB free"
    findings = [Finding("ok" if free_bytes >= MIN_FREE_BYTES else "warn", about, f"{folder}, {free}")]
    if folder.stat().st_mode & PRIVATE_MODE:
        findings.append(
            Finding("warn", about, f"other users of this machine can look in: chmod 700 {folder}")
        )
    return findings


def check_keys(accounts: Accounts) -> list[Finding]:
    """Look at the keys: of each kind one, and none of a page that any site may use."""
    good = [key for key in accounts.list_keys() if key.revoked_at_ms is None]
    findings = [
        Finding("warn", "keys", f"no {kind} key, so {who} cannot send: `diptych keys create {kind}`")
        for kind, who in (("client", "pages"), ("server", "agents"))
        if not any(key.kind == kind for key in good)
    ]
    findings += [
        Finding(
            "warn", "keys", f"{key.id} may be used by any site; `keys create client --origin URL` limits one"
        )
        for key in good
        if key.kind == "client" and not key.origins
    ]
    return [Finding("ok", "keys", f"{len(good)} in {len(accounts.projects())} project(s)"), *findings]


def check_files(static: Path = STATIC) -> list[Finding]:
    """Look whether the UI and the browser SDK were built."""
    wanted = (
        ("the UI", "ui/index.html"),
        ("the replay frame", "ui/replay-frame.html"),
        ("the SDK", "sdk/diptych.js"),
    )
    return [
        Finding("ok", "files", f"{what} is built")
        if (static / name).is_file()
        else Finding("fail", "files", f"{what} is not built: `make setup`, or install the wheel")
        for what, name in wanted
    ]


def check_exposure(settings: Settings) -> list[Finding]:
    """Look at who can reach what."""
    about = "exposure"
    if settings.host in ("127.0.0.1", "::1", "localhost"):
        return [Finding("ok", about, "this machine alone, or a proxy on it, reaches the UI and the API")]
    findings = []
    if not settings.is_tls:
        findings.append(
            Finding(
                "warn", about, "keys and cookies travel unencrypted: put TLS in front, set DIPTYCH_PUBLIC_URL"
            )
        )
    if not settings.intake:
        findings.append(
            Finding("warn", about, "who can send can also reach the UI and the API: --intake separates them")
        )
    return findings or [
        Finding("ok", about, f"behind {settings.public_url}, doors apart at {settings.intake}")
    ]


async def check_store(database: Database) -> list[Finding]:
    """Ask the engine for its version and size."""
    try:
        row = (await database.query(STORED))[0]
    except DiptychError as exc:
        return [Finding("fail", "store", str(exc))]
    size = f"{int(row['bytes']) / BYTES_PER_GB:.2f} GB"
    return [Finding("ok", "store", f"engine {row['version']}, {int(row['rows']):,} rows, {size}")]


def check_drops(counts: dict[str, int]) -> list[Finding]:
    """Tell what was lost since the server started."""
    lost = [Finding("warn", "dropped", f"{reason}: {count:,}") for reason, count in sorted(counts.items())]
    return lost or [Finding("ok", "dropped", "nothing since the server started")]
