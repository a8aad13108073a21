"""What went into a span and what came out: messages, or text."""

from typing import Any, NamedTuple

import msgspec

from diptych_server.intake.cutting import cut_value
from diptych_server.intake.event_messages import Told, told_by
from diptych_server.intake.messages import Message, instruction_parts, last_text, message, messages, parse
from diptych_server.intake.otlp import Event
from diptych_server.intake.placing import Placed, inner, unflatten
from diptych_server.intake.ready_messages import last_text as last_ready_text
from diptych_server.intake.ready_messages import ready

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
    """Input and output from attributes, flattened lists or message events, the first that has any.

    Text that stands beside messages and is not used stays among the placed columns for the caller to keep.
    """
    told = told_by(events)
    return Content(_input(placed, told), _output(placed, told))


def _input(placed: Placed, told: Told) -> Side:
    columns = placed.columns
    if "system_instructions" not in columns and (side := _ready_side(columns.get("input_messages"), "user")):
        return side
    found = _entered(placed, told)
    system = instruction_parts(columns.get("system_instructions"))
    if system and not found and (asked := message(columns.get("input"), "user"))["parts"]:
        del columns["input"]
        found = [asked]
    if system:
        found = [{"role": "system", "parts": system}, *found]
    if found:
        return messages_side(found, "user")
    return text_side(columns.pop("input", None), str(columns.get("input_mime", "")))


def _output(placed: Placed, told: Told) -> Side:
    columns = placed.columns
    if side := _ready_side(columns.get("output_messages"), "assistant"):
        return side
    if found := _came(placed, told):
        return messages_side(found, "assistant")
    return text_side(columns.pop("output", None), str(columns.get("output_mime", "")))


def _entered(placed: Placed, told: Told) -> list[Message]:
    columns, lists = placed.columns, placed.lists
    if "input_messages" in columns:
        found = messages(columns["input_messages"], "user")
    elif "input_messages" in lists:
        found = messages(unflatten(lists["input_messages"]), "user")
    elif "prompts" in lists:
        found = [message(inner(item, "prompt", "text"), "user") for item in unflatten(lists["prompts"])]
    elif told.input:
        found = told.input
    elif isinstance(given := parse(columns.get("input")), dict) and given and given.keys() <= VERCEL_KEYS:
        found = messages(given, "user")
        del columns["input"]
    else:
        return []
    return [item for item in found if item["parts"]]


def _came(placed: Placed, told: Told) -> list[Message]:
    columns, lists = placed.columns, placed.lists
    if "output_messages" in columns:
        found = messages(columns["output_messages"], "assistant")
    elif "output_messages" in lists:
        found = messages(unflatten(lists["output_messages"]), "assistant")
    elif "choices" in lists:
        found = [
            message(inner(item, "completion", "text"), "assistant") for item in unflatten(lists["choices"])
        ]
    elif told.output:
        found = told.output
    elif "response_tool_calls" in columns:
        calls = parse(columns["response_tool_calls"])
        calls = calls if isinstance(calls, list) else [calls]
        found = [message({"content": columns.pop("output", None), "tool_calls": calls}, "assistant")]
    else:
        return []
    return [item for item in found if item["parts"]]


def _ready_side(value: Any, role: str) -> Side | None:
    found = ready(value)
    return Side(value, True, "", preview(last_ready_text(found, role))) if found else None


def messages_side(found: list[Message], role: str) -> Side:
    """A side that is messages; its preview is the last text that `role` said."""
    whole = cut_value(found)
    return Side(msgspec.json.encode(whole).decode(), True, "", preview(last_text(whole, role)))


def text_side(value: Any, mime: str) -> Side:
    """A side that is text, or any other value as JSON."""
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
