"""One narrow class over the engine: chDB (ClickHouse inside this process) through clickhouse-connect.

Rules of the engine, all measured: one process owns a data folder; one connection serialises its queries, so
each worker thread has a connection of its own; a query in the main thread would hold back SIGTERM, so nothing
runs there; the process never forks. Point reads, scans and inserts have separate, bounded pools, so that a
slow report cannot hold up a page or an acknowledgement.
"""

import asyncio
import math
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import clickhouse_connect
from clickhouse_connect.datatypes.base import ClickHouseType
from clickhouse_connect.datatypes.registry import get_from_name
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from diptych_server.errors import RowsRefused, StartError, Unavailable
from diptych_server.store.arrivals import Arrivals
from diptych_server.store.bound import bound
from diptych_server.store.engine_errors import first_line, unavailable
from diptych_server.store.engine_settings import CONNECTION, POINT_READ, SCAN, engine_config
from diptych_server.store.kept_answers import KeptAnswers
from diptych_server.store.kept_things import KeptThings
from diptych_server.store.migrate import migrate
from diptych_server.store.native import Blocks, native
from diptych_server.store.rows import TABLES, Row
from diptych_server.store.traits import Traits

Result = TypeVar("Result")

DEFAULT_MEMORY_LIMIT_BYTES = 1_500_000_000
"""What the engine may take before it refuses a query (code 241), not what it usually takes."""

CORES = os.cpu_count() or 2
MAX_SCAN_THREADS = 4
"""Of a scan that has the machine to itself; those that run beside each other share the cores."""

LOOKS_FOR_S = 1.0
"""Who was answered so long ago may still look, and ask for more."""

MADE_BY_THE_ENGINE = "MATERIALIZED"
"""How a column comes by its value that no row brings."""


class Database:
    """The store of events: `insert` rows, `query` with bound parameters, nothing else."""

    def __init__(self, folder: Path, memory_limit_bytes: int) -> None:
        self.arrivals = Arrivals()
        """Who waits for rows is told of each insert here."""
        self.kept = KeptAnswers(self.arrivals)
        self.things = KeptThings(self.arrivals)
        self.traits = Traits(self.query)
        self._folder = folder
        self._memory_limit_bytes = memory_limit_bytes
        self._local = threading.local()
        self._clients: list[Client] = []
        self._clients_lock = threading.Lock()
        self._columns: dict[str, tuple[list[str], list[ClickHouseType]]] = {}
        self._asking = 0
        self._asked_s = -math.inf
        self._scan_count = 0
        self._scan_count_lock = threading.Lock()
        self._readers = ThreadPoolExecutor(max(2, CORES), thread_name_prefix="store-read")
        self._scanners = ThreadPoolExecutor(max(2, CORES), thread_name_prefix="store-scan")
        # One thread: to encode is Python's work, and two would only take turns.
        self._encoder = ThreadPoolExecutor(1, thread_name_prefix="store-encode")
        # One a table: its inserts are stored one after the other.
        self._writers = {
            table: ThreadPoolExecutor(1, thread_name_prefix=f"store-{table}") for table in TABLES.values()
        }

    @classmethod
    def open(cls, url: str, *, memory_limit_bytes: int = DEFAULT_MEMORY_LIMIT_BYTES) -> "Database":
        """Open the store at `chdb:///FOLDER` and bring its tables up to date; blocks.

        Raises:
            StartError: another process has the folder open, the URL is none we know, or a migration fails.
        """
        scheme, _, path = url.partition("://")
        if scheme != "chdb" or not path.startswith("/"):
            raise StartError(
                f"store: expected chdb:///FOLDER, got {url!r}. A ClickHouse server is not supported yet."
            )
        database = cls(Path(path), memory_limit_bytes)
        try:
            next(iter(database._writers.values())).submit(database._prepare).result()
        except BaseException:
            database.close()
            raise
        return database

    async def insert(self, rows: Sequence[Row]) -> None:
        """Store rows of one table in one insert; they are on disk when this returns.

        Inserts of one table are stored one after the other; the next is encoded meanwhile.

        Raises:
            Unavailable: the engine cannot take them now (disk full, out of memory, too many parts).
            RowsRefused: the engine refuses these rows for what they hold.
        """
        if not rows:
            return
        table = TABLES[type(rows[0])]
        blocks = await self._run(self._encoder, lambda: self._encoded(table, rows))
        try:
            await self._run(self._writers[table], lambda: self._insert(table, blocks))
        finally:
            # Of an insert that failed, too, something may be stored.
            self.traits.note(rows)
            self.arrivals.note(rows)

    async def query(
        self, sql: str, parameters: Mapping[str, object] | None = None, *, is_scan: bool = False
    ) -> list[dict[str, Any]]:
        """Answer a SELECT as one dict a row; `parameters` are bound to its `{name:Type}` places.

        Args:
            sql: the statement, with bound places only: values never stand in the text.
            parameters: a value for each place.
            is_scan: whether it reads most of a period and not some things by their ids: it may take several
                threads, which a point read is slower with, and waits for other scans.

        Raises:
            Unavailable: over the time or memory limit of a query.
        """
        pool = self._scanners if is_scan else self._readers
        self._asking += 1
        try:
            return await self._run(pool, lambda: self._query(sql, parameters, is_scan))
        finally:
            self._asking -= 1
            self._asked_s = time.monotonic()

    @property
    def is_asked(self) -> bool:
        """Whether someone waits for an answer, or was just given one; told on the event loop alone."""
        return self._asking > 0 or time.monotonic() - self._asked_s < LOOKS_FOR_S

    def close(self) -> None:
        """Finish what runs, then let go of the folder."""
        for pool in (self._readers, self._scanners):
            pool.shutdown(wait=True, cancel_futures=True)
        for pool in (self._encoder, *self._writers.values()):
            pool.shutdown(wait=True)
        with self._clients_lock:
            for client in self._clients:
                client.close()
            self._clients.clear()

    async def _run(self, pool: ThreadPoolExecutor, work: Callable[[], Result]) -> Result:
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except OSError as exc:
            # Every insert passes a temporary file, so a full disk may show here first.
            raise Unavailable(f"the store cannot write: {exc.strerror}", retry_after_s=5) from exc

    def _encoded(self, table: str, rows: Sequence[Row]) -> Blocks:
        names, types = self._columns[table]
        try:
            return native(table, names, types, rows)
        except (ClickHouseError, TypeError, ValueError, OverflowError) as exc:
            raise RowsRefused(f"{table}: {exc}") from exc

    def _insert(self, table: str, blocks: Blocks) -> None:
        names, _ = self._columns[table]
        try:
            # Written one after the other, it takes them from a generator only.
            self._client().raw_insert(table, names, (block for block in blocks), fmt="Native")
        except ClickHouseError as exc:
            raise unavailable(exc) or RowsRefused(f"{table}: {first_line(exc)}") from exc

    def _query(
        self, sql: str, parameters: Mapping[str, object] | None, is_scan: bool
    ) -> list[dict[str, Any]]:
        try:
            with self._scanning() if is_scan else nullcontext(POINT_READ) as settings:
                result = self._client().query(sql, parameters=bound(parameters or {}), settings=settings)
        except ClickHouseError as exc:
            if (busy := unavailable(exc)) is not None:
                raise busy from exc
            raise
        return list(result.named_results())

    @contextmanager
    def _scanning(self) -> Iterator[dict[str, int]]:
        """The settings of a scan that begins now: its share of the cores."""
        with self._scan_count_lock:
            self._scan_count += 1
            thread_count = max(1, min(CORES // self._scan_count, MAX_SCAN_THREADS))
        try:
            yield SCAN | {"max_threads": thread_count}
        finally:
            with self._scan_count_lock:
                self._scan_count -= 1

    def _client(self) -> Client:
        client: Client | None = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = self._connect()
            with self._clients_lock:
                self._clients.append(client)
        return client

    def _connect(self) -> Client:
        try:
            return clickhouse_connect.get_client(
                interface="chdb",
                path=str(self._folder),
                tz_mode="aware",
                settings=CONNECTION,
                chdb_options={"config-file": str(self._folder / "engine.xml")},
            )
        except ClickHouseError as exc:
            raise StartError(
                f"the data folder {self._folder} cannot be opened: another diptych process is using it, "
                f"or it is not readable and writable for this user. ({first_line(exc)})"
            ) from exc

    def _prepare(self) -> None:
        """Write the engine's settings, connect, migrate, and learn the tables' columns."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            scratch = self._folder / "tmp"
            scratch.mkdir(exist_ok=True)
            (self._folder / "engine.xml").write_text(engine_config(self._memory_limit_bytes, scratch))
        except OSError as exc:
            raise StartError(f"the data folder {self._folder} is not writable: {exc.strerror}") from exc
        _keep_temporary_files_in_memory()
        client = self._client()
        migrate(client)
        for table in TABLES.values():
            described = [
                row
                for row in client.query(f"DESCRIBE TABLE {table}").result_rows
                if row[2] != MADE_BY_THE_ENGINE
            ]
            self._columns[table] = (
                [row[0] for row in described],
                [get_from_name(row[1]) for row in described],
            )


def _keep_temporary_files_in_memory() -> None:
    """Every insert through the embedded engine passes a temporary file; keep it off the disk where we can."""
    memory = Path("/dev/shm")  # noqa: S108 - the files in it are made by tempfile, readable by this user only
    if "TMPDIR" not in os.environ and memory.is_dir() and os.access(memory, os.W_OK):
        tempfile.tempdir = str(memory)
