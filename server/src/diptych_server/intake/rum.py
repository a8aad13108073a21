"""`/v1/rum`: lines of JSON, one RUM event each, become rows of `rum_events`."""

from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from diptych_server.access.keys import Keyring
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.quota import Quota
from diptych_server.intake.readable import decoded
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons
from diptych_server.intake.rum_details import DETAILS, Details, text
from diptych_server.intake.user_agent import agent_of
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import RumEventRow, first_wins
from diptych_server.wire.rum import RumEvent

HASH_BYTES = 16

VIEW_TYPES = frozenset({"view", "view_update"})

MAX_DOCUMENT_VERSION = 2**32 - 1

KEPT = frozenset({"date", "dip", "_dd", "ddtags"})
"""Parts of an event that no privacy rule touches: times, ids, versions of software."""

WITH_ID = ("application", "session", "view", "tab", *DETAILS)
"""Parts whose `id` is made by the SDK; `usr.id` is not."""


class Line(NamedTuple):
    """One decoded event: its place in the batch, and the line as it will be stored."""

    position: int
    event: RumEvent
    raw: str


class RumIntake:
    """Makes rows of the events of one body, and reasons of those that cannot be kept."""

    def __init__(self, keyring: Keyring, rules: Rules, quota: Quota, drops: Drops) -> None:
        self._keyring = keyring
        self._rules = rules
        self._quota = quota
        self._drops = drops

    def decode(self, body: bytes) -> tuple[list[Line], Reasons]:
        """The good lines; a bad line costs no other line anything. Any thread may do this."""
        found: list[Line] = []
        reasons = Reasons()
        lines = [line for line in body.split(b"\n") if line and not line.isspace()]
        for index, line in enumerate(lines):
            try:
                value = decoded(line)
                if self._rules:
                    value = self._clean(value)
                    line = msgspec.json.encode(value)
                found.append(Line(index, msgspec.convert(value, RumEvent), line.decode()))
            except DECODE_ERRORS as exc:
                reasons.add_error(index, exc)
        self._drops.lost("rum.malformed", reasons.rejected)
        return found, reasons

    def rows(self, found: list[Line], reasons: Reasons, delivery: Delivery) -> list[RumEventRow]:
        """Rows of the events that may enter."""
        refused = self._refused_sessions(found, delivery.project_id)
        shared = _Shared(delivery)
        known: set[str] = set()
        rows = []
        for index, event, raw in found:
            application_id = event.application.id
            if application_id not in known:
                if not self._keyring.know_application(delivery.project_id, application_id):
                    self._drops.lost("rum.too_many_applications")
                    reasons.add(index, "$.application.id", "an application of this project", "one too many")
                    continue
                known.add(application_id)
            if event.session.id in refused:
                self._drops.lost("rum.session_over_quota")
                reasons.add(index, "$.session.id", "a session within its share", "a session over it")
                continue
            if event.type not in DETAILS:
                self._drops.unknown(f"rum.{event.type}")
            rows.append(_row(event, raw, delivery, shared))
        return rows

    def _clean(self, event: Any) -> Any:
        """The event after the privacy rules; ids that join events are random, and stay."""
        clean = self._rules.value(event, KEPT)
        for name in WITH_ID:
            if isinstance(event, dict) and isinstance(held := event.get(name), dict) and "id" in held:
                clean[name]["id"] = held["id"]
        return clean

    def _refused_sessions(self, found: list[Line], project_id: str) -> set[str]:
        """Sessions that this batch would take over their share; it is counted once a session and batch."""
        sent: dict[str, tuple[int, int]] = {}
        for line in found:
            events, size = sent.get(line.event.session.id, (0, 0))
            sent[line.event.session.id] = (events + 1, size + len(line.raw))
        return {
            session_id
            for session_id, (events, size) in sent.items()
            if not self._quota.spend(project_id, session_id, size, events)
        }


class _Shared:
    """What all rows of one delivery share, worked out once."""

    __slots__ = ("agent", "precedence")

    def __init__(self, delivery: Delivery) -> None:
        self.agent = agent_of(delivery.user_agent)
        self.precedence = first_wins(delivery.received_at_ms)


def _row(event: RumEvent, raw: str, delivery: Delivery, shared: _Shared) -> RumEventRow:
    details = DETAILS.get(event.type, _no_details)(event)
    ts = int(event.date)
    env, service, version = _tags(event.ddtags) if event.ddtags else _NO_TAGS
    trace_id, span_id = _trace(event)
    user = event.usr
    view = event.view
    agent = shared.agent
    return RumEventRow(
        delivery.project_id,
        _event_id(event, details.event_id, raw),
        shared.precedence,
        event.type,
        ts,
        delivery.seen_at(ts),
        delivery.received_at_ms,
        delivery.clock_offset_ms,
        delivery.retention_days,
        event.application.id,
        event.session.id,
        view.id,
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
        view.url or "",
        text(view.name),
        _document_version(event),
        *details[1:9],
        trace_id,
        span_id,
        *details[9:],
        raw,
    )


def _no_details(event: RumEvent) -> Details:
    return Details(name=event.type)


def _document_version(event: RumEvent) -> int:
    """Of views and their differences; other events carry the version of their view, which is not theirs."""
    if event.internal is None or event.type not in VIEW_TYPES:
        return 0
    version = event.internal.document_version
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


_NO_TAGS = ("", "", "")


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
