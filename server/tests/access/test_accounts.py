"""The accounts database: its migrations make its tables, and processes that start together do not collide."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from diptych_server.errors import StartError
from diptych_server.store import accounts_migrations
from diptych_server.store.accounts import Accounts
from diptych_server.store.accounts_engine import NEWEST_VERSION
from diptych_server.store.accounts_tables import METADATA

OPEN_AND_LIST = """
import sys
from diptych_server.store.accounts import Accounts
accounts = Accounts.open(sys.argv[1])
print(accounts.ensure_project("default").id)
"""


def url_of(folder: Path) -> str:
    return f"sqlite:///{folder / 'accounts.db'}"


def test_the_migrations_make_the_tables_as_the_code_has_them(tmp_path: Path) -> None:
    Accounts.open(url_of(tmp_path)).close()
    engine = sa.create_engine(url_of(tmp_path))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
    engine.dispose()


def test_the_newest_version_is_that_of_the_last_migration() -> None:
    [folder] = accounts_migrations.__path__
    last = max(file.name for file in Path(folder, "versions").glob("*.py"))
    assert last.startswith(f"{NEWEST_VERSION}_")


def test_processes_that_open_a_fresh_database_together_all_succeed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", OPEN_AND_LIST, url_of(tmp_path)]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate(timeout=60)[0] for process in started] == ["default\n"] * 4
    accounts = Accounts.open(url_of(tmp_path))
    assert [project.id for project in accounts.projects()] == ["default"]
    accounts.close()


def test_a_database_of_a_newer_version_is_not_touched(tmp_path: Path) -> None:
    Accounts.open(url_of(tmp_path)).close()
    with sqlite3.connect(tmp_path / "accounts.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StartError, match="another version of Diptych"):
        Accounts.open(url_of(tmp_path))


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("accounts.db", "like sqlite:///FILE"),
        ("nosuch://here", "SQLite or PostgreSQL, not nosuch"),
        ("mysql://u:secret-word@h/d", "SQLite or PostgreSQL, not mysql"),
        ("sqlite:////proc/nowhere/accounts.db", "cannot be"),
    ],
)
def test_a_url_that_cannot_be_opened_is_explained(url: str, message: str) -> None:
    with pytest.raises(StartError, match=message) as refused:
        Accounts.open(url)
    assert "secret-word" not in str(refused.value)


def test_the_id_of_a_project_is_made_of_its_name_and_belongs_to_it_alone(tmp_path: Path) -> None:
    accounts = Accounts.open(url_of(tmp_path))
    shop = accounts.ensure_project("My Shop!")
    assert shop.id == "my-shop"
    assert accounts.ensure_project("My Shop!") == shop
    assert accounts.ensure_project("my-shop") == shop
    again = accounts.ensure_project("my shop")
    assert again.id.startswith("my-shop-")
    assert accounts.ensure_project("日本").id.startswith("project-")
    assert len({project.id for project in accounts.projects()}) == 3
    accounts.close()
