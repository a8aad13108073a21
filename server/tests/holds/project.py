"""A project of a running server, reached over HTTP alone."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from diptych_server.access.keys import KeyKind, create_key
from diptych_server.store.accounts import Accounts

REQUEST_TIMEOUT_S = 60.0

USER_AGENT = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
    " (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36"
)
BROWSER, SYSTEM, DEVICE = "Chrome 131", "Windows", "desktop"
"""What the server reads in it."""

PAGE_DOORS = ("/v1/rum", "/v1/replay")

KINDS: tuple[KeyKind, ...] = ("client", "server", "read")


def _client() -> httpx.Client:
    # No proxy of the environment may stand between the test and its server.
    return httpx.Client(timeout=REQUEST_TIMEOUT_S, headers={"user-agent": USER_AGENT}, trust_env=False)


@dataclass(frozen=True)
class Project:
    """One project with a key of each kind; a context, since it holds connections."""

    url: str
    """Of the server."""
    id: str
    keys: dict[KeyKind, str] = field(repr=False)
    http: httpx.Client = field(default_factory=_client, repr=False)

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """Ask the query API; `path` starts after `/api/v1`, its ids encoded; `from_` stands for `from`."""
        return self.http.get(
            f"{self.url}/api/v1{path}",
            params={name.rstrip("_"): value for name, value in parameters.items() if value is not None},
            headers={"authorization": f"Bearer {self.keys['read']}"},
        )

    def post(self, path: str, content: bytes, content_type: str, **parameters: Any) -> httpx.Response:
        """Go through a door with the key that it asks for: a page's in the query, an agent's in a header."""
        is_page = path in PAGE_DOORS
        secret = {"key": self.keys["client"]} if is_page else {}
        headers = {} if is_page else {"authorization": f"Bearer {self.keys['server']}"}
        return self.http.post(
            f"{self.url}{path}",
            content=content,
            params=secret | parameters,
            headers={"content-type": content_type} | headers,
        )

    def dropped(self) -> dict[str, int]:
        """What the whole server has lost so far, by reason, as `/health` says."""
        found: dict[str, int] = self.http.get(f"{self.url}/health").json()["dropped"]
        return found

    def at(self, url: str) -> "Project":
        """The same project after its server has moved."""
        return replace(self, url=url)

    def __enter__(self) -> "Project":
        return self

    def __exit__(self, *exc: object) -> None:
        self.http.close()


def new_project(url: str, data: Path) -> Project:
    """Make a project while its server runs, as `diptych keys create --project` does."""
    accounts = _accounts(data)
    project_id = accounts.ensure_project(f"holds-{uuid4().hex}").id
    return Project(url, project_id, {kind: create_key(accounts, kind, project_id)[0] for kind in KINDS})


@lru_cache(maxsize=1)
def _accounts(data: Path) -> Accounts:
    return Accounts.open(f"sqlite:///{data / 'accounts.db'}")
