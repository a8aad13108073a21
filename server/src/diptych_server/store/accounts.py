"""Projects, applications, keys and sign-ins: small, relational, transactional.

SQLite in the data folder by default, PostgreSQL where several servers share them. Calls block for a moment (a
fraction of a millisecond on SQLite): the server makes them from worker threads.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from time import time_ns
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from diptych_server.errors import NotFound, StartError, Unavailable
from diptych_server.store.accounts_engine import make_engine, migrate
from diptych_server.store.accounts_tables import APPLICATIONS, KEYS, PROJECTS, SIGN_IN_LINKS, SIGN_INS

DEFAULT_PROJECT = "default"
"""Id and first name of the project that a fresh server has."""

RETRY_SECONDS = 5


class Project(NamedTuple):
    """A project, as stored."""

    id: str
    name: str
    created_at_ms: int


class StoredKey(NamedTuple):
    """A key, as stored; the secret itself is not."""

    id: str
    project_id: str
    kind: str
    secret_hash: str
    prefix: str
    origins: tuple[str, ...]
    created_at_ms: int
    revoked_at_ms: int | None


class Accounts:
    """The accounts database: `open` it once a process, `close` it at the end; any thread may use it.

    Every method raises Unavailable while the database is away, full or locked.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str) -> "Accounts":
        """Open the database at `url` (`sqlite:///FILE` or `postgresql+psycopg://…`), made and migrated.

        Raises:
            StartError: the URL is none of these, its driver is missing, or the database cannot be reached.
        """
        engine = make_engine(url)
        try:
            migrate(engine)
        except OperationalError as exc:
            raise StartError(f"the accounts database cannot be opened: {exc.orig}") from exc
        return cls(engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    # Projects

    def ensure_project(self, name: str) -> Project:
        """Give the project whose name or id is `name`, made where there is none."""
        with self.write() as connection:
            found = _find_project(connection, name)
            if found is not None:
                return found
            project = Project(_project_id(connection, name), name, _now_ms())
            connection.execute(PROJECTS.insert().values(project._asdict()))
            return project

    def projects(self) -> list[Project]:
        """Give all projects, oldest first."""
        with self.read() as connection:
            rows = connection.execute(sa.select(PROJECTS).order_by(PROJECTS.c.created_at_ms, PROJECTS.c.id))
            return [Project(*row) for row in rows]

    # Applications

    def add_application(self, project_id: str, application_id: str, *, at_most: int) -> bool:
        """Register an application, unless its project has `at_most` others; says whether it is known now."""
        count = sa.select(sa.func.count()).where(APPLICATIONS.c.project_id == project_id)
        known = count.where(APPLICATIONS.c.id == application_id)
        with self.write() as connection:
            if connection.execute(known).scalar_one():
                return True
            if connection.execute(count).scalar_one() >= at_most:
                return False
            row = {"project_id": project_id, "id": application_id, "created_at_ms": _now_ms()}
            try:
                with connection.begin_nested():
                    connection.execute(APPLICATIONS.insert().values(row))
            except IntegrityError:
                # Another server registered it between our look and our insert (PostgreSQL).
                return bool(connection.execute(known).scalar_one())
            return True

    def applications(self) -> list[tuple[str, str]]:
        """Give all (project id, application id)."""
        with self.read() as connection:
            rows = connection.execute(sa.select(APPLICATIONS.c.project_id, APPLICATIONS.c.id))
            return [(row.project_id, row.id) for row in rows]

    # Keys

    def add_key(self, key: StoredKey) -> None:
        """Store a new key."""
        with self.write() as connection:
            connection.execute(KEYS.insert().values(key._asdict() | {"origins": list(key.origins)}))

    def list_keys(self) -> list[StoredKey]:
        """Give all keys, revoked ones too, oldest first."""
        with self.read() as connection:
            rows = connection.execute(sa.select(KEYS).order_by(KEYS.c.created_at_ms, KEYS.c.id))
            return [_stored_key(row) for row in rows]

    def find_key(self, secret_hash: str) -> StoredKey | None:
        """Give the key with this hash, if it is not revoked."""
        alive = sa.select(KEYS).where(KEYS.c.secret_hash == secret_hash, KEYS.c.revoked_at_ms.is_(None))
        with self.read() as connection:
            row = connection.execute(alive).one_or_none()
            return None if row is None else _stored_key(row)

    def revoke_key(self, key_id: str) -> None:
        """Revoke a key now; revoking it again changes nothing.

        Raises:
            NotFound: there is no key with this id.
        """
        with self.write() as connection:
            if connection.execute(sa.select(KEYS.c.id).where(KEYS.c.id == key_id)).one_or_none() is None:
                raise NotFound(f"there is no key with the id {key_id}")
            alive = KEYS.update().where(KEYS.c.id == key_id, KEYS.c.revoked_at_ms.is_(None))
            connection.execute(alive.values(revoked_at_ms=_now_ms()))

    # Sign-in

    def add_sign_in_link(self, token_hash: str, lifetime_ms: int) -> None:
        """Store a sign-in link, and forget those that have expired."""
        with self.write() as connection:
            _add_token(connection, SIGN_IN_LINKS, token_hash, lifetime_ms)

    def take_sign_in_link(self, token_hash: str) -> bool:
        """Use a sign-in link up; says whether it was there and fresh. Of two takers one succeeds."""
        link = SIGN_IN_LINKS.c
        taken = SIGN_IN_LINKS.delete().where(link.token_hash == token_hash, link.expires_at_ms > _now_ms())
        with self.write() as connection:
            return connection.execute(taken).rowcount == 1

    def add_sign_in(self, token_hash: str, lifetime_ms: int) -> None:
        """Store a signed-in browser, and forget those that have expired."""
        with self.write() as connection:
            _add_token(connection, SIGN_INS, token_hash, lifetime_ms)

    def has_sign_in(self, token_hash: str) -> bool:
        """Say whether a browser is signed in."""
        alive = sa.select(SIGN_INS.c.token_hash).where(
            SIGN_INS.c.token_hash == token_hash, SIGN_INS.c.expires_at_ms > _now_ms()
        )
        with self.read() as connection:
            return connection.execute(alive).one_or_none() is not None

    def remove_sign_in(self, token_hash: str) -> None:
        """Sign a browser out."""
        with self.write() as connection:
            connection.execute(SIGN_INS.delete().where(SIGN_INS.c.token_hash == token_hash))

    # Connections, for the other files of this folder

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """Give a connection to read with."""
        with _translated(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """Give a connection to write with, in one transaction."""
        with _translated(), self._engine.execution_options(writes=True).begin() as connection:
            yield connection


@contextmanager
def _translated() -> Iterator[None]:
    """Turn what the driver says of a database that is away, full or locked into our own error."""
    try:
        yield
    except (InterfaceError, OperationalError, PoolTimeout) as exc:
        raise Unavailable("the accounts database does not answer", retry_after_s=RETRY_SECONDS) from exc


def _now_ms() -> int:
    return time_ns() // 1_000_000


def _find_project(connection: sa.Connection, name: str) -> Project | None:
    row = connection.execute(
        sa.select(PROJECTS).where(sa.or_(PROJECTS.c.name == name, PROJECTS.c.id == name))
    ).first()
    return None if row is None else Project(*row)


def _project_id(connection: sa.Connection, name: str) -> str:
    """Make an id out of a name: its letters and digits; with a random end where that is empty or taken."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:48]
    if slug and _find_project(connection, slug) is None:
        return slug
    return f"{slug or 'project'}-{secrets.token_hex(4)}"


def _stored_key(row: sa.Row[Any]) -> StoredKey:
    return StoredKey(**(row._asdict() | {"origins": tuple(row.origins)}))


def _add_token(connection: sa.Connection, table: sa.Table, token_hash: str, lifetime_ms: int) -> None:
    now_ms = _now_ms()
    connection.execute(table.delete().where(table.c.expires_at_ms <= now_ms))
    row = {"token_hash": token_hash, "created_at_ms": now_ms, "expires_at_ms": now_ms + lifetime_ms}
    connection.execute(table.insert().values(row))
