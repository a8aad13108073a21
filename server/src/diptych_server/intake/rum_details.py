"""What each type of RUM event says in the columns that not every event has."""

from collections.abc import Callable
from typing import NamedTuple

from diptych_server.wire.rum import Ids, Name, Number, RumEvent

MAX_UINT64 = 2**63 - 1
MAX_UINT32 = 2**32 - 1
MAX_UINT16 = 2**16 - 1
"""Where the columns end; a number beyond is held at the edge, its true value stays in the stored line."""

MAX_NAME_CHARACTERS = 1_000
MS_NS = 1_000_000


class Details(NamedTuple):
    """Columns of `rum_events` that depend on the type of the event."""

    event_id: str = ""
    name: str = ""
    duration_ns: int = 0
    action_type: str = ""
    frustrations: tuple[str, ...] = ()
    error_type: str = ""
    resource_type: str = ""
    method: str = ""
    status_code: int = 0
    first_byte_ms: int | None = None
    first_paint_ms: int | None = None
    done_ms: int | None = None
    end_reason: str = ""
    reaction: str = ""


def text(value: Name) -> str:
    """A free value as text."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def _view(event: RumEvent) -> Details:
    view = event.view
    return Details(name=text(view.name) or _path(view.url or ""), duration_ns=_ns(view.time_spent))


def _action(event: RumEvent) -> Details:
    if (action := event.action) is None:
        return Details(name="action")
    return Details(
        event_id=_own(action.id),
        name=_cut(text(action.target.name) if action.target else "") or action.type or "action",
        duration_ns=_ns(action.loading_time),
        action_type=action.type or "",
        frustrations=tuple((action.frustration and action.frustration.type) or ()),
    )


def _resource(event: RumEvent) -> Details:
    if (resource := event.resource) is None:
        return Details(name="resource")
    return Details(
        event_id=resource.id or "",
        name=_cut(resource.url or "resource"),
        duration_ns=_ns(resource.duration),
        resource_type=resource.type or "",
        method=resource.method or "",
        status_code=_whole(resource.status_code, MAX_UINT16) or 0,
    )


def _error(event: RumEvent) -> Details:
    if (error := event.error) is None:
        return Details(name="error")
    return Details(
        event_id=error.id or "",
        name=_cut(text(error.message)) or "error",
        error_type=text(error.type),
    )


def _long_task(event: RumEvent) -> Details:
    if (task := event.long_task) is None:
        return Details(name="long task")
    duration_ns = _ns(task.duration)
    return Details(event_id=task.id or "", name=f"{duration_ns // MS_NS} ms task", duration_ns=duration_ns)


def _vital(event: RumEvent) -> Details:
    if (vital := event.vital) is None:
        return Details(name="vital")
    return Details(
        event_id=vital.id or "", name=_cut(text(vital.name)) or "vital", duration_ns=_ns(vital.duration)
    )


def _answer(event: RumEvent) -> Details:
    if (answer := event.answer) is None:
        return Details(name="answer")
    done_ms = _whole(answer.done_ms, MAX_UINT32)
    return Details(
        event_id=answer.id or "",
        name=_cut(text(answer.question)) or _path(answer.url or "") or "answer",
        duration_ns=(done_ms or 0) * MS_NS,
        method=answer.method or "",
        first_byte_ms=_whole(answer.first_byte_ms, MAX_UINT32),
        first_paint_ms=_whole(answer.first_paint_ms, MAX_UINT32),
        done_ms=done_ms,
        end_reason=answer.end_reason or "",
    )


def _reaction(event: RumEvent) -> Details:
    if (reaction := event.reaction) is None:
        return Details(name="reaction")
    kind = reaction.kind or ""
    return Details(event_id=reaction.id or "", name=kind.replace("_", " ") or "reaction", reaction=kind)


DETAILS: dict[str, Callable[[RumEvent], Details]] = {
    "view": _view,
    "view_update": _view,
    "action": _action,
    "resource": _resource,
    "error": _error,
    "long_task": _long_task,
    "vital": _vital,
    "answer": _answer,
    "reaction": _reaction,
}
"""The types that we know; others are kept, counted, and named by their type."""


def _own(ids: Ids) -> str:
    return ids if isinstance(ids, str) else ids[0] if ids else ""


def _ns(value: Number) -> int:
    return _whole(value, MAX_UINT64) or 0


def _whole(value: Number, most: int) -> int | None:
    """A count or a duration as the column can hold it."""
    return None if value is None else max(0, min(int(value), most))


def _cut(value: str) -> str:
    return value if len(value) <= MAX_NAME_CHARACTERS else value[: MAX_NAME_CHARACTERS - 1] + "…"


def _path(url: str) -> str:
    """The path of a URL, for a view without a name; `/` stands for the site itself."""
    _, scheme, rest = url.partition("://")
    if not scheme:
        return _cut(url)
    host_and_path = rest.partition("?")[0].partition("#")[0]
    return _cut("/" + host_and_path.partition("/")[2])
