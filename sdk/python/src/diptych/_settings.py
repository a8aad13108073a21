"""The settings of the SDK: one table, from which the environment is read and the docs are made.

Order: argument of `LLMObs.enable` > environment > default.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ._problems import notice, problem

Integrations = bool | tuple[str, ...]
"""`True`: every integration whose libraries are importable; `False`: none; or the names of some."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table."""

    name: str
    """The argument of `LLMObs.enable`; the environment variable is `DIPTYCH_` + the name in capitals."""

    default: object
    kind: type
    help: str

    @property
    def env(self) -> str:
        """The environment variable of the setting."""
        return "DIPTYCH_" + self.name.upper()


SETTINGS = (
    Setting(
        "ml_app", "unnamed-ml-app", str, "Name of the AI application; also `service.name` where none is set."
    ),
    Setting("url", "http://127.0.0.1:8400", str, "Where Diptych listens."),
    Setting("key", "", str, "A server key (`diptych keys create server`)."),
    Setting("enabled", True, bool, "Off: every call is a silent no-op."),
    Setting("strict", False, bool, "Raise on wrong arguments in place of logging them once: for tests."),
    Setting(
        "integrations_enabled",
        True,
        Integrations,  # type: ignore[arg-type]  # a union is no `type`, but serves as one here
        "`true`, `false`, or names separated by commas: which libraries are traced automatically.",
    ),
    Setting("capture_content", True, bool, "Record inputs and outputs that are captured automatically."),
    Setting(
        "service",
        "",
        str,
        "`service.name` of the resource; the default is `OTEL_SERVICE_NAME`, then `ml_app`.",
    ),
    Setting("env", "", str, "Deployment environment, such as `prod`."),
    Setting("version", "", str, "Version of the application."),
    Setting(
        "sample_rate", 1.0, float, "Share of traces to keep, 0 to 1. Traces with an error are always kept."
    ),
    Setting(
        "linger_ms", 200, int, "How long a finished span may wait for others to travel with, milliseconds."
    ),
    Setting("timeout_ms", 10_000, int, "How long one request to the server may take, milliseconds."),
    Setting(
        "queue_bytes", 128 * 2**20, int, "Spans waiting to be sent, bytes; beyond it the oldest are dropped."
    ),
    Setting(
        "held_spans",
        10_000,
        int,
        "Spans held in traces that have no LLM span yet; beyond it they are dropped.",
    ),
    Setting("max_text_bytes", 2**20, int, "A text longer than this is cut, with a mark that says so, bytes."),
    Setting(
        "exit_timeout_ms",
        3_000,
        int,
        "How long the end of the process may wait for the last spans, milliseconds.",
    ),
)
"""Every setting of the SDK."""


_DEFAULTS: dict[str, Any] = {setting.name: setting.default for setting in SETTINGS}

_DDTRACE_ONLY = frozenset(
    {"agentless_enabled", "instrumented_proxy_urls", "site", "api_key", "app_key", "project_name"}
)
"""Arguments of ddtrace's `LLMObs.enable` that say how to reach Datadog."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings in force; what each means is in `SETTINGS`."""

    ml_app: str
    url: str
    key: str
    enabled: bool
    strict: bool
    integrations_enabled: Integrations
    capture_content: bool
    service: str
    env: str
    version: str
    sample_rate: float
    linger_ms: int
    timeout_ms: int
    queue_bytes: int
    held_spans: int
    max_text_bytes: int
    exit_timeout_ms: int


def read_settings(arguments: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force, from the arguments of `enable` (None: not given) and the environment."""
    _tell_unknown(arguments)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        given = arguments.get(setting.name)
        if given is not None:
            value = _from_argument(setting, given)
        elif (text := environ.get(setting.env)) is not None and text != "":
            value = _from_text(setting, text)
        else:
            value = None
        values[setting.name] = setting.default if value is None else value
    values["key"] = _checked_key(values["key"])
    values["url"] = _checked_url(values["url"])
    settings = Settings(**values)
    if settings.enabled and not settings.key and "/k/" not in settings.url:  # a key may be part of the path
        problem("enable", "key= or DIPTYCH_KEY: a server key, without which the server refuses", settings.key)
    return settings


def _checked_url(given: str) -> str:
    """An address without what does not belong to it; the default one (and a problem told) for none."""
    url = given.strip().rstrip("/").removesuffix("/v1/traces")
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        is_one = False
    if is_one:
        return url
    default: str = _DEFAULTS["url"]
    problem("enable", f"url: an address such as {default}", url.partition("/k/")[0])
    return default


def _checked_key(given: str) -> str:
    """A key without the end of the line that it was read from; none (and a problem told) for what is none."""
    key = given.strip()
    if key.isascii() and key.isprintable():
        return key
    problem("enable", "key: as `diptych keys create server` printed it", f"{len(key)} characters")
    return ""


def _tell_unknown(arguments: Mapping[str, Any]) -> None:
    """Names that are no setting: ddtrace's have no meaning here, others are mistakes."""
    known = {setting.name for setting in SETTINGS}
    for name in arguments:
        if name in _DDTRACE_ONLY:
            notice("enable", f"{name}= has a meaning for ddtrace only and is ignored")
        elif name not in known:
            problem("enable", "settings of the table", name)


def _from_argument(setting: Setting, given: object) -> object:
    """`given` in the setting's type, or None (and a problem told) where it does not fit."""
    if setting.name == "integrations_enabled":
        if isinstance(given, bool):
            return given
        if isinstance(given, (list, tuple, set, frozenset)) and all(isinstance(name, str) for name in given):
            return tuple(given)
        problem("enable", "integrations_enabled: True, False or a list of names", given)
        return None
    if setting.kind is float and isinstance(given, int) and not isinstance(given, bool):
        given = float(given)
    if not isinstance(given, setting.kind) or (setting.kind is int and isinstance(given, bool)):
        problem("enable", f"{setting.name}: {setting.kind.__name__}", given)
        return None
    return _in_range(setting, given)


def _from_text(setting: Setting, text: str) -> object:
    """The value of an environment variable in the setting's type, or None where it does not fit."""
    switch = parse_switch(text)
    if setting.name == "integrations_enabled":
        return (
            switch if switch is not None else tuple(name.strip() for name in text.split(",") if name.strip())
        )
    if setting.kind is bool:
        if switch is None:
            problem("environment", f"{setting.env}: true or false", text)
        return switch
    if setting.kind is str:
        return text
    try:
        return _in_range(setting, setting.kind(text))
    except ValueError:
        problem("environment", f"{setting.env}: {setting.kind.__name__}", text)
        return None


def _in_range(setting: Setting, value: Any) -> object:
    """`value`, or None where it is a number out of range."""
    if setting.name == "sample_rate" and not 0 <= value <= 1:
        problem("enable", "sample_rate: a number from 0 to 1", value)
        return None
    if setting.kind is int and value < 0:
        problem("enable", f"{setting.name}: 0 or more", value)
        return None
    return value


def parse_switch(text: str) -> bool | None:
    """`True` or `False` for the usual words of a switch, None for anything else."""
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    if word in ("0", "false", "no", "off"):
        return False
    return None
