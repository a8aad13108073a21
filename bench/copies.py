"""Copies of what is stored, made by the engine: each with ids of its own and somewhat earlier.

A tenth of a large load is made from payloads; to make all of it so would take longer than to measure it.
"""

from pathlib import Path

import clickhouse_connect
from clickhouse_connect.driver.client import Client

PREFIXES = "ghijklmnopqrstuvwxyz"
"""First characters of the copies' ids; those that were made are hexadecimal."""

SHIFT_MS = 67_000
"""How much earlier each copy stands than the one before."""

ROWS_AN_INSERT = 10_000

REACTS_TO = """
if(type = 'reaction', replaceRegexpOne(raw, '"answer_id":"[0-9a-f]', '"answer_id":"{prefix}'), raw)
"""
"""A reaction names its answer in what has no column."""

IDS = {
    "rum_events": ("event_id", "session_id", "view_id", "trace_id", "span_id"),
    "spans": ("trace_id", "span_id", "parent_id", "session_id", "session_claim"),
    "evaluations": ("evaluation_id", "trace_id"),
    "replay_segments": ("session_id", "view_id", "content_hash"),
}
TIMES = {
    "rum_events": ("ts", "seen_at"),
    "spans": ("seen_at",),
    "evaluations": ("ts", "seen_at"),
    "replay_segments": ("start", "end", "seen_at"),
}
MADE = {name: ids[0] for name, ids in IDS.items()}
"""Column that tells what was made from what is a copy."""


def copy_all(store: Path, copies: int) -> None:
    """Add so many copies to the store; its views see them as they see every insert."""
    if copies > len(PREFIXES):
        raise ValueError(f"expected at most {len(PREFIXES)} copies, got {copies}")
    client = clickhouse_connect.get_client(
        interface="chdb",
        path=str(store),
        chdb_options={"config-file": str(store / "engine.xml")},
        settings={
            "max_threads": 1,
            "max_insert_threads": 1,
            "max_block_size": ROWS_AN_INSERT,
            "min_insert_block_size_rows": ROWS_AN_INSERT,
            "min_insert_block_size_bytes": 0,
        },
    )
    try:
        for number in range(copies):
            for table in IDS:
                _copy(client, table, PREFIXES[number], (number + 1) * SHIFT_MS)
    finally:
        client.close()


def _copy(client: Client, table: str, prefix: str, shift_ms: int) -> None:
    changed = {
        name: f"if({name} = '', '', concat('{prefix}', substring({name}, 2)))" for name in IDS[table]
    } | {name: f"{name} - toIntervalMillisecond({shift_ms})" for name in TIMES[table]}
    if table == "spans":
        changed["start_ns"] = f"start_ns - {shift_ms * 1_000_000}"
    if table == "rum_events":
        changed["raw"] = REACTS_TO.replace("{prefix}", prefix)
    replaced = ", ".join(f"{expression} AS {name}" for name, expression in changed.items())
    client.command(
        f"INSERT INTO {table} SELECT * REPLACE ({replaced})"
        f" FROM (SELECT * FROM {table} WHERE {MADE[table]} < 'g')"
    )
