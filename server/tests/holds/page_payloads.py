"""What the page's side sends: RUM events and replay segments, as the browser SDK writes them."""

import gzip
import json
import zlib
from typing import Any

from .scenario import (
    CONFIDENCE,
    REACTED_AFTER_MS,
    Action,
    Answer,
    LongTask,
    PageError,
    PageEvent,
    Reaction,
    Resource,
    Segment,
    Session,
    Tab,
    TraceRef,
    View,
    ViewVersion,
    Vital,
)

Json = dict[str, Any]

MS_NS = 1_000_000

META, FULL_SNAPSHOT, INCREMENTAL = 4, 2, 3
"""rrweb's event types."""


def view_event(session: Session, tab: Tab, view: View, version: ViewVersion, began_ms: int) -> Json:
    """Give one version of a view; its date never changes."""
    event = _common("view", session, tab, view, view.at_ms + began_ms, has_user=version.has_user)
    event["view"] |= {"time_spent": version.time_spent_ms * MS_NS, "is_active": False}
    if version.name is not None:
        event["view"]["name"] = version.name
    event["_dd"]["document_version"] = version.number
    return event


def page_event(session: Session, tab: Tab, view: View, event: PageEvent, began_ms: int) -> Json:
    """Give any event that is not a view."""
    kind, own = _own(event)
    sent = _common(kind, session, tab, view, event.at_ms + began_ms, has_user=True)
    sent[kind] = own
    dip = _dip(event)
    if dip:
        sent["dip"] = dip
    return sent


def _common(kind: str, session: Session, tab: Tab, view: View, at_ms: int, *, has_user: bool) -> Json:
    tags = {
        "sdk_version": "0.1.0",
        "env": session.env,
        "service": session.service,
        "version": session.version,
    }
    event: Json = {
        "type": kind,
        "date": at_ms + session.skew_ms,
        "application": {"id": session.application_id},
        "session": {"id": session.id, "type": "user"},
        "view": {"id": view.id, "url": view.url, "referrer": ""},
        "tab": {"id": tab.id},
        "source": "browser",
        "context": {"plan": "free", "flags": [1, None, True]},
        "ddtags": ",".join(f"{key}:{value}" for key, value in tags.items() if value),
        "_dd": {"format_version": 2, "drift": 0},
    }
    if session.service:
        event["service"] = session.service
    if session.version:
        event["version"] = session.version
    if session.user and has_user:
        named = {"id": session.user.id, "name": session.user.name, "email": session.user.email}
        event["usr"] = {key: value for key, value in named.items() if value}
    return event


def _own(event: PageEvent) -> tuple[str, Json]:
    """Give the type of an event and what it alone has."""
    match event:
        case Action():
            own: Json = {
                "id": event.id,
                "type": event.kind,
                "target": {"name": event.target},
                "frustration": {"type": list(event.frustrations)},
            }
            if event.loading_ms is not None:
                own["loading_time"] = event.loading_ms * MS_NS
            return "action", own
        case PageError():
            own = {"id": event.id, "message": event.message, "source": "source", "type": event.kind}
            return "error", own if event.stack is None else own | {"stack": event.stack}
        case Resource():
            return "resource", {
                "id": event.id,
                "type": event.kind,
                "method": event.method,
                "url": event.url,
                "status_code": event.status_code,
                "duration": event.duration_ms * MS_NS,
            }
        case LongTask():
            return "long_task", {"id": event.id, "duration": event.duration_ms * MS_NS}
        case Vital():
            return "vital", {
                "id": event.id,
                "type": "duration",
                "name": event.name,
                "duration": event.duration_ms * MS_NS,
            }
        case Answer():
            return "answer", _answer(event)
        case Reaction():
            return "reaction", {
                "id": event.id,
                "kind": event.kind,
                "answer_id": event.answer_id,
                "after_ms": REACTED_AFTER_MS,
                "confidence": CONFIDENCE,
            }


def _answer(event: Answer) -> Json:
    own: Json = {
        "id": event.id,
        "url": event.url,
        "method": "POST",
        "first_byte_ms": event.first_byte_ms,
        "done_ms": event.done_ms,
        "chunks": 3,
        "stalls": [],
        "end_reason": event.end_reason,
    }
    if event.question is not None:
        own["question"] = event.question
    if event.first_paint_ms is not None:
        own["first_paint_ms"] = event.first_paint_ms
    return own


def _dip(event: PageEvent) -> Json:
    if isinstance(event, Resource | Answer) and event.trace:
        return _trace(event.trace)
    if isinstance(event, Reaction) and event.trace_id:
        return {"trace_id": event.trace_id}
    return {}


def _trace(trace: TraceRef) -> Json:
    return {"trace_id": trace.trace_id, "span_id": trace.span_id}


def rum_body(lines: list[Json], encoding: str) -> bytes:
    """Give the body of `/v1/rum`; `encoding` is gzip, deflate or nothing."""
    return _compressed("\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode(), encoding)


def replay_events(segment: Segment, skew_ms: int, began_ms: int) -> list[Json]:
    """Give the recorded events of a segment, page clock; the first of a view begins with a snapshot."""
    start_ms = segment.start_ms + began_ms + skew_ms
    events: list[Json] = []
    if segment.index == 0:
        events.append({"type": META, "timestamp": start_ms, "data": {"href": "/", "width": 1, "height": 1}})
        events.append({"type": FULL_SNAPSHOT, "timestamp": start_ms, "data": {"node": {"type": 0, "id": 1}}})
    last = len(segment.texts) - 1
    for place, text in enumerate(segment.texts):
        at_ms = segment.end_ms if place == last else segment.start_ms
        events.append(
            {
                "type": INCREMENTAL,
                "timestamp": at_ms + began_ms + skew_ms,
                "data": {"source": 5, "text": text},
            }
        )
    return events


def replay_body(
    session: Session, tab: Tab, view: View, segment: Segment, began_ms: int, encoding: str
) -> bytes:
    """Give the body of `/v1/replay`: a header line, then one event a line."""
    events = replay_events(segment, session.skew_ms, began_ms)
    header = {
        "format": "rrweb",
        "application": {"id": session.application_id},
        "session": {"id": session.id},
        "view": {"id": view.id},
        "tab": {"id": tab.id},
        "index_in_view": segment.index,
        "start": segment.start_ms + began_ms + session.skew_ms,
        "end": segment.end_ms + began_ms + session.skew_ms,
        "records_count": len(events),
        "has_full_snapshot": segment.index == 0,
        "creation_reason": "init" if segment.index == 0 else "segment_duration_limit",
    }
    return _compressed("\n".join(json.dumps(line) for line in [header, *events]).encode(), encoding)


def _compressed(body: bytes, encoding: str) -> bytes:
    if encoding == "gzip":
        return gzip.compress(body)
    return zlib.compress(body) if encoding == "deflate" else body
