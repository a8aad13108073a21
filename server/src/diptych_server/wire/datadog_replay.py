"""Shapes of Datadog's replay track: a segment of a view's recording, and what is said about it.

A request is multipart: `segment`, zlib of one JSON object `{"records": […], …}`, and `event`, JSON. The
stored blob is that zlib stream. Records are as `rum-events-format/schemas/session-replay` has them.
"""

from typing import Annotated, Any

import msgspec

from diptych_server.wire.replay import MAX_SEGMENT_INDEX, Moment, ReplayEvent
from diptych_server.wire.rum import Application, Session, View


class SegmentEvent(msgspec.Struct, kw_only=True):
    """Part `event`: whose segment this is."""

    application: Application
    session: Session
    view: View
    index_in_view: Annotated[int, msgspec.Meta(ge=0, le=MAX_SEGMENT_INDEX)]
    start: Moment
    end: Moment
    has_full_snapshot: bool = False
    creation_reason: str | None = None


class Segment(msgspec.Struct, kw_only=True):
    """Part `segment`, inflated, as far as the intake looks."""

    records: list[ReplayEvent]


class PlayedSegment(msgspec.Struct, kw_only=True):
    """The same as the player needs it."""

    records: list[dict[str, Any]]
