"""Resolving the settings: argument > environment > file > default."""

import os
import tomllib
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, get_origin
from urllib.parse import urlsplit

import msgspec

from diptych_server.errors import StartError
from diptych_server.privacy.rules import Rules
from diptych_server.settings.table import TABLE, Row, Settings, default_data, split_address

CONFIG_FILE = "diptych.toml"

MAX_PORT = 65_535


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
    data = given.get("data") or from_environment.get("data") or default_data()
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
    data = (values.get("data") or default_data()).absolute()
    for name, port in (("port", settings.port), ("intake", split_address(settings.intake)[1])):
        if not 0 <= port <= MAX_PORT:
            raise StartError(f"{name}: expected a port from 0 to {MAX_PORT}, got {port}")
    for row in TABLE:
        if row.type is int and row.name != "port" and getattr(settings, row.name) < 1:
            raise StartError(f"{row.name}: expected 1 or more, got {getattr(settings, row.name)}")
    try:
        Rules.parse(settings.privacy)
    except ValueError as exc:
        raise StartError(str(exc)) from exc
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
