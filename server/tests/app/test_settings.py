"""Settings: argument > environment > file > default, and mistakes are named."""

from dataclasses import replace
from pathlib import Path

import pytest

from diptych_server.errors import StartError
from diptych_server.intake.limits import Limits
from diptych_server.settings import TABLE, load_settings, settings_markdown


def test_an_argument_beats_the_environment_which_beats_the_file_which_beats_the_default(
    tmp_path: Path,
) -> None:
    (tmp_path / "diptych.toml").write_text('port = 1\nhost = "file"\nmemory_mb = 7\n')
    environment = {"DIPTYCH_PORT": "2", "DIPTYCH_HOST": "environment", "DIPTYCH_DATA": str(tmp_path)}
    settings = load_settings({"port": "3", "host": None}, environment)
    assert (settings.port, settings.host, settings.memory_mb) == (3, "environment", 7)
    assert settings.access_log is False


def test_defaults_that_follow_from_other_settings(tmp_path: Path) -> None:
    settings = load_settings({"data": str(tmp_path), "port": "9000"}, {})
    assert settings.store == f"chdb://{tmp_path}/store"
    assert settings.blobs == f"file://{tmp_path}/blobs"
    assert settings.accounts == f"sqlite:///{tmp_path}/accounts.db"
    assert settings.public_url == settings.local_url == "http://127.0.0.1:9000"
    assert settings.intake_address is None
    assert not settings.is_tls


@pytest.mark.parametrize(
    ("host", "local_url"),
    [("0.0.0.0", "http://127.0.0.1:8400"), ("::", "http://[::1]:8400"), ("fd00::1", "http://[fd00::1]:8400")],
)
def test_where_this_machine_reaches_a_server_that_listens_on(host: str, local_url: str) -> None:
    assert load_settings({"host": host}, {}).local_url == local_url


def test_lists_flags_and_addresses_are_read_from_text() -> None:
    environment = {
        "DIPTYCH_ALLOWED_HOSTS": "a.example, .b.example,",
        "DIPTYCH_ACCESS_LOG": "on",
        "DIPTYCH_INTAKE": "[::1]:8401",
        "DIPTYCH_TRUSTED_PROXIES": "10.0.0.0/8,fd00::1",
        "DIPTYCH_PUBLIC_URL": "https://diptych.example.com/",
    }
    settings = load_settings({}, environment)
    assert settings.allowed_hosts == ("a.example", ".b.example")
    assert settings.access_log is True
    assert settings.intake_address == ("::1", 8401)
    assert settings.trusted_proxies == ("10.0.0.0/8", "fd00::1")
    assert settings.public_url == "https://diptych.example.com"
    assert settings.is_tls


def test_an_empty_variable_is_as_good_as_none() -> None:
    assert load_settings({}, {"DIPTYCH_PORT": ""}).port == 8400


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"port": "many"}, "--port: Expected `int`, got `str`; it is 'many'"),
        ({"port": "65536"}, "port: expected a port from 0 to 65535, got 65536"),
        ({"session_mb": "0"}, "session_mb: expected 1 or more, got 0"),
        ({"privacy": "email,nosuch"}, "privacy rule 'nosuch': expected one of email"),
        ({"privacy": "own=("}, "privacy rule 'own'"),
        ({"intake": "8401"}, "intake: expected HOST:PORT, got '8401'"),
        ({"intake": "localhost:http"}, "intake: expected HOST:PORT"),
        ({"public_url": "diptych.example.com"}, "public_url: expected http"),
        ({"public_url": "https://example.com/diptych"}, "without a path"),
        (
            {"trusted_proxies": "10.0.0.0/8,proxy"},
            "trusted_proxies: expected an address or a network, got 'proxy'",
        ),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(StartError) as refused:
        load_settings(arguments, {})
    assert message in str(refused.value)


def test_a_bad_variable_is_named() -> None:
    with pytest.raises(StartError, match="DIPTYCH_ACCESS_LOG: Expected `bool`"):
        load_settings({}, {"DIPTYCH_ACCESS_LOG": "perhaps"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 1", "settings that are not known: prot"),
        ('data = "/elsewhere"', "settings that are not known: data"),
        ("port = ", "is not TOML"),
        ('port = "x"', "port: Expected `int`"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "diptych.toml").write_text(text)
    with pytest.raises(StartError, match=message):
        load_settings({"data": str(tmp_path)}, {})


def test_a_file_that_is_named_may_say_where_the_data_is(tmp_path: Path) -> None:
    config = tmp_path / "other.toml"
    config.write_text(f'data = "{tmp_path / "data"}"\n')
    assert load_settings({}, {}, config).data == tmp_path / "data"
    with pytest.raises(StartError, match="cannot be read"):
        load_settings({}, {}, tmp_path / "missing.toml")


def test_limits_and_privacy_rules() -> None:
    settings = load_settings(
        {"browser_body_mb": "1", "retention_days": "7"}, {"DIPTYCH_PRIVACY": "email, card"}
    )
    assert settings.limits == replace(Limits(), browser_body_bytes=1024 * 1024, retention_days=7)
    assert settings.privacy == ("email", "card")


def test_a_rule_with_a_comma_stands_in_the_file(tmp_path: Path) -> None:
    (tmp_path / "diptych.toml").write_text("privacy = ['plate=[A-Z]{1,3}-[0-9]{1,4}', 'email']")
    assert load_settings({"data": str(tmp_path)}, {}).privacy == ("plate=[A-Z]{1,3}-[0-9]{1,4}", "email")


def test_the_docs_have_a_row_a_setting() -> None:
    rows = [line for line in settings_markdown().splitlines() if line.startswith("| `--")]
    assert len(rows) == len(TABLE)
    for row, line in zip(TABLE, rows, strict=True):
        assert f"`{row.environment_name}`" in line
        assert row.setting.help in line
