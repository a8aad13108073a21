"""Replay events of a recording that is stored in its vendor's format: Datadog's."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from diptych_server.errors import TooLarge
from diptych_server.query.datadog_replay import Converter
from diptych_server.store.blobs import Blobs
from diptych_server.wire.answers import ReplayEvents
from diptych_server.wire.datadog_replay import PlayedSegment

_decode = msgspec.json.Decoder(PlayedSegment).decode


async def converted_events(
    blobs: Blobs, view_id: str, segments: Sequence[Mapping[str, Any]], from_index: int, room: int
) -> ReplayEvents:
    """Events of the segments from `from_index` on.

    Args:
        blobs: where they lie.
        view_id: of the view.
        segments: all that have arrived of the view, in order, up to the last one that is asked for.
        from_index: the first one that is asked for; those before it are read for the page's state alone.
        room: inflated bytes that one answer may have.

    Raises:
        NotFound: a blob is gone.
        TooLarge: the first segment that is asked for is over `room` alone.
    """
    converter = Converter()
    events: list[dict[str, Any]] = []
    expected = 0
    last_index = from_index
    left = room
    for segment in segments[_start(segments, from_index) :]:
        index: int = segment["segment_index"]
        if index != expected:
            converter = Converter()
        expected = index + 1
        blob = await blobs.get(segment["blob_key"])
        is_asked = index >= from_index
        try:
            size, found = await asyncio.to_thread(_convert, converter, blob, left if is_asked else room)
        except TooLarge:
            if is_asked and not events:
                raise
            break
        if is_asked:
            left -= size
            events += found
            last_index = index
    return ReplayEvents(view_id=view_id, from_index=from_index, to_index=last_index, events=events)


def _start(segments: Sequence[Mapping[str, Any]], from_index: int) -> int:
    """The last segment with a full snapshot that is not behind what is asked for."""
    starts = (
        at
        for at, segment in enumerate(segments)
        if segment["has_full_snapshot"] and segment["segment_index"] <= from_index
    )
    return max(starts, default=0)


def _convert(converter: Converter, blob: bytes, room: int) -> tuple[int, list[dict[str, Any]]]:
    """Inflated size and events of one segment."""
    content = zlib.decompressobj().decompress(blob, room + 1)
    if len(content) > room:
        raise TooLarge(f"the segment inflates to more than {room} bytes")
    return len(content), converter.events(_decode(content).records)
