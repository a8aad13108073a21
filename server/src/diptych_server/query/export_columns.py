"""The columns of an export: one table a list, each column with its type and where its value is from."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from diptych_server.wire.answers import Session, Span, TraceSummary
from diptych_server.wire.explore import Signal
from diptych_server.wire.turn import Turn

CellType = Literal["text", "integer", "number", "boolean"]

Cell = str | int | float | bool | None


class ExportColumn(NamedTuple):
    """A column; units stand in its name."""

    name: str
    type: CellType
    value: Callable[[Any], Cell]


def _plain(names: str, type_: CellType = "text") -> list[ExportColumn]:
    """Columns that are fields of the item, of the same name."""
    return [ExportColumn(name, type_, _field(name)) for name in names.split()]


def _field(name: str) -> Callable[[Any], Cell]:
    return lambda item: getattr(item, name)


_USER = [
    ExportColumn("user_id", "text", lambda item: item.user.id),
    ExportColumn("user_name", "text", lambda item: item.user.name),
    ExportColumn("user_email", "text", lambda item: item.user.email),
]

_TOKENS = [
    ExportColumn("input_tokens", "integer", lambda item: item.tokens and item.tokens.input),
    ExportColumn("output_tokens", "integer", lambda item: item.tokens and item.tokens.output),
    ExportColumn("cache_read_tokens", "integer", lambda item: item.tokens and item.tokens.cache_read),
    ExportColumn("reasoning_tokens", "integer", lambda item: item.tokens and item.tokens.reasoning),
]


def _frustrations(kind: str) -> Callable[[Session], Cell]:
    return lambda session: session.frustrations.get(kind, 0)


SESSIONS = [
    *_plain("session_id"),
    *_USER,
    *_plain("service env version application_id browser os device country first_seen last_seen"),
    *_plain("duration_ms views actions errors resources long_tasks answers", "integer"),
    ExportColumn("rage_clicks", "integer", _frustrations("rage_click")),
    ExportColumn("dead_clicks", "integer", _frustrations("dead_click")),
    ExportColumn("error_clicks", "integer", _frustrations("error_click")),
    *_plain("first_view_url last_view_url"),
    *_plain("has_replay", "boolean"),
    *_plain("replay_ms traces", "integer"),
    *_TOKENS,
    *_plain("cost_usd", "number"),
]


def _models(item: TraceSummary) -> Cell:
    return ", ".join(item.models)


TRACES = [
    *_plain("trace_id name kind start"),
    *_plain("duration_ms ttft_ms", "number"),
    *_plain("status"),
    *_plain("is_complete", "boolean"),
    *_plain("spans errors", "integer"),
    *_plain("ml_app service"),
    ExportColumn("models", "text", _models),
    *_plain("input output"),
    *_TOKENS,
    *_plain("cost_usd", "number"),
    *_USER,
    *_plain("conversation_id"),
    ExportColumn("session_ids", "text", lambda trace: ", ".join(trace.session_ids)),
]


def _said(text: str, messages: str) -> Callable[[Span], Cell]:
    """Input or output as text; messages as JSON."""

    def value(span: Span) -> Cell:
        if found := getattr(span, messages):
            return msgspec.json.encode(found).decode()
        said: Cell = getattr(span, text)
        return said

    return value


SPANS = [
    *_plain("trace_id span_id parent_id name kind service ml_app start"),
    ExportColumn("duration_ms", "number", lambda span: span.duration_ns / 1e6),
    *_plain("ttft_ms", "number"),
    *_plain("status"),
    ExportColumn("error_type", "text", lambda span: span.error and span.error.type),
    ExportColumn("error_message", "text", lambda span: span.error and span.error.message),
    *_plain("model provider"),
    *_TOKENS,
    *_plain("cost_usd", "number"),
    *_plain("session_id conversation_id user_id"),
    ExportColumn("input", "text", _said("input", "input_messages")),
    ExportColumn("output", "text", _said("output", "output_messages")),
]

TURNS = [
    *_plain("turn_id asked_at session_id conversation_id"),
    *_USER,
    *_plain("question answer match"),
    ExportColumn("view_url", "text", lambda turn: turn.felt and turn.felt.view_url),
    ExportColumn("first_byte_ms", "number", lambda turn: turn.felt and turn.felt.first_byte_ms),
    ExportColumn("first_word_ms", "number", lambda turn: turn.felt and turn.felt.first_word_ms),
    ExportColumn("done_ms", "number", lambda turn: turn.felt and turn.felt.done_ms),
    ExportColumn("end_reason", "text", lambda turn: turn.felt and turn.felt.end_reason),
    ExportColumn("trace_id", "text", lambda turn: turn.served and turn.served.trace_id),
    ExportColumn("served_ttft_ms", "number", lambda turn: turn.served and turn.served.ttft_ms),
    ExportColumn("served_ms", "number", lambda turn: turn.served and turn.served.duration_ms),
    ExportColumn("status", "text", lambda turn: turn.served and turn.served.status),
    ExportColumn("ml_app", "text", lambda turn: turn.served and turn.served.ml_app),
    ExportColumn("models", "text", lambda turn: turn.served and _models(turn.served)),
    ExportColumn("cost_usd", "number", lambda turn: turn.served and turn.served.cost_usd),
    ExportColumn("reactions", "text", lambda turn: ", ".join(each.kind for each in turn.reactions)),
]

COLUMNS: dict[Signal, Sequence[ExportColumn]] = {
    "sessions": SESSIONS,
    "traces": TRACES,
    "spans": SPANS,
    "turns": TURNS,
}


def cells(columns: Sequence[ExportColumn], item: Session | TraceSummary | Span | Turn) -> list[Cell]:
    """One row: what the item says in each column."""
    return [column.value(item) for column in columns]
