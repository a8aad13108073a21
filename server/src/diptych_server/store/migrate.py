"""The schema of a data folder, brought up to date when it is opened: the SQL files of `migrations/`."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from importlib.resources import files

from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError

from diptych_server.errors import StartError
from diptych_server.store.engine_errors import first_line

_STATEMENT_END = re.compile(r";\s*$", re.MULTILINE)
_COMMENT_LINE = re.compile(r"^\s*--.*$", re.MULTILINE)


def migrate(client: Client) -> None:
    """Apply the SQL files of `migrations/` that have not been, in the order of their names.

    Raises:
        StartError: one fails, or was applied with other contents.
    """
    client.command(
        "CREATE TABLE IF NOT EXISTS schema_migrations"
        " (name String, checksum String, applied_at DateTime64(3, 'UTC'))"
        " ENGINE = MergeTree ORDER BY name"
    )
    applied = {
        str(name): str(checksum)
        for name, checksum in client.query("SELECT name, checksum FROM schema_migrations").result_rows
    }
    packed = _packed_parts_setting(client)
    folder = files("diptych_server.store") / "migrations"
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not file.name.endswith(".sql"):
            continue
        text = file.read_text(encoding="utf-8")
        checksum = sha256(text.encode()).hexdigest()
        if file.name in applied:
            if applied[file.name] != checksum:
                raise StartError(
                    f"migration {file.name} was applied with other contents. "
                    "The data folder belongs to another version of diptych."
                )
            continue
        try:
            for statement in _STATEMENT_END.split(_COMMENT_LINE.sub("", text)):
                if statement.strip():
                    # To make a large table anew takes longer than any question may.
                    client.command(
                        statement.replace("/*packed*/", packed), settings={"max_execution_time": 0}
                    )
        except ClickHouseError as exc:
            raise StartError(f"migration {file.name} failed: {first_line(exc)}") from exc
        client.insert("schema_migrations", [[file.name, checksum, datetime.now(UTC)]])


def _packed_parts_setting(client: Client) -> str:
    """Small parts as one file: a third off a small insert, where the engine knows the setting."""
    name = "min_bytes_for_full_part_storage"
    known = client.query("SELECT 1 FROM system.merge_tree_settings WHERE name = %(name)s", {"name": name})
    return f", {name} = 100000000" if known.result_rows else ""
