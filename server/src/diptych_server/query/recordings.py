"""What was recorded of a session: the segments that arrived, of several for one place the first delivery."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

from diptych_server.store.database import Database


class Segment(NamedTuple):
    """One stored segment; times are the page's clock, epoch ms."""

    view_id: str
    segment_index: int
    tab_id: str
    format: str
    start_ms: int
    end_ms: int
    records: int
    has_full_snapshot: bool
    clock_offset_ms: int | None
    """Received minus sent, of the request that brought it."""


async def session_segments(database: Database, project_id: str, session_id: str) -> list[Segment]:
    """The segments of a session, by view and index."""
    return (await segments_of_sessions(database, project_id, [session_id])).get(session_id, [])


async def segments_of_sessions(
    database: Database, project_id: str, session_ids: Sequence[str]
) -> dict[str, list[Segment]]:
    """The same of several sessions; those without one are left out."""
    rows = await database.query(
        """
        SELECT session_id, view_id, segment_index, tab_id, toString(format) AS format,
          toUnixTimestamp64Milli(start) AS start_ms, toUnixTimestamp64Milli(end) AS end_ms, records,
          toBool(has_full_snapshot) AS has_full_snapshot, clock_offset_ms
        FROM replay_segments
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
        ORDER BY precedence DESC, content_hash
        LIMIT 1 BY session_id, view_id, segment_index
        """,
        {"project": project_id, "sessions": list(session_ids)},
    )
    found: dict[str, list[Segment]] = defaultdict(list)
    for row in rows:
        found[row.pop("session_id")].append(Segment(**row))
    untabbed = [key for key, segments in found.items() if not all(each.tab_id for each in segments)]
    tabs = await _tabs_of_views(database, project_id, untabbed) if untabbed else {}
    return {
        session_id: sorted(
            each if each.tab_id else each._replace(tab_id=tabs.get((session_id, each.view_id), ""))
            for each in segments
        )
        for session_id, segments in found.items()
    }


async def _tabs_of_views(
    database: Database, project_id: str, session_ids: Sequence[str]
) -> dict[tuple[str, str], str]:
    """The tab of each session's views, as their events say it: Datadog's segments name none."""
    rows = await database.query(
        """
        SELECT session_id, view_id, max(tab_id) AS tab FROM rum_events
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)} AND tab_id != ''
        GROUP BY session_id, view_id
        """,
        {"project": project_id, "sessions": list(session_ids)},
    )
    return {(row["session_id"], row["view_id"]): row["tab"] for row in rows}


async def recorded_sessions(database: Database, project_id: str, session_ids: Collection[str]) -> set[str]:
    """Those of the sessions that have a recording."""
    known = await database.things.read(
        project_id,
        "recorded sessions",
        session_ids,
        lambda ids: _recorded(database, project_id, ids),
        lambda came: came.recorded_ids,
    )
    return set(known)


async def _recorded(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, bool]:
    rows = await database.query(
        """
        SELECT DISTINCT session_id FROM replay_segments
        WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
        """,
        {"project": project_id, "sessions": list(session_ids)},
    )
    return {row["session_id"]: True for row in rows}


async def recorded_ms(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, int]:
    """Length of the recording of each session that has one, missing segments left out, ms.

    Two segments that follow each other are one stretch: a pause between them was recorded as well, since
    nothing changed in it.
    """
    return await database.things.read(
        project_id,
        "recorded ms",
        session_ids,
        lambda ids: _recorded_ms(database, project_id, ids),
        lambda came: came.recorded_ids,
    )


async def _recorded_ms(database: Database, project_id: str, session_ids: Collection[str]) -> dict[str, int]:
    rows = await database.query(
        """
        SELECT session_id,
          sum(greatest(end_ms - if(follows, least(start_ms, previous_end_ms), start_ms), 0)) AS ms
        FROM (
          SELECT session_id, start_ms, end_ms,
            lagInFrame(end_ms, 1, start_ms) OVER view_order AS previous_end_ms,
            row_number() OVER view_order > 1
              AND segment_index = lagInFrame(segment_index) OVER view_order + 1 AS follows
          FROM (
            SELECT session_id, view_id, segment_index,
              toUnixTimestamp64Milli(start) AS start_ms, toUnixTimestamp64Milli(end) AS end_ms
            FROM replay_segments
            WHERE project_id = {project:String} AND session_id IN {sessions:Array(String)}
            ORDER BY precedence DESC, content_hash
            LIMIT 1 BY session_id, view_id, segment_index
          )
          WINDOW view_order AS (PARTITION BY session_id, view_id ORDER BY segment_index
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        )
        GROUP BY session_id
        """,
        {"project": project_id, "sessions": list(session_ids)},
    )
    return {row["session_id"]: row["ms"] for row in rows}
