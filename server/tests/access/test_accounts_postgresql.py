"""The accounts on a real PostgreSQL: shared by servers, and away for a while."""

import getpass
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from diptych_server.access.keys import Keyring, create_key
from diptych_server.access.sign_in import create_link, is_signed_in, sign_in
from diptych_server.errors import Unauthorized, Unavailable
from diptych_server.store.accounts import DEFAULT_PROJECT, Accounts

DEBIAN = Path("/usr/lib/postgresql")
READY_SECONDS = 30

pytest.importorskip("psycopg", reason="the driver of the extra `postgresql` is not installed")


class Postgres:
    """A PostgreSQL of this test alone; it refuses to run as root, so there it gets Debian's own user."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries = binaries
        self._folder = folder
        self._user = "postgres" if os.geteuid() == 0 else getpass.getuser()
        with socket.create_server(("127.0.0.1", 0)) as probe:
            self.port = int(probe.getsockname()[1])
        if os.geteuid() == 0:
            shutil.chown(folder, self._user)
        self._run("initdb", "-D", str(folder), "-U", "diptych", "-A", "trust", "--no-sync").check_returncode()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"postgresql://diptych@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        command = [str(self._binaries / "postgres"), "-D", str(self._folder), "-p", str(self.port)]
        command += ["-c", "unix_socket_directories=", "-c", "listen_addresses=127.0.0.1"]
        self._process = subprocess.Popen(command, user=self._user_if_root(), stderr=subprocess.DEVNULL)
        deadline_s = time.monotonic() + READY_SECONDS
        while self._run("pg_isready", "-h", "127.0.0.1", "-p", str(self.port)).returncode != 0:
            assert time.monotonic() < deadline_s
            time.sleep(0.1)

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        command = [str(self._binaries / name), *arguments]
        return subprocess.run(command, user=self._user_if_root(), capture_output=True, check=False)

    def _user_if_root(self) -> str | None:
        return self._user if os.geteuid() == 0 else None


@pytest.fixture
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    found = sorted(DEBIAN.glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.skip("PostgreSQL is not installed")
    # pytest's own folders are closed to other users, and PostgreSQL's user is another one.
    folder = Path(
        subprocess.check_output(["mktemp", "-d", "/tmp/diptych-postgres-XXXXXX"], text=True).strip()
    )
    postgres = Postgres(found[-1].parent if found else Path(str(on_path)).parent, folder)
    postgres.start()
    yield postgres
    postgres.stop()
    shutil.rmtree(folder)


def test_servers_share_accounts_and_outlive_a_database_that_goes_away(postgres: Postgres) -> None:
    open_it = "import sys; from diptych_server.store.accounts import Accounts; Accounts.open(sys.argv[1])"
    opening = [subprocess.Popen([sys.executable, "-c", open_it, postgres.url]) for _ in range(3)]
    assert [process.wait(60) for process in opening] == [0, 0, 0]

    first, second = Accounts.open(postgres.url), Accounts.open(postgres.url)
    first.ensure_project(DEFAULT_PROJECT)
    ring = Keyring(second)
    secret, key = create_key(first, "client", DEFAULT_PROJECT, ("https://shop.example.com",))
    assert ring.find(secret) == key
    assert ring.know_application(DEFAULT_PROJECT, "shop")
    assert Keyring(first).know_application(DEFAULT_PROJECT, "shop")

    token = create_link(first, "").partition("token=")[2]

    def use(accounts: Accounts) -> str:
        try:
            return sign_in(accounts, token)
        except Unauthorized:
            return ""

    with ThreadPoolExecutor() as pool:
        cookies = [cookie for cookie in pool.map(use, [first, second] * 4) if cookie]
    assert len(cookies) == 1
    assert is_signed_in(second, cookies[0])

    postgres.stop()
    with pytest.raises(Unavailable):
        ring.refresh()
    assert ring.find(secret) == key
    with pytest.raises(Unavailable):
        ring.find("dip_client_unknown")

    postgres.start()
    ring.refresh()
    first.revoke_key(key.id)
    ring.refresh()
    assert ring.find(secret) is None
    first.close()
    second.close()
