"""Keys of senders and readers, and the ring of them that every door asks."""

import secrets
from collections.abc import Callable
from time import monotonic, time_ns
from typing import Literal, cast, get_args

import msgspec

from diptych_server.access.tokens import hash_secret, new_secret
from diptych_server.errors import Unavailable
from diptych_server.store.accounts import RETRY_SECONDS, Accounts, StoredKey

KeyKind = Literal["client", "server", "read"]
"""client: public, in pages; server: secret, of agents and jobs; read: secret, of programs that query."""

KEY_KINDS: tuple[str, ...] = get_args(KeyKind)

MAX_APPLICATIONS = 100
"""Applications a project: a public key must not fill the accounts."""

REFRESH_SECONDS = 0.5
"""How often a server reads all keys anew: a revoked key is refused within a second."""

MAX_LOOKUPS_PER_SECOND = 100
"""Look-ups of unknown secrets; beyond it a new key waits for the next refresh, and guessing costs nothing."""

SHOWN_CHARACTERS = 4
"""Random characters of a secret that lists show, after `dip_<kind>_`."""


class Key(msgspec.Struct, frozen=True):
    """A good key and what it is good for; `origins` is empty where any origin may use it."""

    id: str
    kind: KeyKind
    project_id: str
    origins: tuple[str, ...]


def create_key(
    accounts: Accounts, kind: KeyKind, project_id: str, origins: tuple[str, ...] = ()
) -> tuple[str, Key]:
    """Make and store a new key of a project; the secret, first of the two, is shown now or never."""
    secret = new_secret(f"dip_{kind}_")
    stored = StoredKey(
        id=f"key_{secrets.token_hex(6)}",
        project_id=project_id,
        kind=kind,
        secret_hash=hash_secret(secret),
        prefix=secret[: len(f"dip_{kind}_") + SHOWN_CHARACTERS],
        origins=origins,
        created_at_ms=time_ns() // 1_000_000,
        revoked_at_ms=None,
    )
    accounts.add_key(stored)
    return secret, _key(stored)


class Keyring:
    """All keys that are good now, in memory, by the hash of their secret.

    `find` and `know_application` are for the event loop: they touch the accounts database only for what they
    have never seen. The server calls `refresh` every `REFRESH_SECONDS` from a worker thread.
    """

    def __init__(self, accounts: Accounts, *, now_s: Callable[[], float] = monotonic) -> None:
        self._accounts = accounts
        self._now_s = now_s
        self._keys: dict[str, Key] = {}
        self._applications: dict[str, set[str]] = {}
        self._reachable = True
        self._lookups = 0
        self._lookups_since_s = now_s()
        self.refresh()

    def refresh(self) -> None:
        """Read all keys and applications anew.

        Raises:
            Unavailable: the accounts database does not answer; the ring goes on with what it knows.
        """
        try:
            stored = self._accounts.list_keys()
            applications = self._accounts.applications()
        except Unavailable:
            self._reachable = False
            raise
        known: dict[str, set[str]] = {}
        for project_id, application_id in applications:
            known.setdefault(project_id, set()).add(application_id)
        self._keys = {key.secret_hash: _key(key) for key in stored if key.revoked_at_ms is None}
        self._applications = known
        self._reachable = True

    def find(self, secret: str) -> Key | None:
        """Give the key of a secret, or None when there is none or it is revoked.

        Raises:
            Unavailable: the secret is new to this server and the accounts database does not answer.
        """
        secret_hash = hash_secret(secret)
        key = self._keys.get(secret_hash)
        if key is not None or not secret.startswith("dip_"):
            return key
        return self._look_up(secret_hash)

    def know_application(self, project_id: str, application_id: str) -> bool:
        """Say whether an application is the project's; on first sight it becomes so, up to a limit.

        Raises:
            Unavailable: the application is new to this server and the accounts database does not answer.
        """
        known = self._applications.setdefault(project_id, set())
        if application_id in known:
            return True
        if len(known) >= MAX_APPLICATIONS or not 1 <= len(application_id) <= 128:
            return False
        added = self._accounts.add_application(project_id, application_id, at_most=MAX_APPLICATIONS)
        if added:
            known.add(application_id)
        return added

    def _look_up(self, secret_hash: str) -> Key | None:
        if not self._reachable:
            # One refresh at a time finds out whether it is back; requests do not queue up behind it.
            raise Unavailable("the accounts database does not answer", retry_after_s=RETRY_SECONDS)
        if not self._may_look_up():
            return None
        try:
            stored = self._accounts.find_key(secret_hash)
        except Unavailable:
            self._reachable = False
            raise
        if stored is None:
            return None
        key = _key(stored)
        self._keys[secret_hash] = key
        return key

    def _may_look_up(self) -> bool:
        now_s = self._now_s()
        if now_s - self._lookups_since_s >= 1:
            self._lookups_since_s = now_s
            self._lookups = 0
        self._lookups += 1
        return self._lookups <= MAX_LOOKUPS_PER_SECOND


def _key(stored: StoredKey) -> Key:
    return Key(stored.id, cast("KeyKind", stored.kind), stored.project_id, stored.origins)
