"""What went into a span and what came out: messages, text, documents, tool definitions."""

from typing import Any, NamedTuple

import msgspec

from diptych_server.intake.cutting import cut_value
from diptych_server.intake.genai import (
    CHOICE_EVENT,
    COMPLETION_EVENT,
    DETAILS_EVENT,
    MESSAGE_EVENTS,
    PROMPT_EVENT,
)
from diptych_server.intake.messages import (
    Message,
    instruction_parts,
    last_text,
    message,
    messages,
    parse,
)
from diptych_server.intake.otlp import Event
from diptych_server.intake.placing import Placed, unflatten
from diptych_server.intake.usage import number
from diptych_server.wire.span_raw import RawDocument

PREVIEW_CHARACTERS = 300
JSON_MIME = "application/json"
VERCEL_KEYS = frozenset({"prompt", "messages", "system"})


class Side(NamedTuple):
    """Input or output of a span, as its column holds it."""

    text: str = ""
    is_messages: bool = False
    mime: str = ""
    preview: str = ""


NOTHING = Side()


class Content(NamedTuple):
    """Both sides of a span."""

    input: Side = NOTHING
    output: Side = NOTHING


def content(placed: Placed, events: list[Event]) -> Content:
    """Input and output from attributes, flattened lists or message events, the first that has any."""
    from_events = _from_events(events)
    entered = _entered(placed, from_events)
    came = _came(placed, from_events)
    columns = placed.columns
    return Content(
        _messages_side(entered, "user")
        if entered
        else _text_side(columns.get("input"), str(columns.get("input_mime", ""))),
        _messages_side(came, "assistant")
        if came
        else _text_side(columns.get("output"), str(columns.get("output_mime", ""))),
    )


def _entered(placed: Placed, from_events: "_Told") -> list[Message]:
    columns, lists = placed.columns, placed.lists
    found: list[Message] = []
    if "input_messages" in columns:
        found = messages(columns["input_messages"], "user")
    elif "input_messages" in lists:
        found = messages(unflatten(lists["input_messages"]), "user")
    elif "prompts" in lists:
        found = [message(_inner(item, "prompt", "text"), "user") for item in unflatten(lists["prompts"])]
    elif from_events.input:
        found = from_events.input
    elif isinstance(given := parse(columns.get("input")), dict) and given.keys() <= VERCEL_KEYS and given:
        found = messages(given, "user")
    if "system_instructions" in columns and (parts := instruction_parts(columns["system_instructions"])):
        found = [{"role": "system", "parts": parts}, *found]
    return [item for item in found if item["parts"]]


def _came(placed: Placed, from_events: "_Told") -> list[Message]:
    columns, lists = placed.columns, placed.lists
    found: list[Message] = []
    if "output_messages" in columns:
        found = messages(columns["output_messages"], "assistant")
    elif "output_messages" in lists:
        found = messages(unflatten(lists["output_messages"]), "assistant")
    elif "choices" in lists:
        found = [
            message(_inner(item, "completion", "text"), "assistant") for item in unflatten(lists["choices"])
        ]
    elif from_events.output:
        found = from_events.output
    elif "response_tool_calls" in columns:
        calls = parse(columns["response_tool_calls"])
        said = {"content": columns.get("output"), "tool_calls": calls if isinstance(calls, list) else [calls]}
        found = [message(said, "assistant")]
    return [item for item in found if item["parts"]]


class _Told(NamedTuple):
    input: list[Message]
    output: list[Message]


_NOTHING_TOLD = _Told([], [])


def _from_events(events: list[Event]) -> _Told:
    """Messages that came as events on the span, in the three manners of the past."""
    if not events:
        return _NOTHING_TOLD
    entered: list[Message] = []
    came: list[Message] = []
    for event in events:
        held = event.attributes
        if (role := MESSAGE_EVENTS.get(event.name)) is not None:
            entered.append(
                message({"role": role, **{key: parse(value) for key, value in held.items()}}, role)
            )
        elif event.name == CHOICE_EVENT:
            came.append(message({key: parse(value) for key, value in held.items()}, "assistant"))
        elif event.name == DETAILS_EVENT:
            entered += (
                messages(held["gen_ai.input.messages"], "user") if "gen_ai.input.messages" in held else []
            )
            came += (
                messages(held["gen_ai.output.messages"], "assistant")
                if "gen_ai.output.messages" in held
                else []
            )
        elif event.name == PROMPT_EVENT and "gen_ai.prompt" in held:
            entered += messages(held["gen_ai.prompt"], "user")
        elif event.name == COMPLETION_EVENT and "gen_ai.completion" in held:
            came += messages(held["gen_ai.completion"], "assistant")
    return _Told(entered, came)


def _messages_side(found: list[Message], role: str) -> Side:
    whole = cut_value(found)
    return Side(msgspec.json.encode(whole).decode(), True, "", preview(last_text(whole, role)))


def _text_side(value: Any, mime: str) -> Side:
    if value is None:
        return NOTHING
    if isinstance(value, str):
        text = cut_value(value)
        is_json = mime == JSON_MIME or (not mime and parse(text) is not text)
        return Side(text, False, JSON_MIME if is_json else mime, preview(text))
    text = msgspec.json.encode(cut_value(value)).decode()
    return Side(text, False, JSON_MIME, preview(text))


def preview(text: str) -> str:
    """The start of a text, for lists."""
    text = text[: PREVIEW_CHARACTERS * 2].strip()
    return text if len(text) <= PREVIEW_CHARACTERS else text[: PREVIEW_CHARACTERS - 1] + "…"


def documents(placed: Placed) -> list[RawDocument]:
    """Retrieved documents, from one JSON attribute or from a flattened list."""
    given = parse(placed.columns.get("documents"))
    if given is None and "documents" in placed.lists:
        given = unflatten(placed.lists["documents"])
    if isinstance(given, dict):
        given = given.get("documents", [given])
    return [_document(item) for item in given] if isinstance(given, list) else []


def _document(item: Any) -> RawDocument:
    item = _inner(item, "document")
    if not isinstance(item, dict):
        return RawDocument(
            text=cut_value(item if isinstance(item, str) else msgspec.json.encode(item).decode())
        )
    text = next((item[key] for key in ("text", "content", "page_content") if item.get(key) is not None), None)
    return RawDocument(
        id=_text(item.get("id")),
        name=_text(item.get("name") or item.get("title")),
        text=cut_value(_text(text)),
        score=number(item.get("score")),
        metadata=cut_value(parse(item.get("metadata"))),
    )


def tool_definitions(placed: Placed) -> list[Any]:
    """The tools that a model was offered, as the sender described them."""
    given = parse(placed.columns.get("tool_definitions"))
    if given is None and "tool_definitions" in placed.lists:
        given = [
            parse(_inner(item, "tool", "json_schema")) for item in unflatten(placed.lists["tool_definitions"])
        ]
    if given is None:
        return []
    listed = given if isinstance(given, list) else [given]
    return [cut_value(parse(item)) for item in listed]


def _inner(item: Any, *keys: str) -> Any:
    """Follow keys into an object as far as they lead."""
    for key in keys:
        if not isinstance(item, dict) or key not in item:
            return item
        item = item[key]
    return item


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return msgspec.json.encode(value).decode()
