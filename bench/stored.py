"""Filled data folders, made once a run for all sections that read them."""

import contextlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec


class Table(msgspec.Struct, kw_only=True):
    """A table as the fill left it."""

    table: str
    rows: int
    parts: int
    bytes: int


class Filled(msgspec.Struct, kw_only=True):
    """A data folder that holds `events` RUM events and half as many spans, merged."""

    folder: Path
    events: int
    tables: list[Table]
    took_s: float = 0.0

    @property
    def spans(self) -> int:
        """As many as the bench stores beside so many events."""
        return self.events // 2


class Stored:
    """The filled folders of one run; `close` removes them."""

    def __init__(self, keep_in: Path | None = None) -> None:
        self._stack = contextlib.ExitStack()
        self._keep_in = keep_in
        self._filled: dict[int, Filled] = {}

    def filled(self, events: int) -> Filled:
        """The folder with so many events; filled when it is first asked for."""
        if events not in self._filled:
            self._filled[events] = self._fill(events)
        return self._filled[events]

    def close(self) -> None:
        """Remove what was filled."""
        self._stack.close()

    def _fill(self, events: int) -> Filled:
        began = time.perf_counter()
        if self._keep_in is not None:
            folder = self._keep_in / str(events)
            told = folder / "tables.json"
            if told.exists():
                tables = msgspec.json.decode(told.read_bytes(), type=list[Table])
                return Filled(folder=folder, events=events, tables=tables)
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        else:
            folder = Path(tempfile.mkdtemp(prefix="diptych-bench-stored-"))
            self._stack.callback(shutil.rmtree, folder, ignore_errors=True)
        command = [sys.executable, "-m", "bench.fill", str(folder), str(events), str(events // 2)]
        told_tables = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.splitlines()[-1]
        (folder / "tables.json").write_bytes(told_tables)
        tables = msgspec.json.decode(told_tables, type=list[Table])
        return Filled(folder=folder, events=events, tables=tables, took_s=time.perf_counter() - began)
