"""What `diptych doctor` says of a deployment, from its settings, keys and files alone."""

from pathlib import Path

import pytest

from diptych_server.access.keys import create_key
from diptych_server.app.checks import check_drops, check_exposure, check_files, check_keys
from diptych_server.settings import load_settings
from diptych_server.store.accounts import DEFAULT_PROJECT, Accounts

OPEN = "unencrypted"
NOT_APART = "--intake separates them"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, []),
        ({"host": "::1"}, []),
        ({"host": "0.0.0.0"}, [OPEN, NOT_APART]),
        ({"host": "0.0.0.0", "public_url": "https://d.example"}, [NOT_APART]),
        ({"host": "0.0.0.0", "intake": "0.0.0.0:8401"}, [OPEN]),
        ({"host": "0.0.0.0", "public_url": "https://d.example", "intake": "0.0.0.0:8401"}, []),
    ],
)
def test_who_can_reach_what(arguments: dict[str, object], expected: list[str]) -> None:
    findings = check_exposure(load_settings(arguments, {}))
    warnings = [finding.says for finding in findings if finding.level == "warn"]
    assert len(warnings) == len(expected)
    assert all(words in warning for words, warning in zip(expected, warnings, strict=True))


def test_keys_that_are_missing_or_too_open(tmp_path: Path) -> None:
    accounts = Accounts.open(f"sqlite:///{tmp_path / 'accounts.db'}")
    accounts.ensure_project(DEFAULT_PROJECT)
    assert [finding.level for finding in check_keys(accounts)] == ["ok", "warn", "warn"]
    create_key(accounts, "server", DEFAULT_PROJECT)
    create_key(accounts, "client", DEFAULT_PROJECT, ("https://shop.example.com",))
    assert [finding.level for finding in check_keys(accounts)] == ["ok"]
    _, any_site = create_key(accounts, "client", DEFAULT_PROJECT)
    assert any_site.id in check_keys(accounts)[-1].says
    accounts.revoke_key(any_site.id)
    assert [finding.level for finding in check_keys(accounts)] == ["ok"]
    accounts.close()


def test_files_that_were_not_built(tmp_path: Path) -> None:
    (tmp_path / "sdk").mkdir()
    (tmp_path / "sdk" / "diptych.js").touch()
    assert [finding.level for finding in check_files(tmp_path)] == ["fail", "fail", "ok"]


def test_every_loss_is_told() -> None:
    lost = check_drops({"rum.malformed": 1200, "trace.refused": 1})
    assert [finding.says for finding in lost] == ["rum.malformed: 1,200", "trace.refused: 1"]
    assert [finding.level for finding in check_drops({})] == ["ok"]
