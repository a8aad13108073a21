"""`diptych keys`, `diptych link` and `diptych doctor`, as people run them."""

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from server.tests.conftest import RunningServer, run_diptych


def test_a_new_key_alone_is_printed(tmp_path: Path) -> None:
    for kind in ("client", "server", "read"):
        made = run_diptych("keys", "create", kind, "--data", str(tmp_path))
        assert re.fullmatch(rf"dip_{kind}_[A-Za-z0-9]{{43}}\n", made.stdout)
        assert made.stderr == ""


def test_keys_are_made_without_the_engine(tmp_path: Path) -> None:
    run_diptych("keys", "create", "client", "--data", str(tmp_path / "fresh"))
    assert {file.name for file in (tmp_path / "fresh").iterdir()} == {"accounts.db"}
    assert stat.S_IMODE((tmp_path / "fresh").stat().st_mode) == 0o700


def test_keys_are_made_in_the_database_that_is_named(tmp_path: Path) -> None:
    accounts = f"sqlite:///{tmp_path / 'elsewhere.db'}"
    secret = run_diptych("keys", "create", "read", "--accounts", accounts).stdout
    assert secret[:13] in run_diptych("keys", "list", DIPTYCH_ACCOUNTS=accounts).stdout


def test_the_list_shows_no_secret(tmp_path: Path) -> None:
    where = ("--data", str(tmp_path))
    origins = ("--origin", "https://Shop.example.com/", "--origin", "http://localhost:3000")
    secret = run_diptych("keys", "create", "client", *origins, *where).stdout.strip()
    made = run_diptych("keys", "create", "server", "--project", "My Shop", *where)
    assert "my-shop" in made.stderr
    listed = run_diptych("keys", "list", *where).stdout
    head, first, second = listed.splitlines()
    assert head.split() == ["ID", "KIND", "PROJECT", "KEY", "MADE", "STATE", "ORIGINS"]
    assert first.endswith("good   https://shop.example.com http://localhost:3000")
    assert second.split()[1:3] == ["server", "my-shop"]
    assert second.endswith("any")
    assert secret not in listed
    assert made.stdout.strip() not in listed

    run_diptych("keys", "revoke", first.split()[0], *where)
    assert "revoked" in run_diptych("keys", "list", *where).stdout.splitlines()[1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["keys", "create", "client", "--origin", "shop.example.com"],
            "--origin: expected http(s)://NAME[:PORT]",
        ),
        (["keys", "create", "client", "--origin", "https://a.example/path"], "--origin: expected"),
        (["keys", "create", "client", "--origin", "*"], "--origin: expected"),
        (["keys", "revoke", "key_none"], "there is no key with the id key_none"),
        (["keys", "list", "--accounts", "nosuch://x"], "SQLite or PostgreSQL"),
    ],
)
def test_a_mistake_is_told_in_a_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    failed = run_diptych(*arguments, "--data", str(tmp_path), check=False)
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert message in failed.stderr
    assert len(failed.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments", [[], ["keys"], ["erase"], ["keys", "create", "admin"], ["serve", "--nosuch"]]
)
def test_a_command_that_is_none_shows_the_usage(arguments: list[str]) -> None:
    failed = run_diptych(*arguments, check=False)
    assert failed.returncode == 2
    assert failed.stderr.startswith("usage: diptych")


def test_every_setting_is_an_argument_of_serve() -> None:
    text = run_diptych("serve", "--help").stdout
    for argument in (
        "--host",
        "--port",
        "--intake",
        "--data",
        "--store",
        "--blobs",
        "--accounts",
        "--public-url",
    ):
        assert argument in text


def test_a_link_leads_to_the_running_server(server: RunningServer, tmp_path: Path) -> None:
    assert server.command("link").startswith(f"{server.url}/sign-in?token=")
    named = run_diptych("link", "--data", str(server.data), "--public-url", "https://a.example")
    assert named.stdout.startswith("https://a.example/sign-in?token=")
    assert named.stderr == ""
    nowhere = run_diptych("link", "--data", str(tmp_path))
    assert nowhere.stdout.startswith("http://127.0.0.1:8400/sign-in?token=")
    assert f"no server answers on {tmp_path}" in nowhere.stderr


def test_doctor_asks_the_running_server_and_opens_the_store_itself_where_none_runs(
    start_server: Callable[..., RunningServer],
) -> None:
    server = start_server("--intake", "127.0.0.1:0")
    report = doctor(server.data)
    assert report["store"][0].startswith("ok")
    assert "engine" in report["store"][0]
    for about in ("data folder", "server", "doors", "UI and API", "intake", "dropped", "exposure"):
        assert [line[:2] for line in report[about]] == ["ok"], about
    assert any("may be used by any site" in line for line in report["keys"])

    server.stop()
    report = doctor(server.data)
    assert report["server"] == ["warn  none runs on this data folder"]
    assert report["store"][0].startswith("ok")


def test_doctor_names_what_is_missing(tmp_path: Path) -> None:
    failed = run_diptych("doctor", "--data", str(tmp_path / "none"), check=False)
    assert failed.returncode == 1
    assert "does not exist; `diptych serve` makes it" in failed.stdout
    (tmp_path / "data").mkdir(mode=0o755)
    report = doctor(tmp_path / "data")
    assert any("chmod 700" in line for line in report["data folder"])
    assert sum("cannot send" in line for line in report["keys"]) == 2


def doctor(data: Path) -> dict[str, list[str]]:
    """Run it, and give its findings as `level says` by what they are about."""
    report: dict[str, list[str]] = {}
    for line in run_diptych("doctor", "--data", str(data), check=False).stdout.splitlines():
        level, about, says = line[:5], line[6:18].strip(), line[19:]
        report.setdefault(about, []).append(f"{level} {says}")
    return report
