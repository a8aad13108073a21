"""Connecting to the accounts database and bringing it to the newest version: SQLite or PostgreSQL."""

from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from diptych_server.errors import StartError

BUSY_TIMEOUT_MS = 5_000
"""How long a writer waits for another process's transaction on SQLite."""

MIGRATION_LOCK = 0x0D1B_0001
"""Number of the PostgreSQL advisory lock that lets one server migrate at a time; any constant of ours."""

NEWEST_VERSION = "0003"
"""The last migration of `accounts_migrations/versions`; a test holds the two together."""

VERSION_TABLE = sa.table("alembic_version", sa.column("version_num"))
"""Where Alembic writes what it has applied."""

CONNECT_TIMEOUT_SECONDS = 5

POSTGRESQL_OPTIONS: dict[str, Any] = {
    "pool_pre_ping": True,  # a connection that died while it was idle is replaced, not handed out
    "connect_args": {"connect_timeout": CONNECT_TIMEOUT_SECONDS},
}


def make_engine(url: str) -> sa.Engine:
    """Make the pool of connections for a URL; it connects when first used.

    Raises:
        StartError: the URL is none of ours, or its driver is not installed.
    """
    try:
        parsed = sa.make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        backend = parsed.get_backend_name()
        if backend not in ("sqlite", "postgresql"):
            raise StartError(f"the accounts database is SQLite or PostgreSQL, not {backend}.")
        options = POSTGRESQL_OPTIONS if backend == "postgresql" else {}
        # Errors are logged with the statement; its values are nobody's business.
        engine = sa.create_engine(parsed, hide_parameters=True, **options)
    except (ArgumentError, NoSuchModuleError) as exc:
        raise StartError("the accounts URL is not like sqlite:///FILE or postgresql+psycopg://…") from exc
    except ModuleNotFoundError as exc:
        raise StartError("PostgreSQL needs its driver: pip install 'diptych-server[postgresql]'") from exc
    if engine.dialect.name == "sqlite":
        if parsed.database:
            _make_folder(Path(parsed.database).parent)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as exc:
        raise StartError(f"the accounts database cannot be made in {folder}: {exc.strerror}") from exc


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not start transactions on its own: it would leave DDL outside them.
    # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl
    connection.isolation_level = None
    for pragma in (f"busy_timeout={BUSY_TIMEOUT_MS}", "journal_mode=WAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A writer takes the lock at once: at the first write it fails when another process wrote in between.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to the newest version, in one transaction that other processes wait for."""
    with engine.execution_options(writes=True).begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
        if _version(connection) != NEWEST_VERSION:
            _run_alembic(connection)


def _version(connection: sa.Connection) -> str | None:
    if not sa.inspect(connection).has_table(VERSION_TABLE.name):
        return None
    return connection.execute(sa.select(VERSION_TABLE.c.version_num)).scalar_one_or_none()


def _run_alembic(connection: sa.Connection) -> None:
    # Imported here: it takes 0.3 s, and nearly no start has anything to migrate.
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "diptych_server:store/accounts_migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as exc:
        raise StartError(f"the accounts database is of another version of Diptych: {exc}") from exc
