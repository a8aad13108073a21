"""Programs with other people's libraries, each in a process of its own, against a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .model_apis import model_apis
from .real_server import RealServer, real_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealServer]:
    """One real server for the whole run."""
    with real_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="session")
def models() -> Iterator[str]:
    """Address of the stand-ins of the model APIs."""
    with model_apis() as url:
        yield url
