"""Fields of a session: its totals, and the events that happened in it."""

from typing import get_args

from diptych_server.query.search.fields import Field, in_table
from diptych_server.query.search.sources import EVENTS
from diptych_server.wire.turn import ReactionKind

FRUSTRATIONS = ("rage_click", "dead_click", "error_click")


def _count(name: str, column: str, what: str, *aliases: str) -> Field:
    short = name.removesuffix(".count")
    return Field(
        name,
        "number",
        f"How many {what} it has.",
        f"uniqExactMerge(sessions.{column})",
        aliases=(f"session.{name}", column, *aliases),
        examples=(f"{name}:>0",) if short == "error" else (),
    )


def _text(name: str, description: str, *aliases: str, is_facet: bool = True) -> Field:
    column = name.rsplit(".", 1)[-1]
    return Field(name, "text", description, f"max(sessions.{column})", aliases=aliases, is_facet=is_facet)


def _told(
    name: str,
    description: str,
    column: str,
    aliases: tuple[str, ...] = (),
    values: tuple[str, ...] = (),
    examples: tuple[str, ...] = (),
) -> Field:
    """What some event of it tells, each value once."""
    return Field(
        name,
        "text",
        description,
        f"groupUniqArrayArray(sessions.{column})",
        aliases=aliases,
        values=values,
        examples=examples,
        is_many=True,
        is_facet=True,
    )


TOTALS = (
    Field("session_id", "text", "Its id.", "session_id", aliases=("session.id", "id"), is_exact=True),
    _text("service", "Service of the page.", "service.name"),
    _text("env", "Environment of the page."),
    _text("version", "Version of the page."),
    _text("browser", "Browser and its version.", "browser.name"),
    _text("os", "Operating system.", "os.name"),
    _text("device", "Kind of device.", "device.type"),
    _text("country", "Country, where it is known.", "geo.country", "geo.country_iso_code"),
    Field(
        "application_id",
        "text",
        "Application of the page.",
        "max(sessions.application_id)",
        aliases=("application.id", "application"),
        is_exact=True,
        is_facet=True,
    ),
    Field("usr.name", "text", "Name of the person.", "max(sessions.user).name", aliases=("user.name",)),
    Field("usr.email", "text", "Email of the person.", "max(sessions.user).email", aliases=("user.email",)),
    Field(
        "duration",
        "duration",
        "From its first event to its last.",
        "toUnixTimestamp64Milli(max(sessions.last_seen)) - toUnixTimestamp64Milli(min(sessions.first_seen))",
        aliases=("session.time_spent", "time_spent"),
        examples=("duration:>3m",),
    ),
    Field(
        "start",
        "time",
        "When its first event was seen.",
        "toUnixTimestamp64Milli(min(sessions.first_seen))",
        aliases=("first_seen", "date", "timestamp"),
    ),
    Field(
        "last_seen",
        "time",
        "When its last event was seen.",
        "toUnixTimestamp64Milli(max(sessions.last_seen))",
    ),
    _count("view.count", "views", "views"),
    _count("action.count", "actions", "actions"),
    _count("error.count", "errors", "errors"),
    _count("resource.count", "resources", "resources"),
    _count("long_task.count", "long_tasks", "long tasks"),
    _count("answer.count", "answers", "AI answers"),
    Field(
        "frustration.count",
        "number",
        "How many frustrations it has, of all kinds.",
        " + ".join(f"uniqExactMerge(sessions.{kind}s)" for kind in FRUSTRATIONS),
        aliases=("session.frustration.count", "frustrations"),
    ),
    Field(
        "initial_view.url",
        "text",
        "Address of its first view.",
        "max(sessions.first_view).url",
        aliases=("session.initial_view.url", "first_view_url"),
    ),
    Field(
        "last_view.url",
        "text",
        "Address of its last view.",
        "max(sessions.last_view).url",
        aliases=("session.last_view.url", "last_view_url"),
    ),
    _told(
        "frustration",
        "A kind of frustration.",
        "frustrations",
        ("action.frustration.type", "frustration.type"),
        FRUSTRATIONS,
        ("frustration:rage_click",),
    ),
    _told("error.type", "Type of an error.", "error_types"),
    _told("answer.end", "How an answer ended.", "answer_ends", ("end_reason",)),
    _told(
        "reaction",
        "What the person did with an answer.",
        "reactions",
        ("reaction.kind",),
        get_args(ReactionKind),
        ("reaction:rage_click",),
    ),
)

OF_EVENTS = in_table(
    "rum_events",
    Field(
        "usr.id",
        "text",
        "Id of the person, as the page named it.",
        "user_id",
        EVENTS,
        ("user.id", "user_id"),
        examples=("@usr.id:42",),
        is_exact=True,
    ),
    Field("type", "text", "A type of event that happened.", "type", EVENTS, ("event.type",)),
    Field(
        "view.url",
        "text",
        "Address of a view.",
        "view_url",
        EVENTS,
        examples=("@view.url:*checkout*",),
    ),
    Field(
        "view.url_path",
        "text",
        "Path of a view's address.",
        "path(view_url)",
        EVENTS,
        examples=("@view.url_path:/checkout*",),
    ),
    Field("view.name", "text", "Name of a view.", "view_name", EVENTS),
    Field("view.id", "text", "Id of a view.", "view_id", EVENTS, is_exact=True),
    Field(
        "action.name",
        "text",
        "Name of an action.",
        "if(type = 'action', name, '')",
        EVENTS,
        ("action.target.name",),
    ),
    Field("action.type", "text", "Type of an action.", "action_type", EVENTS),
    Field("error.message", "text", "Message of an error.", "if(type = 'error', name, '')", EVENTS),
    Field("resource.url", "text", "Address of a request.", "if(type = 'resource', name, '')", EVENTS),
    Field("resource.type", "text", "Type of a request.", "resource_type", EVENTS),
    Field("resource.method", "text", "Method of a request.", "method", EVENTS),
    Field(
        "resource.status_code",
        "number",
        "Status of a response.",
        "if(type = 'resource', status_code, NULL)",
        EVENTS,
        ("http.status_code",),
        examples=("@resource.status_code:>=500",),
    ),
    Field(
        "resource.duration",
        "duration",
        "How long a request took.",
        "if(type = 'resource', duration_ns / 1000000, NULL)",
        EVENTS,
    ),
    Field(
        "long_task.duration",
        "duration",
        "How long a long task took.",
        "if(type = 'long_task', duration_ns / 1000000, NULL)",
        EVENTS,
    ),
    Field(
        "answer.first_word",
        "duration",
        "From asking to the first painted words of an answer.",
        "first_paint_ms",
        EVENTS,
        ("first_word", "felt.ttft"),
        examples=("answer.first_word:>2s",),
    ),
    Field("answer.done", "duration", "From asking to the end of an answer.", "done_ms", EVENTS),
)

SESSION_FIELDS = TOTALS + OF_EVENTS

SESSION_WORDS = (
    "concat(name, ' ', view_url, ' ', view_name, ' ', user_id, ' ', user_name, ' ', user_email, ' ',"
    " error_type)"
)
"""What free words of a session are looked for in, an event at a time."""
