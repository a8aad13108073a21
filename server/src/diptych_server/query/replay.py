"""`GET /api/v1/sessions/{session_id}/replay`: what there is to play, view by view."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from diptych_server.query.clock import session_clocks
from diptych_server.query.instants import ms_of
from diptych_server.query.links import session_users
from diptych_server.query.session import session_not_found
from diptych_server.store.database import Database
from diptych_server.wire.answers import Replay, ReplayGap, ReplaySegment, ReplayView


async def get_replay(database: Database, project_id: str, session_id: str) -> Replay:
    """The session's recorded views in order of time; none where it was not recorded.

    Raises:
        NotFound: neither RUM nor a recording of the session has arrived.
    """
    views, clocks = await asyncio.gather(
        replay_views(database, project_id, session_id), session_clocks(database, project_id, session_id)
    )
    if not views and session_id not in await session_users(database, project_id, [session_id]):
        raise session_not_found(session_id)
    return Replay(session_id=session_id, views=views, clock=clocks.of_session())


async def replay_views(database: Database, project_id: str, session_id: str) -> list[ReplayView]:
    """The views that have at least one segment; of several for one place the first delivery."""
    segments, urls = await asyncio.gather(
        database.query(
            """
            SELECT view_id, segment_index, tab_id, format, start, end, records
            FROM replay_segments
            WHERE project_id = {project:String} AND session_id = {session:String}
            ORDER BY precedence DESC, content_hash
            LIMIT 1 BY view_id, segment_index
            """,
            {"project": project_id, "session": session_id},
        ),
        _view_urls(database, project_id, session_id),
    )
    segments.sort(key=itemgetter("view_id", "segment_index"))
    views = [
        _view(view_id, list(rows), urls.get(view_id, ""))
        for view_id, rows in groupby(segments, key=itemgetter("view_id"))
    ]
    return sorted(views, key=lambda view: (view.start, view.view_id))


async def _view_urls(database: Database, project_id: str, session_id: str) -> dict[str, str]:
    rows = await database.query(
        """
        SELECT view_id, view_url FROM rum_events
        WHERE project_id = {project:String} AND session_id = {session:String} AND view_url != ''
        ORDER BY type = 'view' DESC, document_version DESC, precedence DESC, ts
        LIMIT 1 BY view_id
        """,
        {"project": project_id, "session": session_id},
    )
    return {row["view_id"]: row["view_url"] for row in rows}


def _view(view_id: str, rows: Sequence[Mapping[str, Any]], url: str) -> ReplayView:
    segments = [
        ReplaySegment(
            index=row["segment_index"],
            start=ms_of(row["start"]),
            end=ms_of(row["end"]),
            records=row["records"],
        )
        for row in rows
    ]
    return ReplayView(
        view_id=view_id,
        view_url=url,
        tab_id=rows[0]["tab_id"],
        format=rows[0]["format"],
        start=min(segment.start for segment in segments),
        end=max(segment.end for segment in segments),
        segments=segments,
        gaps=list(_gaps(segments)),
    )


def _gaps(segments: Iterable[ReplaySegment]) -> Iterable[ReplayGap]:
    """Runs of indexes that are missing between 0 and the highest that arrived."""
    expected = 0
    for segment in segments:
        if segment.index > expected:
            yield ReplayGap(from_index=expected, to_index=segment.index - 1, reason="not_received")
        expected = segment.index + 1
