"""`/v1/rum`: lines of JSON, one RUM event each, become rows of `rum_events`."""

from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from diptych_server.access.keys import Keyring
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.quota import Quota
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons
from diptych_server.intake.rum_details import DETAILS, Details, text
from diptych_server.intake.user_agent import agent_of
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import RumEventRow, first_wins
from diptych_server.wire.rum import RumEvent

SURROGATE_ESCAPES = (b"\\ud", b"\\uD")
"""A lone one is no character; half of a pair looks the same, so these lines are decoded whole to see."""

HASH_BYTES = 16

MAX_DOCUMENT_VERSION = 2**32 - 1

_decode = msgspec.json.Decoder(RumEvent).decode
_decode_whole = msgspec.json.Decoder().decode


class RumIntake:
    """Makes rows of the events of one body, and reasons of those that cannot be kept."""

    def __init__(self, keyring: Keyring, rules: Rules, quota: Quota, drops: Drops) -> None:
        self._keyring = keyring
        self._rules = rules
        self._quota = quota
        self._drops = drops

    def read(self, body: bytes, delivery: Delivery) -> tuple[list[RumEventRow], Reasons]:
        """Rows of the good lines; a bad line costs no other line anything."""
        rows: list[RumEventRow] = []
        reasons = Reasons()
        index = -1
        for line in body.split(b"\n"):
            if not line or line.isspace():
                continue
            index += 1
            try:
                event, raw = self._event(line)
            except DECODE_ERRORS as exc:
                self._drops.lost("rum.malformed")
                reasons.add_error(index, exc)
                continue
            if self._may_enter(event, len(line), delivery, index, reasons):
                rows.append(_row(event, raw, delivery))
        return rows, reasons

    def _event(self, line: bytes) -> tuple[RumEvent, str]:
        """The decoded event, and the line as it will be stored."""
        if self._rules:
            line = self._rules.line(line)
        elif any(escape in line for escape in SURROGATE_ESCAPES):
            _decode_whole(line)
        # What the Struct does not name is skipped without a look at its bytes: here it is checked as UTF-8.
        raw = line.strip().decode()
        return _decode(line), raw

    def _may_enter(
        self, event: RumEvent, size_bytes: int, delivery: Delivery, index: int, reasons: Reasons
    ) -> bool:
        project_id = delivery.project_id
        if not self._keyring.know_application(project_id, event.application.id):
            self._drops.lost("rum.too_many_applications")
            reasons.add(index, "$.application.id", "an application of this project", "one too many")
            return False
        if not self._quota.spend(project_id, event.session.id, size_bytes):
            self._drops.lost("rum.session_over_quota")
            reasons.add(index, "$.session.id", "a session within its share", "a session over it")
            return False
        if event.type not in DETAILS:
            self._drops.unknown(f"rum.{event.type}")
        return True


def _row(event: RumEvent, raw: str, delivery: Delivery) -> RumEventRow:
    details = DETAILS.get(event.type, _no_details)(event)
    ts = int(event.date)
    env, service, version = _tags(event.ddtags or "")
    trace_id, span_id = _trace(event)
    user = event.usr
    agent = agent_of(delivery.user_agent)
    return RumEventRow(
        delivery.project_id,
        _event_id(event, details.event_id, raw),
        first_wins(delivery.received_at_ms),
        event.type,
        ts,
        delivery.seen_at(ts),
        delivery.received_at_ms,
        delivery.clock_offset_ms,
        delivery.retention_days,
        event.application.id,
        event.session.id,
        event.view.id,
        (event.tab and event.tab.id) or "",
        event.service or service,
        env,
        event.version or version,
        agent.browser,
        agent.os,
        agent.device,
        "",
        text(user.id) if user else "",
        text(user.name) if user else "",
        text(user.email) if user else "",
        event.view.url or "",
        text(event.view.name),
        _document_version(event),
        details.name,
        details.duration_ns,
        details.action_type,
        details.frustrations,
        details.error_type,
        details.resource_type,
        details.method,
        details.status_code,
        trace_id,
        span_id,
        details.first_byte_ms,
        details.first_paint_ms,
        details.done_ms,
        details.end_reason,
        details.reaction,
        raw,
    )


def _no_details(event: RumEvent) -> Details:
    return Details(name=event.type)


def _document_version(event: RumEvent) -> int:
    version = event.internal.document_version if event.internal else None
    return max(0, min(version or 0, MAX_DOCUMENT_VERSION))


def _event_id(event: RumEvent, own_id: str, raw: str) -> str:
    """Names the event for ever: the same delivery again must get the same id.

    A view is one row a version. A `view_update` is a difference and must not stand for a version of the view.
    """
    if event.type == "view":
        return f"{event.view.id}:{_document_version(event)}"
    if event.type == "view_update":
        return f"{event.view.id}:{_document_version(event)}:update"
    if own_id:
        return own_id
    if event.dip and event.dip.event_id:
        return event.dip.event_id
    return blake2b(raw.encode(), digest_size=HASH_BYTES).hexdigest()


class _Ids(NamedTuple):
    trace_id: str
    span_id: str


_NO_IDS = _Ids("", "")


def _trace(event: RumEvent) -> _Ids:
    """Of the request that the page sent: ours in hex, Datadog's as decimals of 64 bits."""
    if event.dip and event.dip.trace_id:
        return _Ids(_hex(event.dip.trace_id, 32), _hex(event.dip.span_id or "", 16))
    if event.internal and event.internal.trace_id:
        return _Ids(_decimal(event.internal.trace_id, 32), _decimal(event.internal.span_id or "", 16))
    return _NO_IDS


def _hex(value: str, digits: int) -> str:
    """`value` in lower case when it is an id of so many hex digits, else nothing."""
    if len(value) != digits or not value.isascii() or not value.isalnum():
        return ""
    try:
        return value.lower() if int(value, 16) else ""
    except ValueError:
        return ""


def _decimal(value: str | int, digits: int) -> str:
    if isinstance(value, str):
        if not (value.isascii() and value.isdecimal() and len(value) <= 39):
            return _hex(value, digits)
        value = int(value)
    return format(value, f"0{digits}x") if 0 < value < 1 << (4 * digits) else ""


@lru_cache(maxsize=4096)
def _tags(ddtags: str) -> tuple[str, str, str]:
    """env, service and version of `sdk_version:…,env:…,service:…,version:…`."""
    tags = dict(tag.partition(":")[::2] for tag in ddtags.split(","))
    return tags.get("env", ""), tags.get("service", ""), tags.get("version", "")
