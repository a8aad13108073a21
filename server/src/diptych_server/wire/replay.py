"""Shapes of `/v1/replay`: a header line, then one rrweb event a line, all of it usually gzipped.

The stored blob is the gzip of the whole body, header line first: a reader skips one line.
"""

from typing import Annotated

import msgspec

from diptych_server.wire.rum import MAX_DATE_MS, Application, Session, Tab, View

MAX_SEGMENT_INDEX = 1_000_000

Moment = Annotated[int, msgspec.Meta(ge=0, le=MAX_DATE_MS)]
"""Epoch milliseconds, page clock."""


class SegmentHeader(msgspec.Struct, kw_only=True):
    """First line of a segment; one segment belongs to one view."""

    format: str
    """`rrweb`; other formats come through their vendors' doors."""
    application: Application
    session: Session
    view: View
    tab: Tab | None = None
    index_in_view: Annotated[int, msgspec.Meta(ge=0, le=MAX_SEGMENT_INDEX)]
    """From 0."""
    start: Moment
    """Of the first event."""
    end: Moment
    """Of the last event."""
    records_count: int | None = None
    has_full_snapshot: bool = False
    creation_reason: str | None = None


class ReplayEvent(msgspec.Struct, gc=False):
    """What the intake checks of an rrweb event; the rest is opaque to it."""

    type: Annotated[int, msgspec.Meta(ge=0, le=255)]
    timestamp: (
        Annotated[int, msgspec.Meta(ge=0, le=MAX_DATE_MS)]
        | Annotated[float, msgspec.Meta(ge=0, le=MAX_DATE_MS)]
    )
