"""What the endpoints of a session must answer."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from .matching import About, Between, ClockOf, Near, api_time
from .model import TRANSIT_SLACK_MS, Json, Model, counted, tokens
from .page_payloads import page_event, replay_events, view_event
from .project import BROWSER, DEVICE, SYSTEM
from .scenario import (
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
    View,
    Vital,
)

COUNTED = {
    "actions": Action,
    "errors": PageError,
    "resources": Resource,
    "long_tasks": LongTask,
    "answers": Answer,
}
FRUSTRATIONS = ("rage_click", "dead_click", "error_click")


def session_answer(model: Model, session: Session) -> Json:
    """`/sessions/{id}`, and its row in `/sessions`."""
    moments = sorted(_moments(session))
    first_ms, last_ms = moments[0][0], moments[-1][0]
    events = [event for _, _, event in session.events()]
    traces = model.traces_of(session.id)
    sums = [counted(trace) for trace in traces]
    costs = [cost for each in sums for cost in each.costs_usd]
    recordings = recorded(session)
    return {
        "session_id": session.id,
        "application_id": session.application_id,
        "service": session.service,
        "env": session.env,
        "version": session.version,
        "user": model.user(session),
        "browser": BROWSER,
        "os": SYSTEM,
        "device": DEVICE,
        "country": "",
        "first_seen": Near(model.began_ms + first_ms, TRANSIT_SLACK_MS),
        "last_seen": Near(model.began_ms + last_ms, TRANSIT_SLACK_MS),
        "duration_ms": Between(last_ms - first_ms - TRANSIT_SLACK_MS, last_ms - first_ms + TRANSIT_SLACK_MS),
        "is_active": True,
        "views": sum(1 for _ in session.views()),
        **{name: sum(isinstance(event, kind) for event in events) for name, kind in COUNTED.items()},
        "frustrations": _frustrations(events),
        "first_view_url": max(url for at_ms, url in moments if at_ms == first_ms),
        "last_view_url": moments[-1][1],
        "has_replay": bool(recordings),
        "replay_ms": sum(end - start for view in recordings for start, end in _stretches(view.segments)),
        "traces": len(traces),
        "tokens": tokens(usage for each in sums for usage in each.usages),
        "cost_usd": About(sum(costs)) if costs else None,
    }


def recorded(session: Session) -> list[View]:
    """Give the views that have a recording."""
    return [view for _, view in session.views() if view.segments]


def _moments(session: Session) -> Iterator[tuple[int, str]]:
    """When something happened, and the address where."""
    for _, view in session.views():
        yield view.at_ms, view.url
    for _, view, event in session.events():
        yield event.at_ms, view.url


def _frustrations(events: list[PageEvent]) -> dict[str, int]:
    counts = {
        kind: sum(isinstance(event, Action) and kind in event.frustrations for event in events)
        for kind in FRUSTRATIONS
    }
    return {kind: count for kind, count in counts.items() if count}


def _stretches(segments: tuple[Segment, ...]) -> list[tuple[int, int]]:
    """Start and end of what was recorded without a missing segment."""
    found: list[tuple[int, int]] = []
    previous: Segment | None = None
    for segment in segments:
        if previous and segment.index == previous.index + 1:
            found[-1] = (found[-1][0], segment.end_ms)
        else:
            found.append((segment.start_ms, segment.end_ms))
        previous = segment
    return found


def event_answers(model: Model, session: Session) -> list[Json]:
    """`/sessions/{id}/events`, in order of time and id."""
    found = []
    for tab, view in session.views():
        sent = view_event(session, tab, view, view.versions[-1], model.began_ms)
        own: Json = {
            "event_id": view.id,
            "type": "view",
            "name": view.versions[-1].name or urlsplit(view.url).path,
            "duration_ms": view.versions[-1].time_spent_ms,
            "document_version": view.versions[-1].number,
        }
        found.append(_event(model, session, tab, view, view.at_ms, sent) | own)
    for tab, view, event in session.events():
        sent = page_event(session, tab, view, event, model.began_ms)
        found.append(_event(model, session, tab, view, event.at_ms, sent) | _own(event))
    return sorted(found, key=lambda answer: (answer["ts"], answer["event_id"]))


def _event(model: Model, session: Session, tab: Tab, view: View, at_ms: int, sent: Json) -> Json:
    """What events of every type have; the rest is empty."""
    return {
        "ts": api_time(model.began_ms + at_ms + session.skew_ms),
        "seen_at": Near(model.began_ms + at_ms, TRANSIT_SLACK_MS),
        "view_id": view.id,
        "view_url": view.url,
        "view_name": sent["view"].get("name", ""),
        "duration_ms": None,
        "status_code": None,
        "method": None,
        "resource_type": None,
        "action_type": None,
        "frustrations": [],
        "error_type": None,
        "error_stack": None,
        "trace_id": None,
        "tab_id": tab.id,
        "document_version": None,
        "attributes": {key: value for key, value in sent.items() if key not in ("type", "date")},
    }


def _own(event: PageEvent) -> Json:
    found: Json = {"event_id": event.id}
    match event:
        case Action():
            return found | {
                "type": "action",
                "name": event.target,
                "duration_ms": event.loading_ms or None,
                "action_type": event.kind,
                "frustrations": list(event.frustrations),
            }
        case PageError():
            return found | {
                "type": "error",
                "name": event.message,
                "error_type": event.kind or None,
                "error_stack": event.stack,
            }
        case Resource():
            return found | {
                "type": "resource",
                "name": event.url,
                "duration_ms": event.duration_ms or None,
                "status_code": event.status_code or None,
                "method": event.method,
                "resource_type": event.kind,
                "trace_id": event.trace.trace_id if event.trace else None,
            }
        case LongTask():
            name = f"{event.duration_ms} ms task"
            return found | {"type": "long_task", "name": name, "duration_ms": event.duration_ms}
        case Vital():
            return found | {"type": "vital", "name": event.name, "duration_ms": event.duration_ms or None}
        case Answer():
            return found | {
                "type": "answer",
                "name": event.question or urlsplit(event.url).path,
                "duration_ms": event.done_ms or None,
                "method": "POST",
                "trace_id": event.trace.trace_id if event.trace else None,
            }
        case Reaction():
            return found | {
                "type": "reaction",
                "name": event.kind.replace("_", " "),
                "trace_id": event.trace_id,
            }


def replay_answer(model: Model, session: Session) -> Json:
    """`/sessions/{id}/replay`."""
    views = [_replay_view(model, session, tab, view) for tab, view in session.views() if view.segments]
    return {
        "session_id": session.id,
        "views": sorted(views, key=lambda view: (view["start"], view["view_id"])),
        "clock": ClockOf(-session.skew_ms, TRANSIT_SLACK_MS),
    }


def _replay_view(model: Model, session: Session, tab: Tab, view: View) -> Json:
    shift_ms = model.began_ms + session.skew_ms
    indexes = [segment.index for segment in view.segments]
    return {
        "view_id": view.id,
        "view_url": view.url,
        "tab_id": tab.id,
        "format": "rrweb",
        "start": view.segments[0].start_ms + shift_ms,
        "end": view.segments[-1].end_ms + shift_ms,
        "segments": [
            {
                "index": segment.index,
                "start": segment.start_ms + shift_ms,
                "end": segment.end_ms + shift_ms,
                "records": len(replay_events(segment, session.skew_ms, model.began_ms)),
                "has_full_snapshot": segment.index == 0,
            }
            for segment in view.segments
        ],
        "gaps": list(_gaps(indexes)),
    }


def _gaps(indexes: list[int]) -> Iterator[Json]:
    missing = sorted(set(range(max(indexes))) - set(indexes))
    for place, index in enumerate(missing):
        if place == 0 or missing[place - 1] != index - 1:
            end = next(other for other in range(index, max(indexes)) if other + 1 in indexes)
            yield {"from_index": index, "to_index": end, "reason": "not_received"}


def recording_answer(model: Model, session: Session, view: View, from_index: int, to_index: int) -> Json:
    """`/sessions/{id}/replay/events` of the segments between two indexes."""
    segments = [segment for segment in view.segments if from_index <= segment.index <= to_index]
    events: list[Any] = []
    for segment in segments:
        events += replay_events(segment, session.skew_ms, model.began_ms)
    return {"view_id": view.id, "from_index": from_index, "to_index": segments[-1].index, "events": events}
