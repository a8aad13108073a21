"""`/v1/replay`: one segment of a view's recording becomes a blob and a row of `replay_segments`."""

import gzip
import re
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from diptych_server.access.keys import Keyring
from diptych_server.errors import BadRequest
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.quota import Quota
from diptych_server.intake.readable import RECORD_LEVELS, decoded
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import ReplaySegmentRow, first_wins
from diptych_server.wire.acceptance import Reason
from diptych_server.wire.replay import ReplayEvent, SegmentHeader

FORMAT = "rrweb"
HASH_BYTES = 16
GZIP_LEVEL = 6
FULL_SNAPSHOT = 2
"""rrweb's EventType.FullSnapshot."""

_PLAIN_ID = re.compile(r"[A-Za-z0-9_-]{1,128}")

_decode_header = msgspec.json.Decoder(SegmentHeader).decode


class Segment(NamedTuple):
    """A checked segment: its row, and the bytes to store under the row's `blob_key`."""

    row: ReplaySegmentRow
    blob: bytes
    records: int


class ReplayIntake:
    """Checks one segment. Its records stay as they were recorded; only a header and their frame are ours."""

    def __init__(self, keyring: Keyring, rules: Rules, quota: Quota, drops: Drops) -> None:
        self._keyring = keyring
        self._rules = rules
        self._quota = quota
        self._drops = drops

    def refusal(self, header: SegmentHeader, size_bytes: int, project_id: str) -> Reason | None:
        """Why the segment may not enter, if it may not; else it is counted against its session's share."""
        if not self._keyring.know_application(project_id, header.application.id):
            self._drops.lost("replay.too_many_applications")
            return _reason("$.application.id", "an application of this project", "one too many")
        if not self._quota.spend(project_id, header.session.id, size_bytes):
            self._drops.lost("replay.session_over_quota")
            return _reason("$.session.id", "a session within its share", "a session over it")
        return None

    def segment(
        self, header: SegmentHeader, body: bytes, delivery: Delivery
    ) -> tuple[Segment | None, Reasons]:
        """The segment of the good records, or none when there are none. Any thread may do this."""
        header_line, *lines = _lines(body)
        reasons = Reasons()
        kept: list[tuple[ReplayEvent, bytes]] = []
        for index, line in enumerate(lines):
            try:
                record = decoded(line, RECORD_LEVELS)
                clean = msgspec.json.encode(self._rules.value(record)) if self._rules else line
                kept.append((msgspec.convert(record, ReplayEvent), clean))
            except DECODE_ERRORS as exc:
                reasons.add_error(index, exc)
        self._drops.lost("replay.malformed", reasons.rejected)
        if kept:
            return _segment(header, header_line, kept, delivery), reasons
        if not reasons.rejected:
            reasons.add(0, "$", "rrweb events after the header", "none")
        return None, reasons


def read_header(body: bytes) -> SegmentHeader:
    """The first line of a segment, which says whose recording this is.

    Raises:
        BadRequest: there is none, or it is of another format.
    """
    if not (lines := _lines(body, 1)):
        raise BadRequest("expected a header line and rrweb events, got an empty body", where="$")
    return _header(lines[0])


def _lines(body: bytes, at_most: int = -1) -> list[bytes]:
    return [line for line in body.lstrip().split(b"\n", at_most) if line and not line.isspace()]


def _reason(where: str, expected: str, got: str) -> Reason:
    return Reason(index=0, where=where, expected=expected, got=got)


def _header(line: bytes) -> SegmentHeader:
    try:
        line.decode()
        header = _decode_header(line)
    except DECODE_ERRORS as exc:
        where, expected, got = explain(exc)
        raise BadRequest(f"header line: expected {expected}, got {got}", where=where) from exc
    if header.format != FORMAT:
        raise BadRequest(f"header line: expected {FORMAT}, got {header.format[:40]}", where="$.format")
    return header


def _segment(
    header: SegmentHeader, header_line: bytes, kept: list[tuple[ReplayEvent, bytes]], delivery: Delivery
) -> Segment:
    content = b"\n".join([header_line, *(line for _, line in kept)])
    digest = blake2b(content, digest_size=HASH_BYTES).hexdigest()
    # mtime 0: the same content gives the same bytes, and so the same blob under the same key.
    blob = gzip.compress(content, GZIP_LEVEL, mtime=0)
    session_id, view_id = header.session.id, header.view.id
    row = ReplaySegmentRow(
        project_id=delivery.project_id,
        session_id=session_id,
        view_id=view_id,
        segment_index=header.index_in_view,
        content_hash=digest,
        precedence=first_wins(delivery.received_at_ms),
        seen_at=delivery.seen_at(header.start),
        received_at=delivery.received_at_ms,
        clock_offset_ms=delivery.clock_offset_ms,
        retention_days=delivery.retention_days,
        application_id=header.application.id,
        tab_id=(header.tab and header.tab.id) or "",
        start=header.start,
        end=max(header.start, header.end),
        records=len(kept),
        has_full_snapshot=int(any(event.type == FULL_SNAPSHOT for event, _ in kept)),
        format=FORMAT,
        bytes=len(blob),
        blob_key=blob_key(delivery.project_id, session_id, view_id, header.index_in_view, digest),
    )
    return Segment(row, blob, len(kept))


def blob_key(
    project_id: str, session_id: str, view_id: str, index: int, digest: str, ending: str = "ndjson.gz"
) -> str:
    """Where a segment lies. It holds the content's hash, so nobody overwrites what is stored."""
    return f"replay/{_part(project_id)}/{_part(session_id)}/{_part(view_id)}/{index:06d}-{digest}.{ending}"


def _part(identifier: str) -> str:
    """An id as one part of a path: as it is where that is safe, else its hash."""
    if _PLAIN_ID.fullmatch(identifier):
        return identifier
    return "~" + blake2b(identifier.encode(), digest_size=HASH_BYTES).hexdigest()
