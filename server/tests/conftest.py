"""Fixtures of the server's tests: one real engine for the whole run, a fresh project a test."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from diptych_server.store.database import Database


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The embedded engine on a temporary folder; a process can open only one."""
    database = Database.open(f"chdb://{tmp_path_factory.mktemp('store')}")
    yield database
    database.close()


@pytest.fixture
def project_id() -> str:
    """A project that no other test has seen: that is what keeps tests apart in the shared engine."""
    return f"test-{uuid4().hex}"
