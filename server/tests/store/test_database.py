"""The store: rows match tables, inserts are whole, roll-ups are idempotent, one process a folder."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from diptych_server.errors import RowsRefused, StartError, Unavailable
from diptych_server.store.database import Database
from diptych_server.store.engine_settings import MERGE_NICE
from diptych_server.store.rows import TABLES, Row, RumEventRow, SpanRow, first_wins, last_wins

NOW_MS = int(time.time() * 1000)
DAY_MS = 86_400_000


def rum_event(project_id: str, event_id: str, **changes: Any) -> RumEventRow:
    row = RumEventRow(
        project_id=project_id,
        event_id=event_id,
        precedence=first_wins(NOW_MS),
        type="action",
        ts=NOW_MS,
        seen_at=NOW_MS,
        received_at=NOW_MS,
        clock_offset_ms=3,
        retention_days=30,
        application_id="app",
        session_id="s1",
        view_id="v1",
    )
    return row._replace(**changes)


def span(project_id: str, span_id: str, **changes: Any) -> SpanRow:
    row = SpanRow(
        project_id=project_id,
        trace_id="a" * 32,
        span_id=span_id,
        parent_id="",
        precedence=last_wins(NOW_MS),
        start_ns=NOW_MS * 1_000_000,
        duration_ns=2_000_000,
        seen_at=NOW_MS,
        received_at=NOW_MS,
        retention_days=30,
        name="root",
    )
    return row._replace(**changes)


@pytest.mark.parametrize("row_type", TABLES, ids=lambda row_type: row_type.__name__)
async def test_the_fields_of_a_row_are_the_columns_that_its_table_does_not_make(
    database: Database, row_type: type[Row]
) -> None:
    columns = await database.query(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
        " AND default_kind != 'MATERIALIZED' ORDER BY position",
        {"table": TABLES[row_type]},
    )
    assert tuple(column["name"] for column in columns) == row_type._fields


async def test_threads_that_merge_come_after_those_that_store_and_answer(database: Database) -> None:
    name = "os_threads_nice_value_merge_mutate"
    [setting] = await database.query(
        "SELECT value FROM system.server_settings WHERE name = {name:String}", {"name": name}
    )
    assert setting == {"value": str(MERGE_NICE)}


async def test_a_large_part_of_a_roll_up_is_not_written_anew_with_each_commit(
    database: Database, project_id: str
) -> None:
    # A day of its own, whose parts are those of this test.
    day_ms = NOW_MS - 1_000 * DAY_MS

    def event_of(session_id: str) -> RumEventRow:
        event_id = uuid4().hex
        return rum_event(project_id, event_id, session_id=session_id, seen_at=day_ms, retention_days=2_000)

    session_ids = [uuid4().hex for _ in range(20_000)]
    await database.insert([event_of(each) for each in session_ids])
    commits = 60
    for each in session_ids[:commits]:
        await database.insert([event_of(each)])
        # Merges keep pace, as they do with commits that come evenly.
        await asyncio.sleep(0.1)
    [largest] = await database.query(
        """
        SELECT rows, level AS times_written FROM system.parts
        WHERE active AND table = 'sessions' AND partition = {day:String} ORDER BY rows DESC LIMIT 1
        """,
        {"day": time.strftime("%Y-%m-%d", time.gmtime(day_ms / 1000))},
    )
    assert largest["rows"] == len(session_ids)
    assert largest["times_written"] <= commits / 8


async def test_a_delivery_repeated_counts_once_in_the_roll_ups(database: Database, project_id: str) -> None:
    click = rum_event(project_id, "click", frustrations=("rage_click",))
    for rows in ([click], [click], [click, rum_event(project_id, "other")]):
        await database.insert(rows)
    [session] = await database.query(
        "SELECT uniqExactMerge(actions) AS actions, uniqExactMerge(rage_clicks) AS rage_clicks FROM sessions"
        " WHERE project_id = {p:String}",
        {"p": project_id},
    )
    assert session == {"actions": 2, "rage_clicks": 1}


async def test_what_is_stored_expires_by_when_it_was_seen_whatever_the_senders_clock_said(
    database: Database, project_id: str
) -> None:
    past_ms = NOW_MS - 31 * DAY_MS
    await database.insert(
        [
            rum_event(project_id, "a year behind", session_id="kept", ts=NOW_MS - 365 * DAY_MS),
            rum_event(project_id, "a year ahead", session_id="kept", ts=NOW_MS + 365 * DAY_MS),
            rum_event(project_id, "too old", session_id="old", seen_at=past_ms),
        ]
    )
    await database.insert(
        [
            span(project_id, "1" * 16, start_ns=(NOW_MS - 365 * DAY_MS) * 1_000_000),
            span(project_id, "2" * 16, seen_at=past_ms, trace_id="b" * 32),
        ]
    )
    days = [time.strftime("%Y-%m-%d", time.gmtime(at_ms / 1000)) for at_ms in (past_ms, NOW_MS)]
    found = {}
    for table, name in (
        ("rum_events", "event_id"),
        ("sessions", "session_id"),
        ("spans", "span_id"),
        ("traces", "trace_id"),
    ):
        for day in days:
            await database.query(f"OPTIMIZE TABLE {table} PARTITION '{day}' FINAL")
        rows = await database.query(
            f"SELECT DISTINCT {name} AS id FROM {table} WHERE project_id = {{p:String}} ORDER BY id",
            {"p": project_id},
        )
        found[table] = [row["id"] for row in rows]
    assert found == {
        "rum_events": ["a year ahead", "a year behind"],
        "sessions": ["kept"],
        "spans": ["1" * 16],
        "traces": ["a" * 32],
    }


async def test_the_root_of_a_trace_is_the_same_in_whatever_order_its_spans_arrive(
    database: Database, project_id: str
) -> None:
    child = span(project_id, "b" * 16, parent_id="a" * 16, name="child", start_ns=NOW_MS * 1_000_000 + 5)
    await database.insert([child])
    await database.insert([span(project_id, "a" * 16)])
    [trace] = await database.query(
        "SELECT max(root).name AS root, uniqExactMerge(spans) AS spans FROM traces"
        " WHERE project_id = {p:String}",
        {"p": project_id},
    )
    assert trace == {"root": "root", "spans": 2}


async def test_a_row_that_the_engine_cannot_hold_is_refused_and_says_why(
    database: Database, project_id: str
) -> None:
    with pytest.raises(RowsRefused, match="spans"):
        await database.insert([span(project_id, "c" * 16, input_tokens=-1)])


@pytest.fixture
def folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where this process stands, as when a release is started from its folder and then removed."""
    monkeypatch.chdir(tmp_path)
    tmp_path.rmdir()


@pytest.mark.usefixtures("folder_that_is_gone")
async def test_an_error_of_the_system_is_not_blamed_on_the_rows(database: Database, project_id: str) -> None:
    with pytest.raises(Unavailable, match="filesystem error"):
        await database.insert([rum_event(project_id, "e1")])


async def test_text_with_quotes_newlines_and_emoji_comes_back_as_it_went_in(
    database: Database, project_id: str
) -> None:
    text = 'it\'s "quoted"\n\ttab \\ back \u0000 nul, emoji 🙂'
    await database.insert([rum_event(project_id, "text", raw=text, user_name=text)])
    [row] = await database.query(
        "SELECT raw, user_name FROM rum_events WHERE project_id = {p:String} AND user_name = {t:String}",
        {"p": project_id, "t": text},
    )
    assert row == {"raw": text, "user_name": text}


def test_a_second_process_on_the_folder_is_told_that_it_is_in_use(tmp_path: Path) -> None:
    # Two processes of their own: this one has its engine open on another folder already.
    script = (
        "import sys, time\n"
        "from diptych_server.errors import StartError\n"
        "from diptych_server.store.database import Database\n"
        "try:\n"
        "    database = Database.open(sys.argv[1])\n"
        "except StartError as exc:\n"
        "    sys.exit(f'StartError: {exc}')\n"
        "print('open', flush=True)\n"
        "sys.stdin.read()\n"
        "database.close()\n"
    )
    command = [sys.executable, "-c", script, f"chdb://{tmp_path}/store"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "open\n"
        second = subprocess.run(command, input="", capture_output=True, text=True, check=False)
        first.communicate("")
    assert second.returncode == 1
    assert "another diptych process is using it" in second.stderr
    assert first.returncode == 0


def test_a_store_that_is_no_folder_is_refused_in_plain_words() -> None:
    with pytest.raises(StartError, match="expected chdb:///FOLDER"):
        Database.open("postgres://host/db")
