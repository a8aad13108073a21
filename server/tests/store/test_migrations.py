"""A data folder of an earlier version: it opens, and answers with all that was in it."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

OLDEST = "0003"
"""The first migrations up to this one made the folder; all later ones bring it up to date."""

FILL = """
import json, sys
from hashlib import sha256
from datetime import UTC, datetime
from importlib.resources import files
import clickhouse_connect

folder, upto = sys.argv[1:3]
client = clickhouse_connect.get_client(interface="chdb", path=folder)
client.command("CREATE TABLE schema_migrations"
               " (name String, checksum String, applied_at DateTime64(3, 'UTC'))"
               " ENGINE = MergeTree ORDER BY name")
for file in sorted((files("diptych_server.store") / "migrations").iterdir(), key=lambda entry: entry.name):
    if file.name.endswith(".sql") and file.name[:4] <= upto:
        text = file.read_text()
        lines = [line for line in text.splitlines() if not line.lstrip().startswith("--")]
        for statement in "\\n".join(lines).replace("/*packed*/", "").split(";\\n"):
            if statement.strip(" \\n;"):
                client.command(statement.strip(" \\n;"))
        checksum = sha256(text.encode()).hexdigest()
        client.insert("schema_migrations", [[file.name, checksum, datetime.now(UTC)]])
for statement in json.load(sys.stdin):
    client.command(statement)
client.close()
"""
"""Makes a folder as an earlier version left it, without a line of today's code."""

DAY_MS = 86_400_000
RUM = (
    "project_id, precedence, received_at, retention_days, application_id, session_id, view_id, tab_id,"
    " view_url, type, event_id, document_version, ts, seen_at, user_id, trace_id, span_id, duration_ns,"
    " first_byte_ms, first_paint_ms, done_ms, end_reason, frustrations, raw"
)
SPANS = (
    "project_id, precedence, received_at, retention_days, trace_id, span_id, parent_id, name, kind, start_ns,"
    " duration_ns, seen_at, service, ml_app, status, model, has_usage, input_tokens, output_tokens, cost_usd,"
    " session_claim, input_preview, output_preview, tags, raw"
)
JUDGED = (
    "project_id, precedence, received_at, retention_days, evaluation_id, ts, seen_at, label, metric_type,"
    " value, assessment, source, trace_id, session_id, feedback_key"
)


def rum(at_ms: int, kind: str, event_id: str, version: int = 0, trace_id: str = "", extra: str = "[]") -> str:
    """One insert of an event of the session `s1`."""
    moment = f"fromUnixTimestamp64Milli({at_ms})"
    felt = "250, 270, 400, 'done'" if kind == "answer" else "NULL, NULL, NULL, ''"
    return (
        f"INSERT INTO rum_events ({RUM}) VALUES ('p', 1, now(), 30, 'shop', 's1', 'v1', 'tab', 'http://shop/',"
        f" '{kind}', '{event_id}', {version}, {moment}, {moment}, 'ana', '{trace_id}', '{'e' * 16}',"
        f" 400000000, {felt}, {extra}, '{{}}')"
    )


def span(
    at_ms: int, trace_id: str, span_id: str, parent_id: str, kind: str, claim: str = "", status: str = "ok"
) -> str:
    """One insert of a span; of a model where its kind is `llm`."""
    usage = "'gpt', 1, 100, 20, 0.001" if kind == "llm" else "'', 0, 0, 0, NULL"
    return (
        f"INSERT INTO spans ({SPANS}) VALUES ('p', 1, now(), 30, '{trace_id}', '{span_id}', '{parent_id}',"
        f" 'step {kind}', '{kind}', {at_ms * 1_000_000}, 300000000, fromUnixTimestamp64Milli({at_ms}),"
        f" 'agent', 'concierge', '{status}', {usage}, '{claim}', 'asked', 'told',"
        f" {{'feedback_key': 'key {trace_id[0]}'}}, '{{}}')"
    )


def judgement(at_ms: int, evaluation_id: str, trace_id: str, session_id: str, feedback_key: str) -> str:
    """One insert of a verdict."""
    moment = f"fromUnixTimestamp64Milli({at_ms})"
    return (
        f"INSERT INTO evaluations ({JUDGED}) VALUES ('p', 1, now(), 30, '{evaluation_id}', {moment},"
        f" {moment}, 'grounded', 'boolean', 'true', 'pass', 'judge', '{trace_id}', '{session_id}',"
        f" '{feedback_key}')"
    )


def content(now_ms: int) -> list[str]:
    """A session over two days with traces joined in each way, some of it delivered twice."""
    first, second, third = "a" * 32, "b" * 32, "c" * 32
    yesterday_ms = now_ms - DAY_MS
    once = [
        rum(yesterday_ms, "view", "v1-1", version=1),
        rum(now_ms - 60_000, "view", "v1-2", version=2),
        rum(now_ms - 59_000, "action", "click", extra="['rage_click']"),
        rum(now_ms - 50_000, "resource", "request", trace_id=first),
        rum(now_ms - 50_000, "answer", "answer-1", trace_id=first),
        rum(now_ms - 30_000, "answer", "answer-2"),
        span(now_ms - 49_950, first, "1" * 16, "e" * 16, "span"),
        span(now_ms - 49_940, first, "2" * 16, "1" * 16, "agent"),
        span(now_ms - 49_930, first, "3" * 16, "2" * 16, "llm"),
        span(now_ms - 29_900, second, "4" * 16, "", "llm", claim="s1", status="error"),
        span(now_ms - 10_000, third, "5" * 16, "", "workflow"),
        judgement(now_ms, "of-trace", first, "", ""),
        judgement(now_ms, "by-key", "", "s1", "key c"),
    ]
    return [*once, *once[::3]]


ASK = """
import asyncio, sys
import msgspec
from diptych_server.query.instants import Period
from diptych_server.query.sessions import list_sessions
from diptych_server.query.session_traces import list_session_traces
from diptych_server.query.trace import get_trace
from diptych_server.query.traces import list_traces
from diptych_server.query.turns import list_turns
from diptych_server.store.database import Database

async def ask(database):
    ever = Period(0, 4_000_000_000_000)
    return {
        "sessions": await list_sessions(database, "p", ever),
        "traces": await list_traces(database, "p", ever),
        "failed": await list_traces(database, "p", ever, query="status:error"),
        "of session": await list_session_traces(database, "p", "s1"),
        "trace": await get_trace(database, "p", "a" * 32),
        "turns": await list_turns(database, "p", ever),
    }

database = Database.open(f"chdb://{sys.argv[1]}")
print(msgspec.json.encode(asyncio.run(ask(database))).decode())
database.close()
"""


def run(script: str, *arguments: str, given: str = "") -> str:
    """Run a script in a process of its own: the engine opens one folder a process."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    ).stdout


def test_a_folder_of_an_earlier_version_is_brought_up_to_date_with_all_that_is_in_it(tmp_path: Path) -> None:
    folder = str(tmp_path / "old")
    run(FILL, folder, OLDEST, given=json.dumps(content(time.time_ns() // 1_000_000)))
    answers: dict[str, Any] = json.loads(run(ASK, folder))

    [session] = answers["sessions"]["items"]
    assert {name: session[name] for name in ("views", "actions", "answers", "frustrations", "traces")} == {
        "views": 1,
        "actions": 1,
        "answers": 2,
        "frustrations": {"rage_click": 1},
        "traces": 3,
    }
    assert (session["user"]["id"], session["tokens"]["total"], session["cost_usd"]) == ("ana", 240, 0.002)
    # Called after the topmost span of LLM kinds, which earlier versions did not keep.
    assert [(trace["name"], trace["spans"]) for trace in answers["of session"]["items"]] == [
        ("step agent", 3),
        ("step llm", 1),
        ("step workflow", 1),
    ]
    assert [trace["trace_id"][0] for trace in answers["traces"]["items"]] == ["c", "b", "a"]
    assert [trace["trace_id"][0] for trace in answers["failed"]["items"]] == ["b"]
    trace = answers["trace"]
    assert [(each["session_id"], each["source"]) for each in trace["sessions"]] == [("s1", "trace")]
    assert [each["evaluation_id"] for each in trace["evaluations"]] == ["of-trace"]
    assert [(turn["turn_id"], turn["match"]) for turn in answers["turns"]["items"]] == [
        ("c" * 32, None),
        ("answer-2", "time"),
        ("answer-1", "trace"),
    ]
