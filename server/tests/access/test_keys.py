"""The ring of keys: new ones at once, revoked ones no more, and a database that may be away."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from diptych_server.access.keys import (
    MAX_APPLICATIONS,
    MAX_LOOKUPS_PER_SECOND,
    Keyring,
    create_key,
)
from diptych_server.access.tokens import hash_secret
from diptych_server.errors import NotFound, Unavailable
from diptych_server.store.accounts import DEFAULT_PROJECT, Accounts


class Clock:
    """Seconds that pass when told to."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def database_file(tmp_path: Path) -> Path:
    return tmp_path / "accounts.db"


@pytest.fixture
def accounts(database_file: Path) -> Iterator[Accounts]:
    opened = Accounts.open(f"sqlite:///{database_file}")
    opened.ensure_project(DEFAULT_PROJECT)
    yield opened
    opened.close()


def test_a_key_made_by_another_process_is_found_at_once(accounts: Accounts, database_file: Path) -> None:
    ring = Keyring(accounts)
    other = Accounts.open(f"sqlite:///{database_file}")
    secret, key = create_key(other, "client", DEFAULT_PROJECT, ("https://shop.example.com",))
    other.close()
    assert secret.startswith("dip_client_")
    assert ring.find(secret) == key
    assert key.origins == ("https://shop.example.com",)


def test_a_revoked_key_is_refused_after_a_refresh(accounts: Accounts) -> None:
    ring = Keyring(accounts)
    secret, key = create_key(accounts, "server", DEFAULT_PROJECT)
    assert ring.find(secret) == key
    accounts.revoke_key(key.id)
    accounts.revoke_key(key.id)
    ring.refresh()
    assert ring.find(secret) is None


def test_revoking_a_key_that_never_was_says_so(accounts: Accounts) -> None:
    with pytest.raises(NotFound, match="key_0000"):
        accounts.revoke_key("key_0000")


def test_what_is_no_key_is_not_found(accounts: Accounts) -> None:
    ring = Keyring(accounts)
    for secret in ("", "x", "dip_client_", "dip_client_\udcff\x00", "dip_read_" + "a" * 100_000):
        assert ring.find(secret) is None


def test_only_the_hash_of_a_secret_is_stored(accounts: Accounts, tmp_path: Path) -> None:
    secret, key = create_key(accounts, "read", DEFAULT_PROJECT)
    accounts.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert hash_secret(secret).encode() in stored
    assert secret.encode() not in stored
    assert key.id.encode() in stored


def test_guessing_costs_few_look_ups_and_a_new_key_still_comes_with_the_next_refresh(
    accounts: Accounts,
) -> None:
    clock = Clock()
    ring = Keyring(accounts, now_s=clock)
    for number in range(MAX_LOOKUPS_PER_SECOND):
        assert ring.find(f"dip_client_guess{number}") is None
    secret, key = create_key(accounts, "client", DEFAULT_PROJECT)
    assert ring.find(secret) is None
    clock.now_s = 1
    assert ring.find(secret) == key

    for number in range(MAX_LOOKUPS_PER_SECOND):
        assert ring.find(f"dip_client_guess{number}") is None
    secret, key = create_key(accounts, "client", DEFAULT_PROJECT)
    assert ring.find(secret) is None
    ring.refresh()
    assert ring.find(secret) == key


def test_while_the_database_is_away_known_keys_stay_good(accounts: Accounts, database_file: Path) -> None:
    secret, key = create_key(accounts, "client", DEFAULT_PROJECT)
    ring = Keyring(accounts)
    with sqlite3.connect(database_file) as connection:
        connection.execute("ALTER TABLE keys RENAME TO keys_away")
    with pytest.raises(Unavailable):
        ring.refresh()
    assert ring.find(secret) == key
    with pytest.raises(Unavailable) as refused:
        ring.find("dip_client_unknown")
    assert refused.value.retry_after_s
    with sqlite3.connect(database_file) as connection:
        connection.execute("ALTER TABLE keys_away RENAME TO keys")
    ring.refresh()
    assert ring.find("dip_client_unknown") is None


def test_an_application_is_known_from_first_sight_on(accounts: Accounts) -> None:
    ring = Keyring(accounts)
    assert ring.know_application(DEFAULT_PROJECT, "shop")
    assert ring.know_application(DEFAULT_PROJECT, "shop")
    assert accounts.applications() == [(DEFAULT_PROJECT, "shop")]


def test_a_project_has_at_most_a_hundred_applications(accounts: Accounts) -> None:
    other_project = accounts.ensure_project("other").id
    ring = Keyring(accounts)
    for number in range(MAX_APPLICATIONS):
        assert ring.know_application(DEFAULT_PROJECT, f"app-{number}")
    assert not ring.know_application(DEFAULT_PROJECT, "one-too-many")
    assert ring.know_application(DEFAULT_PROJECT, "app-7")
    assert ring.know_application(other_project, "its-own")
    assert not Keyring(accounts).know_application(DEFAULT_PROJECT, "one-too-many")


@pytest.mark.parametrize("application_id", ["", "a" * 129])
def test_an_application_id_has_1_to_128_characters(accounts: Accounts, application_id: str) -> None:
    assert not Keyring(accounts).know_application(DEFAULT_PROJECT, application_id)


def test_an_application_of_a_project_that_is_gone_is_not_known(accounts: Accounts) -> None:
    assert not Keyring(accounts).know_application("gone", "shop")
