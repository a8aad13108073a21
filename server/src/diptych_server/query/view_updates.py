"""What a view became after its last whole version: differences (`view_update`) folded onto it when read.

    objects            merged, a null deletes its key
    _dd.page_states    what is new is appended
    REPLACED           stand whole in a difference

A difference says what changed since the version before it, whichever of the two travelled; it never stands
for a version. Source: the browser SDK 7 and rum-events-format's view_update schema.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from diptych_server.store.database import Database

REPLACED = frozenset(
    {("view", "custom_timings"), ("context",), ("connectivity",), ("usr",), ("device",), ("privacy",)}
)
APPENDED = frozenset({("_dd", "page_states")})

UPDATE = "view_update"

_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encode = msgspec.json.encode


async def with_updates(
    database: Database, project_id: str, session_id: str, rows: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """Rows of events, their views brought up to date.

    Read of a row are `type`, `view_id`, `document_version`, `duration_ns` and `raw`. A row of a view of which
    no whole version has arrived may itself be of its newest difference.
    """
    views = {row["view_id"] for row in rows if row["type"] in ("view", UPDATE)}
    updates = await _updates(database, project_id, session_id, views) if views else {}
    return [
        _updated(row, updates[row["view_id"]])
        if row["type"] in ("view", UPDATE) and row["view_id"] in updates
        else row
        for row in rows
    ]


def fold(
    whole: Mapping[str, Any], difference: Mapping[str, Any], path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """An object with one difference applied; neither argument is changed."""
    folded = dict(whole)
    for key, value in difference.items():
        place = (*path, key)
        known = folded.get(key)
        if value is None:
            folded.pop(key, None)
        elif place in APPENDED and isinstance(known, list) and isinstance(value, list):
            folded[key] = [*known, *value]
        elif place not in REPLACED and isinstance(known, dict) and isinstance(value, dict):
            folded[key] = fold(known, value, place)
        else:
            folded[key] = value
    return folded


async def _updates(
    database: Database, project_id: str, session_id: str, view_ids: Collection[str]
) -> dict[str, list[dict[str, Any]]]:
    """The differences of each view that has any, in the order of their versions."""
    rows = await database.query(
        """
        SELECT view_id, document_version, duration_ns, raw FROM rum_events
        WHERE project_id = {project:String} AND session_id = {session:String} AND type = 'view_update'
          AND view_id IN {views:Array(String)}
        ORDER BY view_id, document_version, precedence DESC
        LIMIT 1 BY view_id, document_version
        """,
        {"project": project_id, "session": session_id, "views": sorted(view_ids)},
    )
    by_view: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        by_view[row["view_id"]].append(row)
    return dict(by_view)


def _updated(row: dict[str, Any], updates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    is_whole = row["type"] == "view"
    newer = [each for each in updates if not is_whole or each["document_version"] > row["document_version"]]
    if not newer:
        return row
    raw = _decode(row["raw"]) if is_whole else {}
    for each in newer:
        raw = fold(raw, _decode(each["raw"]))
    return {
        **row,
        "type": "view",
        "document_version": newer[-1]["document_version"],
        "duration_ns": max(row["duration_ns"], *(each["duration_ns"] for each in newer)),
        "raw": _encode({**raw, "type": "view"}).decode(),
    }
