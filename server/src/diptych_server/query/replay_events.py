"""`GET /api/v1/sessions/{session_id}/replay/events`: rrweb events of a run of a view's segments."""

import asyncio
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from diptych_server.errors import NotFound, TooLarge
from diptych_server.query.converted_replay import converted_events
from diptych_server.store.blobs import Blobs
from diptych_server.store.database import Database
from diptych_server.wire.answers import ReplayEvents

DATADOG = "datadog"

MAX_ANSWER_BYTES = 64 * 1024 * 1024
"""Inflated bytes of one answer; a run that is longer is answered up to the segment that still fits."""

GZIP_MAGIC = b"\x1f\x8b"
GZIP_WINDOW_BITS = 31
"""For zlib: gzip with the largest window."""


async def get_replay_events(
    database: Database,
    blobs: Blobs,
    project_id: str,
    session_id: str,
    view_id: str,
    *,
    from_index: int = 0,
    to_index: int | None = None,
) -> ReplayEvents:
    """Events of the segments `from_index` to `to_index` (both included; to the last one by default).

    Missing segments are passed over, `Replay.gaps` names them. `to_index` of the answer is the last segment
    in it: where it is lower than what was asked for, the rest did not fit and is asked for next.
    A vendor's recording is converted from its full snapshot on; after a missing segment nothing of it means
    anything, so it yields no events until the next full snapshot.

    Raises:
        NotFound: none of these segments has arrived, or a blob is gone.
        TooLarge: the first segment alone is over the limit of an answer.
    """
    segments = await _segments(database, project_id, session_id, view_id, from_index, to_index)
    if not segments:
        raise NotFound(f"no such segment of view {view_id[:128]!r} has arrived")
    if segments[0]["format"] == DATADOG:
        known = await _segments(database, project_id, session_id, view_id, 0, to_index)
        known = [segment for segment in known if segment["format"] == DATADOG]
        return await converted_events(blobs, view_id, known, from_index, MAX_ANSWER_BYTES)
    segments = [segment for segment in segments if segment["format"] != DATADOG]
    events: list[dict[str, Any]] = []
    room = MAX_ANSWER_BYTES
    last_index = from_index
    for segment in segments:
        blob = await blobs.get(segment["blob_key"])
        try:
            size, found = await asyncio.to_thread(_decode, blob, room)
        except TooLarge:
            if not events:
                raise
            break
        room -= size
        events.extend(found)
        last_index = segment["segment_index"]
    return ReplayEvents(view_id=view_id, from_index=from_index, to_index=last_index, events=events)


async def _segments(
    database: Database,
    project_id: str,
    session_id: str,
    view_id: str,
    from_index: int,
    to_index: int | None,
) -> list[dict[str, Any]]:
    rows = await database.query(
        """
        SELECT segment_index, format, has_full_snapshot, blob_key
        FROM replay_segments
        WHERE project_id = {project:String} AND session_id = {session:String} AND view_id = {view:String}
          AND segment_index >= {from:UInt32} AND segment_index <= {to:UInt32}
        ORDER BY precedence DESC, content_hash
        LIMIT 1 BY segment_index
        """,
        {
            "project": project_id,
            "session": session_id,
            "view": view_id,
            "from": from_index,
            "to": 2**32 - 1 if to_index is None else to_index,
        },
    )
    return sorted(rows, key=lambda row: row["segment_index"])


def _decode(blob: bytes, room: int) -> tuple[int, list[dict[str, Any]]]:
    """Inflated size and events of one blob: gzip (or plain) NDJSON, the first line a header."""
    body = _inflate(blob, room) if blob.startswith(GZIP_MAGIC) else blob
    if len(body) > room:
        raise _too_large()
    return len(body), list(_events(body))


def _inflate(blob: bytes, room: int) -> bytes:
    inflater = zlib.decompressobj(GZIP_WINDOW_BITS)
    body = inflater.decompress(blob, room + 1)
    if len(body) > room:
        raise _too_large()
    return body


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    """The events after the header; a line that is none (a recording cut short) ends nothing but itself."""
    decoder = msgspec.json.Decoder(dict[str, Any])
    for line in body.split(b"\n")[1:]:
        if line.strip():
            try:
                yield decoder.decode(line)
            except msgspec.MsgspecError:
                continue


def _too_large() -> TooLarge:
    return TooLarge(f"the segment inflates to more than {MAX_ANSWER_BYTES} bytes")
