"""`GET /api/v1/export`: what a list shows, as a file; read page by page and sent as it is read."""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any, Literal, NamedTuple, Protocol

from diptych_server.errors import Unavailable
from diptych_server.query.export_columns import COLUMNS, Cell, CellType, ExportColumn, cells
from diptych_server.query.instants import Period
from diptych_server.query.sessions import list_sessions
from diptych_server.query.spans import list_spans
from diptych_server.query.traces import list_traces
from diptych_server.query.turns import list_turns
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page
from diptych_server.wire.explore import Signal

ExportFormat = Literal["csv", "parquet"]

MAX_ROWS = 100_000
"""Of one export, the newest first: about a minute of reading."""

PAGE_ROWS = 500
"""Read at a time; what is held in memory of an export."""

TURN_PAGE_ROWS = 200
"""The list of answers gives no more at once."""

MAX_EXPORTS = 2
"""At the same time: more would keep the lists waiting for the engine."""

MEDIA_TYPES: dict[ExportFormat, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "parquet": "application/vnd.apache.parquet",
}

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet runs a text that begins so (https://owasp.org/www-community/attacks/CSV_Injection)."""

_RUNNING = asyncio.Semaphore(MAX_EXPORTS)

FetchPage = Callable[[str | None], Awaitable[Page[Any]]]


class Export(NamedTuple):
    """A question to a list, and how much of the answer is wanted."""

    database: Database
    project_id: str
    period: Period
    signal: Signal
    query: str | None
    limit: int

    def fetch(self, cursor: str | None) -> Awaitable[Page[Any]]:
        """A page of the list."""
        lists: dict[Signal, Callable[..., Awaitable[Page[Any]]]] = {
            "sessions": list_sessions,
            "traces": list_traces,
            "spans": list_spans,
            "turns": list_turns,
        }
        rows = min(self.limit, TURN_PAGE_ROWS if self.signal == "turns" else PAGE_ROWS)
        return lists[self.signal](
            self.database, self.project_id, self.period, query=self.query, limit=rows, cursor=cursor
        )


class _Writer(Protocol):
    """Makes a file's bytes out of rows."""

    def rows(self, rows: list[list[Cell]]) -> bytes:
        """The bytes of more rows."""

    def end(self) -> bytes:
        """The last bytes."""


async def export_file(export: Export, file_format: ExportFormat) -> AsyncIterator[bytes]:
    """The bytes of the file; the first page is read before this returns, so that a bad query is refused.

    Raises:
        BadRequest: the query is malformed.
        NotBuilt: the list cannot be searched.
        Unavailable: as many exports are under way as this server does at once.
    """
    if _RUNNING.locked():
        raise Unavailable("as many exports are under way as this server does at once", retry_after_s=15)
    return _bytes(export, await export.fetch(None), file_format)


async def _bytes(export: Export, page: Page[Any], file_format: ExportFormat) -> AsyncIterator[bytes]:
    columns = COLUMNS[export.signal]
    left = export.limit
    async with _RUNNING:
        writer: _Writer = (
            _Csv(columns) if file_format == "csv" else await asyncio.to_thread(_Parquet, columns)
        )
        while True:
            rows = [cells(columns, item) for item in page.items[:left]]
            left -= len(rows)
            yield await asyncio.to_thread(writer.rows, rows)
            if left <= 0 or page.next_cursor is None:
                break
            page = await export.fetch(page.next_cursor)
        yield await asyncio.to_thread(writer.end)


class _Csv:
    """RFC 4180, in UTF-8."""

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        self._header: list[list[Cell]] = [[column.name for column in columns]]

    def rows(self, rows: list[list[Cell]]) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text).writerows([_csv_cell(cell) for cell in row] for row in [*self._header, *rows])
        self._header = []
        return text.getvalue().encode()

    def end(self) -> bytes:
        return b""


def _csv_cell(cell: Cell) -> Cell:
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and cell.startswith(FORMULA_STARTS):
        return f"'{cell}"
    return cell


class _Parquet:
    """One row group a page."""

    def __init__(self, columns: Sequence[ExportColumn]) -> None:
        # Imported here: it takes half a second, and few servers ever export.
        import pyarrow as pa  # type: ignore[import-untyped]  # it ships no types
        import pyarrow.parquet as pq  # type: ignore[import-untyped]  # as above

        types: dict[CellType, Any] = {
            "text": pa.string(),
            "integer": pa.int64(),
            "number": pa.float64(),
            "boolean": pa.bool_(),
        }
        self._schema = pa.schema([(column.name, types[column.type]) for column in columns])
        self._sink = _Sink()
        self._writer = pq.ParquetWriter(self._sink, self._schema, compression="zstd")

    def rows(self, rows: list[list[Cell]]) -> bytes:
        import pyarrow as pa

        if rows:
            names = self._schema.names
            by_column = {name: [row[at] for row in rows] for at, name in enumerate(names)}
            self._writer.write_table(pa.table(by_column, schema=self._schema))
        return self._sink.take()

    def end(self) -> bytes:
        self._writer.close()
        return self._sink.take()


class _Sink(io.RawIOBase):
    """A file that is only written: what was written is taken away piece by piece."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._length = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._length += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._length

    def take(self) -> bytes:
        taken = b"".join(self._pieces)
        self._pieces.clear()
        return taken
