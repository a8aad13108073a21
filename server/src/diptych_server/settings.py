"""Every setting of the server: one table, from which the command line, the environment and the docs come.

Order: argument > environment > file > default.

    diptych serve --port 9000      an argument
    DIPTYCH_PORT=9000              the environment
    port = 9000                    the file: TOML, `diptych.toml` in the data folder, or what `--config` names
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec

from diptych_server.errors import StartError

CONFIG_FILE = "diptych.toml"

CONTROL_SOCKET = "diptych.sock"
"""In the data folder: where commands talk to the running server."""

MAX_PORT = 65_535


class Setting(NamedTuple):
    """How a setting is written and what it does; its type and default stand at the field."""

    metavar: str
    help: str
    shown_default: str | None = None
    """For a default that is made from other settings."""


def _default_data() -> Path:
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
    access_log: Annotated[
        bool, Setting("", "Log a line a request: method, path, status, time. No query, no key.")
    ] = False

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
        return _address(self.intake) if self.intake else None

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


def load_settings(
    arguments: Mapping[str, object] | None = None,
    environment: Mapping[str, str] = os.environ,
    config: Path | None = None,
) -> Settings:
    """Resolve all settings.

    Args:
        arguments: values from the command line by setting name; None is "not given".
        environment: `DIPTYCH_<NAME>` variables; an empty one is "not given".
        config: the settings file; else `diptych.toml` in the data folder, where that exists.

    Raises:
        StartError: a value is none of its setting's, or the file has a setting that we do not know.
    """
    given = {name: value for name, value in (arguments or {}).items() if value is not None}
    from_environment = {
        row.name: environment[row.environment_name] for row in TABLE if environment.get(row.environment_name)
    }
    data = given.get("data") or from_environment.get("data") or _default_data()
    from_file = _read_file(config, Path(str(data)))
    values: dict[str, Any] = {}
    for row in TABLE:
        for source, where in (
            (given, row.argument_name),
            (from_environment, row.environment_name),
            (from_file, row.name),
        ):
            if row.name in source:
                values[row.name] = _convert(row, source[row.name], where)
                break
    return _resolve(values)


def _read_file(config: Path | None, data: Path) -> dict[str, object]:
    path = config or data.expanduser() / CONFIG_FILE
    if config is None and not path.exists():
        return {}
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as exc:
        raise StartError(f"the settings file {path} cannot be read: {exc.strerror}") from exc
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as exc:
        raise StartError(f"the settings file {path} is not TOML: {exc}") from exc
    known = {row.name for row in TABLE} - (set() if config else {"data"})
    if unknown := sorted(set(read) - known):
        raise StartError(f"the settings file {path} has settings that are not known: {', '.join(unknown)}")
    return read


def _convert(row: Row, value: object, where: str) -> object:
    if get_origin(row.type) is tuple and isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    if row.type is Path:
        return Path(str(value)).expanduser()
    if row.type is bool and isinstance(value, str):
        value = {"on": "true", "yes": "true", "off": "false", "no": "false"}.get(value.lower(), value)
    try:
        converted: object = msgspec.convert(value, row.type, strict=False)
    except msgspec.ValidationError as exc:
        raise StartError(f"{where}: {exc}; it is {value!r}") from exc
    return converted


def _resolve(values: dict[str, Any]) -> Settings:
    """Check what types cannot say, and fill in the defaults that come from other settings."""
    settings = Settings(**values)
    data = (values.get("data") or _default_data()).absolute()
    for name, port in (("port", settings.port), ("intake", _address(settings.intake)[1])):
        if not 0 <= port <= MAX_PORT:
            raise StartError(f"{name}: expected a port from 0 to {MAX_PORT}, got {port}")
    for network in settings.trusted_proxies:
        _check_network(network)
    return Settings(
        **values
        | {
            "data": data,
            "store": settings.store or f"chdb://{data / 'store'}",
            "blobs": settings.blobs or f"file://{data / 'blobs'}",
            "accounts": settings.accounts or f"sqlite:///{data / 'accounts.db'}",
            "public_url": _public_url(settings),
        }
    )


def _address(text: str) -> tuple[str, int]:
    if not text:
        return "", 0
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdecimal():
        raise StartError(f"intake: expected HOST:PORT, got {text!r}")
    return host.strip("[]"), int(port)


def _check_network(text: str) -> None:
    try:
        ip_network(text, strict=False)
    except ValueError as exc:
        raise StartError(f"trusted_proxies: expected an address or a network, got {text!r}") from exc


def _public_url(settings: Settings) -> str:
    if not settings.public_url:
        return settings.local_url
    parts = urlsplit(settings.public_url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/"):
        raise StartError(
            f"public_url: expected http(s)://NAME[:PORT] without a path, got {settings.public_url!r}"
        )
    return f"{parts.scheme}://{parts.netloc}"


def settings_markdown() -> str:
    """Render the table of settings for the docs."""
    lines = [
        "# Settings",
        "",
        "Order: argument > environment > file > default. The file is TOML with the names of the arguments, `_`",
        "for `-`: `diptych.toml` in the data folder, or what `--config` names. Flags take `on` or `off` in the",
        "environment, `true` or `false` in the file.",
        "",
        "| argument of `serve` | environment | default | what it does |",
        "| --- | --- | --- | --- |",
    ]
    for row in TABLE:
        argument = f"{row.argument_name} {row.setting.metavar}".strip()
        lines.append(
            f"| `{argument}` | `{row.environment_name}` | `{row.shown_default}` | {row.setting.help} |"
        )
    return "\n".join(lines) + "\n"
