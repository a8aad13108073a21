"""Saved views in the accounts database: a list as somebody left it, under a name. All of these block."""

import secrets
from time import time_ns
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from diptych_server.errors import BadRequest, NotFound
from diptych_server.store.accounts import Accounts
from diptych_server.store.accounts_tables import SAVED_VIEWS

MAX_VIEWS = 200
"""Of one list in a project."""

_COLUMNS = SAVED_VIEWS.c


class StoredView(NamedTuple):
    """A saved view, as stored."""

    id: str
    project_id: str
    signal: str
    name: str
    search: str
    is_default: bool
    created_at_ms: int


def list_views(accounts: Accounts, project_id: str) -> list[StoredView]:
    """All views of a project, by list and name."""
    wanted = sa.select(SAVED_VIEWS).where(_COLUMNS.project_id == project_id)
    with accounts.read() as connection:
        return [
            StoredView(*row) for row in connection.execute(wanted.order_by(_COLUMNS.signal, _COLUMNS.name))
        ]


def add_view(
    accounts: Accounts, project_id: str, *, signal: str, name: str, search: str, is_default: bool
) -> StoredView:
    """Store a view.

    Raises:
        BadRequest: the list has a view of this name, or as many as it may.
    """
    view = StoredView(
        secrets.token_hex(8), project_id, signal, name, search, is_default, time_ns() // 1_000_000
    )
    count = sa.select(sa.func.count()).where(_COLUMNS.project_id == project_id, _COLUMNS.signal == signal)
    try:
        with accounts.write() as connection:
            if connection.execute(count).scalar_one() >= MAX_VIEWS:
                raise BadRequest(f"expected at most {MAX_VIEWS} views of a list; delete some first")
            if is_default:
                _clear_default(connection, project_id, signal)
            connection.execute(SAVED_VIEWS.insert().values(view._asdict()))
    except IntegrityError as exc:
        raise _taken(name) from exc
    return view


def change_view(
    accounts: Accounts,
    project_id: str,
    view_id: str,
    *,
    name: str | None = None,
    search: str | None = None,
    is_default: bool | None = None,
) -> StoredView:
    """Change what is given, and give the view as it is then.

    Raises:
        NotFound: the project has no such view.
        BadRequest: another view of the list has this name.
    """
    given: dict[str, Any] = {"name": name, "search": search, "is_default": is_default}
    changes = {column: value for column, value in given.items() if value is not None}
    one = sa.and_(_COLUMNS.project_id == project_id, _COLUMNS.id == view_id)
    try:
        with accounts.write() as connection:
            row = connection.execute(sa.select(SAVED_VIEWS).where(one)).one_or_none()
            if row is None:
                raise _unknown(view_id)
            if is_default:
                _clear_default(connection, project_id, row.signal)
            if changes:
                connection.execute(SAVED_VIEWS.update().where(one).values(changes))
            return StoredView(*row)._replace(**changes)
    except IntegrityError as exc:
        raise _taken(name or "") from exc


def remove_view(accounts: Accounts, project_id: str, view_id: str) -> None:
    """Delete a view.

    Raises:
        NotFound: the project has no such view.
    """
    one = SAVED_VIEWS.delete().where(_COLUMNS.project_id == project_id, _COLUMNS.id == view_id)
    with accounts.write() as connection:
        if connection.execute(one).rowcount == 0:
            raise _unknown(view_id)


def _clear_default(connection: sa.Connection, project_id: str, signal: str) -> None:
    others = SAVED_VIEWS.update().where(_COLUMNS.project_id == project_id, _COLUMNS.signal == signal)
    connection.execute(others.values(is_default=False))


def _taken(name: str) -> BadRequest:
    return BadRequest(f"this list has a view named {name!r} already", where="name")


def _unknown(view_id: str) -> NotFound:
    return NotFound(f"there is no saved view {view_id[:64]!r} in this project")
