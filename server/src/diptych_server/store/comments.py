"""Comments in the accounts database: small, and of people, not of senders."""

import secrets
from collections.abc import Mapping
from time import time_ns
from typing import Any, NamedTuple

import sqlalchemy as sa

from diptych_server.store.accounts import Accounts
from diptych_server.store.accounts_tables import COMMENTS


class StoredComment(NamedTuple):
    """A comment, as stored."""

    id: str
    project_id: str
    author: str
    session_id: str
    trace_id: str
    span_id: str
    turn_id: str
    moment_ms: int | None
    text: str
    created_at_ms: int


def add_comment(
    accounts: Accounts,
    project_id: str,
    *,
    author: str,
    target: Mapping[str, str],
    moment_ms: int | None,
    text: str,
) -> StoredComment:
    """Store a comment; `target` has the one id of what it stands at, or a span's with its trace's. Blocks."""
    comment = StoredComment(
        id=secrets.token_hex(16),
        project_id=project_id,
        author=author,
        session_id=target.get("session_id", ""),
        trace_id=target.get("trace_id", ""),
        span_id=target.get("span_id", ""),
        turn_id=target.get("turn_id", ""),
        moment_ms=moment_ms,
        text=text,
        created_at_ms=time_ns() // 1_000_000,
    )
    with accounts.write() as connection:
        connection.execute(COMMENTS.insert().values(comment._asdict()))
    return comment


def list_comments(
    accounts: Accounts,
    project_id: str,
    *,
    target: Mapping[str, str],
    after: tuple[int, str] | None,
    limit: int,
) -> list[StoredComment]:
    """The comments whose ids are those of `target`, all without one, the oldest first. Blocks.

    Args:
        accounts: the database.
        project_id: whose.
        target: column and id; a trace's are with those of its spans.
        after: `created_at_ms` and id of the last one of the page before.
        limit: how many at most.
    """
    column = COMMENTS.c
    wanted = sa.select(COMMENTS).where(column.project_id == project_id)
    for name, value in target.items():
        wanted = wanted.where(column[name] == value)
    if after is not None:
        wanted = wanted.where(sa.tuple_(column.created_at_ms, column.id) > sa.tuple_(*map(sa.literal, after)))
    with accounts.read() as connection:
        rows = connection.execute(wanted.order_by(column.created_at_ms, column.id).limit(limit))
        return [_stored(row) for row in rows]


def remove_comment(accounts: Accounts, project_id: str, comment_id: str) -> bool:
    """Delete a comment; says whether it was there. Blocks."""
    gone = COMMENTS.delete().where(COMMENTS.c.project_id == project_id, COMMENTS.c.id == comment_id)
    with accounts.write() as connection:
        return connection.execute(gone).rowcount == 1


def _stored(row: sa.Row[Any]) -> StoredComment:
    return StoredComment(**row._asdict())
