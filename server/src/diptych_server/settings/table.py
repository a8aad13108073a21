"""The table of settings: names, types, defaults and what they do."""

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_type_hints

from diptych_server.errors import StartError
from diptych_server.intake.limits import MIB, Limits
from diptych_server.privacy.patterns import BUILT_IN

CONTROL_SOCKET = "diptych.sock"
"""In the data folder: where commands talk to the running server."""

DEFAULTS = Limits()


class Setting(NamedTuple):
    """How a setting is written and what it does; its type and default stand at the field."""

    metavar: str
    help: str
    shown_default: str | None = None
    """For a default that is made from other settings."""


def default_data() -> Path:
    """Give the folder for the data of this user."""
    # https://specifications.freedesktop.org/basedir-spec/latest/
    home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(home) / "diptych"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one server, all resolved: the table itself."""

    host: Annotated[str, Setting("HOST", "Address to listen on. 0.0.0.0 is every address.")] = "127.0.0.1"
    port: Annotated[int, Setting("PORT", "Port to listen on.")] = 8400
    intake: Annotated[
        str,
        Setting(
            "HOST:PORT",
            "A second address that serves the doors of browsers and the SDK alone, to open to the world.",
            "none",
        ),
    ] = ""
    data: Annotated[
        Path, Setting("DIR", "Folder of everything that is stored.", "~/.local/share/diptych")
    ] = Path()
    store: Annotated[str, Setting("URL", "Store of events: chdb:///DIR.", "chdb:///DATA/store")] = ""
    blobs: Annotated[str, Setting("URL", "Store of replays: file:///DIR.", "file:///DATA/blobs")] = ""
    accounts: Annotated[
        str,
        Setting(
            "URL",
            "Projects, keys, sign-ins: sqlite:///FILE or postgresql+psycopg://…",
            "sqlite:///DATA/accounts.db",
        ),
    ] = ""
    public_url: Annotated[
        str, Setting("URL", "Where people reach this server; links and snippets use it.", "http://HOST:PORT")
    ] = ""
    allowed_hosts: Annotated[
        tuple[str, ...],
        Setting(
            "NAMES",
            "More names that requests for the UI and the API may be addressed to, comma between; `.a.b` is "
            "any name below a.b. Addresses, loopback names and the public URL's name always are.",
        ),
    ] = ()
    trusted_proxies: Annotated[
        tuple[str, ...],
        Setting(
            "ADDRESSES",
            "Addresses or networks (10.0.0.0/8) of proxies, comma between, whose X-Forwarded-For and "
            "X-Forwarded-Proto are believed.",
        ),
    ] = ()
    memory_mb: Annotated[
        int, Setting("MB", "What the embedded engine may take before it refuses a query.")
    ] = 1500
    browser_body_mb: Annotated[
        int, Setting("MB", "Body of a request to `/v1/rum`, `/v1/replay` and `/datadog`, as it travels.")
    ] = DEFAULTS.browser_body_bytes // MIB
    browser_inflated_mb: Annotated[int, Setting("MB", "The same, inflated.")] = (
        DEFAULTS.browser_inflated_bytes // MIB
    )
    server_body_mb: Annotated[
        int, Setting("MB", "Body of a request of an agent or a job, as it travels.")
    ] = DEFAULTS.server_body_bytes // MIB
    server_inflated_mb: Annotated[int, Setting("MB", "The same, inflated.")] = (
        DEFAULTS.server_inflated_bytes // MIB
    )
    bodies_in_memory_mb: Annotated[
        int, Setting("MB", "Bodies of all requests under way; above it new ones are asked to come again.")
    ] = DEFAULTS.bodies_in_memory_bytes // MIB
    body_seconds: Annotated[int, Setting("SECONDS", "How long a body may take to arrive.")] = (
        DEFAULTS.body_seconds
    )
    requests_per_second: Annotated[
        int, Setting("COUNT", "Requests of a key, sustained; a burst may hold twice as many.")
    ] = DEFAULTS.requests_per_second
    session_events: Annotated[
        int, Setting("COUNT", "Events of one session, since a client key is public.")
    ] = DEFAULTS.session_events
    session_mb: Annotated[int, Setting("MB", "Events and replay of one session, as they travel.")] = (
        DEFAULTS.session_bytes // MIB
    )
    retention_days: Annotated[int, Setting("DAYS", "How long what arrives from now on is kept.")] = (
        DEFAULTS.retention_days
    )
    privacy: Annotated[
        tuple[str, ...],
        Setting(
            "RULES",
            "What is replaced in everything before it is stored, comma between: "
            f"{', '.join(BUILT_IN)}, or your own as name=regular expression (in the file, as a list, where "
            "it has a comma).",
        ),
    ] = ()
    behaviour_off: Annotated[
        tuple[str, ...],
        Setting(
            "PROJECTS",
            "Ids of projects, comma between, in which behaviour makes no evaluations from now on; `*` is "
            "all. Thumbs do, and reactions stand on the answer anyway.",
        ),
    ] = ()
    replay_origins: Annotated[
        tuple[str, ...],
        Setting(
            "ORIGINS",
            "Origins whose pictures, fonts and style sheets replays may load, comma between: "
            "https://cdn.example.com. Each load tells that origin that somebody watches.",
        ),
    ] = ()
    access_log: Annotated[
        bool, Setting("", "Log a line a request: method, path, status, time. No query, no key.")
    ] = False

    @property
    def limits(self) -> Limits:
        """What one request, key and session may send."""
        return Limits(
            browser_body_bytes=self.browser_body_mb * MIB,
            browser_inflated_bytes=self.browser_inflated_mb * MIB,
            server_body_bytes=self.server_body_mb * MIB,
            server_inflated_bytes=self.server_inflated_mb * MIB,
            bodies_in_memory_bytes=self.bodies_in_memory_mb * MIB,
            body_seconds=self.body_seconds,
            requests_per_second=self.requests_per_second,
            session_events=self.session_events,
            session_bytes=self.session_mb * MIB,
            retention_days=self.retention_days,
        )

    @property
    def is_tls(self) -> bool:
        """Whether people reach this server through TLS, so that cookies are Secure."""
        return self.public_url.startswith("https://")

    @property
    def local_url(self) -> str:
        """Where this machine reaches the server."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104 - not bound here
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def intake_address(self) -> tuple[str, int] | None:
        """Host and port of the second listener, if there is one."""
        return split_address(self.intake) if self.intake else None

    @property
    def control_socket(self) -> Path:
        """Where commands talk to this server while it runs."""
        return self.data / CONTROL_SOCKET


class Row(NamedTuple):
    """A row of the table of settings."""

    name: str
    type: Any
    default: object
    setting: Setting

    @property
    def environment_name(self) -> str:
        """Name of the environment variable."""
        return f"DIPTYCH_{self.name.upper()}"

    @property
    def argument_name(self) -> str:
        """Name of the argument."""
        return "--" + self.name.replace("_", "-")

    @property
    def shown_default(self) -> str:
        """The default as docs and help show it."""
        if self.setting.shown_default is not None:
            return self.setting.shown_default
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        return str(self.default) if self.default != () else "none"


def _table() -> tuple[Row, ...]:
    hints = get_type_hints(Settings, include_extras=True)
    rows = []
    for field in fields(Settings):
        annotated = get_args(hints[field.name])
        rows.append(Row(field.name, annotated[0], field.default, annotated[1]))
    return tuple(rows)


TABLE = _table()
"""The rows, in the order in which help and docs show them."""


def split_address(text: str) -> tuple[str, int]:
    """Split HOST:PORT; an empty text is port 0 of no host.

    Raises:
        StartError: it is neither.
    """
    if not text:
        return "", 0
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise StartError(f"intake: expected HOST:PORT, got {text!r}")
    return host.strip("[]"), int(port)
