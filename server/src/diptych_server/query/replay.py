"""`GET /api/v1/sessions/{session_id}/replay`: what there is to play, view by view."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from diptych_server.query.clock import session_clocks
from diptych_server.query.links import session_users
from diptych_server.query.page import read_page
from diptych_server.query.recordings import Segment, session_segments
from diptych_server.query.session import session_not_found
from diptych_server.store.database import Database
from diptych_server.wire.answers import Replay, ReplayFormat, ReplayGap, ReplaySegment, ReplayView


async def get_replay(database: Database, project_id: str, session_id: str) -> Replay:
    """The session's recorded views in order of time; none where it was not recorded.

    Raises:
        NotFound: neither RUM nor a recording of the session has arrived.
    """
    segments, page, urls = await asyncio.gather(
        session_segments(database, project_id, session_id),
        read_page(database, project_id, session_id),
        _view_urls(database, project_id, session_id),
    )
    if not segments and session_id not in await session_users(database, project_id, [session_id]):
        raise session_not_found(session_id)
    clocks = await session_clocks(database, project_id, page, segments)
    return Replay(session_id=session_id, views=replay_views(segments, urls), clock=clocks.of_session())


def replay_views(segments: Sequence[Segment], urls: Mapping[str, str]) -> list[ReplayView]:
    """The views that have at least one segment, in order of time.

    Args:
        segments: of one session, by view and index.
        urls: the address of each view whose events have arrived.
    """
    views = [
        _view(view_id, list(of_view), urls.get(view_id, ""))
        for view_id, of_view in groupby(segments, key=lambda segment: segment.view_id)
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


def _view(view_id: str, segments: Sequence[Segment], url: str) -> ReplayView:
    return ReplayView(
        view_id=view_id,
        view_url=url,
        tab_id=segments[0].tab_id,
        format=_format(segments[0].format),
        start=min(segment.start_ms for segment in segments),
        end=max(segment.end_ms for segment in segments),
        segments=[
            ReplaySegment(
                index=each.segment_index,
                start=each.start_ms,
                end=each.end_ms,
                records=each.records,
                has_full_snapshot=each.has_full_snapshot,
            )
            for each in segments
        ],
        gaps=list(_gaps(segments)),
    )


def _format(text: str) -> ReplayFormat:
    return "datadog" if text == "datadog" else "rrweb"


def _gaps(segments: Iterable[Segment]) -> Iterator[ReplayGap]:
    """Runs of indexes that are missing between 0 and the highest that arrived."""
    expected = 0
    for segment in segments:
        if segment.segment_index > expected:
            yield ReplayGap(from_index=expected, to_index=segment.segment_index - 1, reason="not_received")
        expected = segment.segment_index + 1
