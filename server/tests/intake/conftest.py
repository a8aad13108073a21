"""The doors over real HTTP, on the run's engine: every test speaks to them as a sender does."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest
import uvicorn

from diptych_server.access.keys import KeyKind, Keyring, create_key
from diptych_server.intake.batch import Batch
from diptych_server.intake.doors import Doors
from diptych_server.intake.drops import Drops
from diptych_server.intake.limits import Limits
from diptych_server.privacy.rules import NO_RULES, Rules
from diptych_server.store.accounts import Accounts
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database

START_SECONDS = 10


@dataclass
class House:
    """Running doors and what is behind them."""

    url: str
    accounts: Accounts
    keyring: Keyring
    blobs: Blobs
    drops: Drops


@dataclass
class Sender:
    """A project of its own, with a key of each kind, that speaks to the doors."""

    house: House
    project_id: str
    client_key: str
    server_key: str
    database: Database

    def rum(self, body: bytes, headers: Mapping[str, str] | None = None, **query: Any) -> httpx.Response:
        """POST to /v1/rum as a page would."""
        return self.post("/v1/rum", body, headers, **{"key": self.client_key, **query})

    def replay(self, body: bytes, headers: Mapping[str, str] | None = None, **query: Any) -> httpx.Response:
        """POST to /v1/replay as a page would."""
        return self.post("/v1/replay", body, headers, **{"key": self.client_key, **query})

    def traces(
        self,
        body: bytes,
        content_type: str = "application/json",
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """POST to /v1/traces as an OTLP exporter would."""
        sent: dict[str, str] = {
            "content-type": content_type,
            "authorization": f"Bearer {self.server_key}",
            **(headers or {}),
        }
        return self.post("/v1/traces", body, sent)

    def post(
        self, path: str, body: bytes, headers: Mapping[str, str] | None = None, **query: Any
    ) -> httpx.Response:
        """POST with these headers and no others of our own."""
        sent: dict[str, str] = {"content-type": "text/plain", **(headers or {})}
        return httpx.post(self.house.url + path, content=body, headers=sent, params=query, timeout=60)

    async def rows(self, table: str, columns: str = "*", order: str = "1") -> list[dict[str, Any]]:
        """Rows of this project, as they are stored."""
        sql = f"SELECT {columns} FROM {table} WHERE project_id = {{p:String}} ORDER BY {order}"
        return await self.database.query(sql, {"p": self.project_id})


class _Server:
    """uvicorn in a thread, as the real server runs it."""

    def __init__(self, doors: Doors) -> None:
        config = uvicorn.Config(doors, log_level="warning", lifespan="off", access_log=False)
        self._server = uvicorn.Server(config)
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]})
        self._thread.start()
        deadline_s = time.monotonic() + START_SECONDS
        while not self._server.started and time.monotonic() < deadline_s:
            time.sleep(0.01)
        host, port = self._socket.getsockname()
        self.url = f"http://{host}:{port}"

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


OpenDoors = Callable[..., House]


@pytest.fixture(scope="session")
def open_doors(database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenDoors]:
    """Opens doors with limits and rules of their own: `open_doors(limits=…, rules=…, batch=…)`."""
    servers: list[_Server] = []
    accounts: list[Accounts] = []

    def open_them(limits: Limits | None = None, rules: Rules = NO_RULES, batch: Batch | None = None) -> House:
        folder = tmp_path_factory.mktemp("doors")
        held = Accounts.open(f"sqlite:///{folder}/accounts.sqlite")
        accounts.append(held)
        blobs = Blobs.open(f"file://{folder}/blobs")
        drops = Drops()
        keyring = Keyring(held)
        doors = Doors(keyring, batch or Batch(database), blobs, drops, limits, rules)
        servers.append(_Server(doors))
        return House(servers[-1].url, held, keyring, blobs, drops)

    yield open_them
    for server in servers:
        server.stop()
    for held in accounts:
        held.close()


@pytest.fixture(scope="session")
def house(open_doors: OpenDoors) -> House:
    """The doors that most tests share."""
    return open_doors()


def sender_of(house: House, database: Database, project_id: str, origins: tuple[str, ...] = ()) -> Sender:
    """A sender of a project, whose client key is bound to `origins`."""
    project_id = house.accounts.ensure_project(project_id).id

    def secret(kind: KeyKind, origins: tuple[str, ...] = ()) -> str:
        return create_key(house.accounts, kind, project_id, origins)[0]

    return Sender(house, project_id, secret("client", origins), secret("server"), database)


@pytest.fixture
def sender(house: House, database: Database, project_id: str) -> Sender:
    """A sender of a fresh project."""
    return sender_of(house, database, project_id)


def lines(*items: Any) -> bytes:
    """Items as lines of JSON."""
    return b"\n".join(item if isinstance(item, bytes) else msgspec.json.encode(item) for item in items)
