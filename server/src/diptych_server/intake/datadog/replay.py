"""`/datadog/api/v2/replay`: a segment is stored as it was sent, and converted when it is played."""

import zlib
from hashlib import blake2b

import msgspec

from diptych_server.access.keys import Keyring
from diptych_server.errors import BadRequest
from diptych_server.intake import loose_json
from diptych_server.intake.batch import Batch
from diptych_server.intake.body import inflate
from diptych_server.intake.datadog.multipart import parts_of
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.door import Parcel, work
from diptych_server.intake.drops import Drops
from diptych_server.intake.quota import Quota
from diptych_server.intake.reasons import DECODE_ERRORS, explain
from diptych_server.intake.replay import HASH_BYTES, ReplayIntake, blob_key
from diptych_server.intake.replay import Segment as Stored
from diptych_server.intake.reply import Reply, accepted
from diptych_server.privacy.rules import Rules
from diptych_server.store.blobs import Blobs
from diptych_server.store.rows import ReplaySegmentRow, first_wins
from diptych_server.wire.acceptance import Acceptance, Reason
from diptych_server.wire.datadog_replay import Segment, SegmentEvent
from diptych_server.wire.replay import SegmentHeader

FORMAT = "datadog"
FULL_SNAPSHOT = 2
ZLIB_LEVEL = 6

_decode_event = msgspec.json.Decoder(SegmentEvent).decode
_decode_segment = msgspec.json.Decoder(Segment).decode
_encode = msgspec.json.encode


class ReplayDoor:
    """Stores the segments of Datadog's recorder."""

    def __init__(
        self,
        keyring: Keyring,
        batch: Batch,
        blobs: Blobs,
        drops: Drops,
        rules: Rules,
        quota: Quota,
        inflated_bytes: int,
    ) -> None:
        self._replay = ReplayIntake(keyring, rules, quota, drops)
        self._batch = batch
        self._blobs = blobs
        self._drops = drops
        self._rules = rules
        self._inflated_bytes = inflated_bytes

    async def take(self, parcel: Parcel) -> Reply:
        """Store one segment.

        Raises:
            BadRequest: half a multipart, half a segment, or no segment at all.
            TooLarge: the segment inflates to more than its limit.
        """
        parts = parts_of(parcel.body, parcel.boundary)
        if "segment" not in parts and "image" in parts:
            return self._without_image()
        return await self._store(parts, parcel)

    async def _store(self, parts: dict[str, bytes], parcel: Parcel) -> Reply:
        if "segment" not in parts or "event" not in parts:
            raise BadRequest(
                f"expected the parts segment and event, got {', '.join(sorted(parts)) or 'none'}"
            )
        event = _event(parts["event"])
        refusal = self._replay.refusal(_header(event), parcel.travelled_bytes, parcel.delivery.project_id)
        if refusal is not None:
            return accepted(Acceptance(accepted=0, rejected=1, reasons=[refusal]))
        stored = await work(parts["segment"], self._segment, event, parts["segment"], parcel.delivery)
        # The blob first: a row must never point at nothing.
        await self._blobs.put(stored.row.blob_key, stored.blob)
        await self._batch.add([stored.row])
        return accepted(Acceptance(accepted=stored.records, rejected=0))

    def _without_image(self) -> Reply:
        """Pictures of a canvas come in requests of their own; the page plays without them."""
        self._drops.lost("datadog.replay_canvas_image")
        reason = Reason(index=0, where="image", expected="a segment", got="an image of a canvas")
        return accepted(Acceptance(accepted=0, rejected=1, reasons=[reason]))

    def _segment(self, event: SegmentEvent, compressed: bytes, delivery: Delivery) -> Stored:
        """Check a segment and make its row; any thread may do this."""
        content = inflate(compressed, "deflate", self._inflated_bytes)
        try:
            if self._rules:
                content = self._rules.line(content)
            segment = _decode_segment(content)
            content.decode()
        except DECODE_ERRORS:
            content = _encode(self._rules.value(_loose(content)))
            segment = _checked(content)
            compressed = b""
        if not segment.records:
            raise BadRequest("segment: expected records, got none", where="$.records")
        if self._rules or not compressed:
            compressed = zlib.compress(content, ZLIB_LEVEL)
        return _stored(event, segment, content, compressed, delivery)


def _loose(content: bytes) -> object:
    """A page may hold half a surrogate pair, which is no JSON text; what can be kept of it is."""
    try:
        return loose_json.decode(content)
    except DECODE_ERRORS as exc:
        where, expected, got = explain(exc)
        raise BadRequest(f"segment: expected {expected}, got {got}", where=where) from exc


def _checked(content: bytes) -> Segment:
    try:
        return _decode_segment(content)
    except DECODE_ERRORS as exc:
        where, expected, got = explain(exc)
        raise BadRequest(f"segment: expected {expected}, got {got}", where=where) from exc


def _event(content: bytes) -> SegmentEvent:
    try:
        return _decode_event(content)
    except DECODE_ERRORS as exc:
        where, expected, got = explain(exc)
        raise BadRequest(f"event: expected {expected}, got {got}", where=where) from exc


def _header(event: SegmentEvent) -> SegmentHeader:
    return SegmentHeader(
        format=FORMAT,
        application=event.application,
        session=event.session,
        view=event.view,
        index_in_view=event.index_in_view,
        start=event.start,
        end=event.end,
    )


def _stored(
    event: SegmentEvent, segment: Segment, content: bytes, compressed: bytes, delivery: Delivery
) -> Stored:
    digest = blake2b(content, digest_size=HASH_BYTES).hexdigest()
    session_id, view_id, index = event.session.id, event.view.id, event.index_in_view
    row = ReplaySegmentRow(
        project_id=delivery.project_id,
        session_id=session_id,
        view_id=view_id,
        segment_index=index,
        content_hash=digest,
        precedence=first_wins(delivery.received_at_ms),
        seen_at=delivery.seen_at(event.start),
        received_at=delivery.received_at_ms,
        clock_offset_ms=delivery.clock_offset_ms,
        retention_days=delivery.retention_days,
        application_id=event.application.id,
        tab_id="",
        start=event.start,
        end=max(event.start, event.end),
        records=len(segment.records),
        has_full_snapshot=int(any(record.type == FULL_SNAPSHOT for record in segment.records)),
        format=FORMAT,
        bytes=len(compressed),
        blob_key=blob_key(delivery.project_id, session_id, view_id, index, digest, "json.zz"),
    )
    return Stored(row, compressed, len(segment.records))
