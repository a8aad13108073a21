"""The part of a RUM event that the intake reads: public rum-events-format v2, and our own `dip` key.

The schemas say what must be accepted and are no filter: a field that is not named here passes unread and
stays in the stored line. Durations are integer nanoseconds, `date` is epoch milliseconds.

`gc=False`: a decoded event holds no cycles, and thousands of them a second would keep the collector busy (it
took 40 % of the time under load).
"""

from typing import Annotated

import msgspec

MAX_ID_CHARACTERS = 128
"""Of any id, ours or theirs."""

MAX_DATE_MS = 9_999_999_999_999
"""The year 2286: the engine's DateTime64(3) ends in 2299."""

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_ID_CHARACTERS)]
"""An id is required where it stands, and has 1 to 128 characters."""

Name = str | int | float | bool | None
"""What people set freely: kept as text, whatever they sent."""

Number = int | float | None

Ids = Id | list[Id] | None
"""`action.id` is one id on an action and a list on every other event."""


class Application(msgspec.Struct, gc=False):
    """`application`."""

    id: Id


class Session(msgspec.Struct, gc=False):
    """`session`."""

    id: Id


class Frustration(msgspec.Struct, gc=False):
    """`action.frustration`."""

    type: list[str] | None = None


class View(msgspec.Struct, gc=False):
    """`view`; `time_spent` on view events only."""

    id: Id
    url: str | None = None
    name: Name = None
    time_spent: Number = None


class Tab(msgspec.Struct, gc=False):
    """`tab`."""

    id: Id | None = None


class User(msgspec.Struct, gc=False):
    """`usr`: who the page says is there."""

    id: Name = None
    name: Name = None
    email: Name = None


class Internal(msgspec.Struct, gc=False):
    """`_dd`; trace and span ids are decimal strings here."""

    document_version: int | None = None
    trace_id: str | int | None = None
    span_id: str | int | None = None


class Diptych(msgspec.Struct, gc=False):
    """`dip`: our additions. Trace ids are 32 lower hex digits, span ids 16."""

    event_id: Id | None = None
    trace_id: str | None = None
    span_id: str | None = None


class Target(msgspec.Struct, gc=False):
    """`action.target`."""

    name: Name = None


class Action(msgspec.Struct, gc=False):
    """`action`."""

    id: Ids = None
    type: str | None = None
    target: Target | None = None
    frustration: Frustration | None = None
    loading_time: Number = None


class Resource(msgspec.Struct, gc=False):
    """`resource`."""

    id: Id | None = None
    type: str | None = None
    url: str | None = None
    method: str | None = None
    status_code: Number = None
    duration: Number = None


class Error(msgspec.Struct, gc=False):
    """`error`."""

    id: Id | None = None
    message: Name = None
    type: Name = None


class LongTask(msgspec.Struct, gc=False):
    """`long_task`."""

    id: Id | None = None
    duration: Number = None


class Vital(msgspec.Struct, gc=False):
    """`vital`."""

    id: Id | None = None
    name: Name = None
    duration: Number = None


class Answer(msgspec.Struct, gc=False):
    """`answer`, our own event: one AI answer as the browser felt it. Times are ms since it was asked."""

    id: Id | None = None
    url: str | None = None
    method: str | None = None
    question: Name = None
    first_byte_ms: Number = None
    first_paint_ms: Number = None
    done_ms: Number = None
    end_reason: str | None = None


class Reaction(msgspec.Struct, gc=False):
    """`reaction`, our own event: what the person did with an answer."""

    id: Id | None = None
    kind: str | None = None
    answer_id: Id | None = None


class RumEvent(msgspec.Struct, gc=False):
    """One line of `/v1/rum`."""

    type: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    date: (
        Annotated[int, msgspec.Meta(ge=0, le=MAX_DATE_MS)]
        | Annotated[float, msgspec.Meta(ge=0, le=MAX_DATE_MS)]
    )
    application: Application
    session: Session
    view: View
    tab: Tab | None = None
    service: str | None = None
    version: str | None = None
    ddtags: str | None = None
    usr: User | None = None
    action: Action | None = None
    resource: Resource | None = None
    error: Error | None = None
    long_task: LongTask | None = None
    vital: Vital | None = None
    answer: Answer | None = None
    reaction: Reaction | None = None
    dip: Diptych | None = None
    internal: Internal | None = msgspec.field(name="_dd", default=None)
