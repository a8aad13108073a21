"""Tables that tests fill a cell at a time, printed after the run whichever process ran the test."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

PROPERTY = "cells of a table"

AddCells = Callable[[str, str, dict[str, str]], None]
"""`add_cells(table, row, {column: cell})`: what a test has found, whether it then passes or fails."""


class Cells(NamedTuple):
    """What one test adds to a table."""

    table: str
    row: str
    cells: dict[str, str]


@pytest.fixture
def add_cells(request: pytest.FixtureRequest) -> AddCells:
    """Adds cells to a table that is printed after the run."""

    def add(table: str, row: str, cells: dict[str, str]) -> None:
        request.node.user_properties.append((PROPERTY, [table, row, cells]))

    return add


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every table, its rows and columns in the order in which they were first met."""
    tables: dict[str, dict[str, dict[str, str]]] = {}
    for report in (*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")):
        for table, row, cells in _cells_of(report):
            tables.setdefault(table, {}).setdefault(row, {}).update(cells)
    for table, rows in tables.items():
        terminalreporter.section(table)
        for line in rendered(rows):
            terminalreporter.write_line(line)


def _cells_of(report: pytest.TestReport) -> Iterator[Cells]:
    for name, value in report.user_properties:
        if name == PROPERTY and isinstance(value, list) and report.when == "call":
            yield Cells(*value)


def rendered(rows: dict[str, dict[str, str]]) -> list[str]:
    """The lines of a table; `·` where a row has no such column."""
    columns = list(dict.fromkeys(column for cells in rows.values() for column in cells))
    lines = [["", *columns]]
    lines += [[row, *(cells.get(column, "·") for column in columns)] for row, cells in rows.items()]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in lines]
