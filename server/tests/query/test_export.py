"""What a list shows, as a file: the same rows in the same order, as CSV and as Parquet."""

import csv
import io
from typing import Any

import pyarrow.parquet as pq  # type: ignore[import-untyped]  # it ships no types
import pytest

from diptych_server.query import export
from diptych_server.store.database import Database

from .conftest import Ask
from .seeds import ASKED_MS, deliver, llm, rum, span, view

IDS = {"sessions": "session_id", "traces": "trace_id", "spans": "span_id", "turns": "turn_id"}

SIGNALS = pytest.mark.parametrize("signal", sorted(IDS))


def seeds(project_id: str) -> list[Any]:
    """Seven sessions, each with a trace of two spans; the names of people try to be formulas."""
    rows: list[Any] = []
    for number in range(7):
        trace = f"{number + 1:032x}"
        at = ASKED_MS + number * 1_000
        name = ["=1+1", "+cmd|'/c calc'!A1", "-2", "@SUM(A1)", "\tx", 'a "quoted", name', "línea\nnueva"][
            number
        ]
        rows += [
            view(
                project_id, f"v{number}", session_id=f"s{number}", ts=at, user_name=name, user_id=str(number)
            ),
            rum(project_id, f"a{number}", session_id=f"s{number}", type="answer", ts=at, trace_id=trace),
            span(
                project_id,
                f"{number + 1:016x}",
                trace_id=trace,
                session_id=f"s{number}",
                start_ns=at * 1_000_000,
                input="=HYPERLINK(1)",
            ),
            llm(project_id, f"{number + 101:016x}", trace_id=trace, parent_id=f"{number + 1:016x}"),
        ]
    return rows


async def listed(ask: Ask, signal: str) -> list[Any]:
    items: list[Any] = (await ask(signal, limit=100)).json()["items"]
    return items


@SIGNALS
async def test_both_files_hold_what_the_list_holds(
    ask: Ask, database: Database, project_id: str, signal: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Pages smaller than the list, so that a file is made of several.
    monkeypatch.setattr(export, "PAGE_ROWS", 3)
    monkeypatch.setattr(export, "TURN_PAGE_ROWS", 3)
    await deliver(database, seeds(project_id))
    ids = [item[IDS[signal]] for item in await listed(ask, signal)]

    answer = await ask("export", signal=signal, format="csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert f'filename="diptych-{signal}-' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row[IDS[signal]] for row in rows] == ids

    answer = await ask("export", signal=signal, format="parquet")
    table = pq.read_table(io.BytesIO(answer.content))
    assert table.column(IDS[signal]).to_pylist() == ids
    assert table.schema.names == list(rows[0])
    for row, typed in zip(rows, table.to_pylist(), strict=True):
        assert row == {name: as_csv(value) for name, value in typed.items()}


def as_csv(value: object) -> str:
    """A typed cell as it stands in the CSV."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else str(value)


async def test_no_cell_of_a_csv_is_a_formula(ask: Ask, database: Database, project_id: str) -> None:
    await deliver(database, seeds(project_id))
    for signal in IDS:
        answer = await ask("export", signal=signal, format="csv")
        texts = [cell for row in csv.reader(io.StringIO(answer.text, newline="")) for cell in row]
        assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert "'=HYPERLINK(1)" in texts or "'=1+1" in texts


async def test_an_export_is_of_the_search_and_of_no_more_rows_than_asked_for(
    ask: Ask, database: Database, project_id: str
) -> None:
    await deliver(database, seeds(project_id))
    found = await ask("export", signal="sessions", query="usr.id:(3 OR 5)")
    assert [row["user_id"] for row in csv.DictReader(io.StringIO(found.text, newline=""))] == ["5", "3"]
    few = await ask("export", signal="sessions", limit=2)
    assert [row["user_id"] for row in csv.DictReader(io.StringIO(few.text, newline=""))] == ["6", "5"]
    nothing = await ask("export", signal="spans", query="kind:retrieval", format="parquet")
    assert pq.read_table(io.BytesIO(nothing.content)).num_rows == 0


@pytest.mark.parametrize(
    ("parameters", "where"),
    [
        ({"query": "nonsense:("}, "query"),
        ({"limit": 100_001}, "limit"),
        ({"format": "xlsx"}, "format"),
        ({"signal": "pages"}, "signal"),
    ],
)
async def test_what_cannot_be_exported_is_refused_before_a_file_begins(
    ask: Ask, parameters: dict[str, Any], where: str
) -> None:
    answer = await ask("export", **{"signal": "sessions"} | parameters)
    assert answer.status_code == 400
    assert answer.json()["where"] == where
