"""What a user's span processor sees of a span, and how what it changed is written back.

The processor gets inputs and outputs as messages, whatever the span's kind and whoever recorded them, may
change or replace them, and returns the span, or None to drop it. It runs in the SDK's own thread, right
before the span is sent.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import _attributes as keys
from ._correlation import Node, Said
from ._finished_span import LLMObsSpan, SpanProcessor
from ._messages import as_messages
from ._problems import notice
from ._text import as_json, safe_str
from ._text_attributes import DOCUMENTS, FLATTENED, MESSAGES, NO_TEXT, SYSTEM, VALUES, is_text

WITHHELD = "[withheld by diptych: the span processor failed]"


class Redaction:
    """Applies a user's processor to the attributes of each span."""

    def __init__(self, processor: SpanProcessor) -> None:
        self._processor = processor

    def __call__(self, attributes: dict[str, Any], node: Node, said: Said | None) -> dict[str, Any] | None:
        """The attributes as the processor wants them; None to drop the span.

        Where a processor fails, or returns something else, the span goes out without its texts: what was to
        be redacted must not leave the process. It is told once.
        """
        places = {side: _places(attributes, side) for side in ("input", "output")}
        seen = LLMObsSpan(
            [message for place in places["input"] for message in place.messages],
            [message for place in places["output"] for message in place.messages],
            json.loads(attributes.get(keys.METADATA, "{}")),
            _tags(attributes, node, said),
        )
        before = copy.deepcopy((seen.input, seen.output, seen.metadata))
        try:
            result = self._processor(seen)
        except Exception as error:  # a host's processor may do anything
            return _withheld(attributes, f"failed with {type(error).__name__}: {error}")
        if result is None:
            return None
        if not isinstance(result, LLMObsSpan):
            return _withheld(attributes, f"returned {type(result).__name__}, not the span or None")
        if result.input != before[0]:
            _write(attributes, places["input"], result.input)
        if result.output != before[1]:
            _write(attributes, places["output"], result.output)
        if result.metadata != before[2]:
            attributes[keys.METADATA] = as_json(result.metadata)
        return attributes


def _withheld(attributes: dict[str, Any], fault: str) -> dict[str, Any]:
    notice("span processor", f"{fault}; spans go out without their texts")
    for key in [key for key in attributes if is_text(key)]:
        del attributes[key]
    for side in ("input", "output"):
        attributes.pop(f"{side}.mime_type", None)
        attributes[f"{side}.value"] = WITHHELD
    return attributes


def _tags(attributes: Mapping[str, Any], node: Node, said: Said | None) -> dict[str, str]:
    tags = dict((said.tags if said is not None else None) or {})
    for tag, key in (
        ("span.kind", keys.SPAN_KIND),
        ("ml_app", keys.ML_APP),
        ("session_id", keys.SESSION_ID),
        ("user_id", "user.id"),
    ):
        if key in attributes:
            tags[tag] = str(attributes[key])
    if "span.kind" not in tags and node.is_model_call:
        tags["span.kind"] = "llm"
    return tags


@dataclass
class _Place:
    """Where on the wire some of a side's messages stand."""

    keys: list[str]
    """Attributes; several where the same text stands in them."""
    messages: list[dict[str, Any]]


def _places(attributes: Mapping[str, Any], side: str) -> list[_Place]:
    """The messages of one side, wherever instrumentations and `annotate` wrote them."""
    places = []
    if side == "input" and SYSTEM in attributes:
        places.append(_Place([SYSTEM], [{"role": "system", "content": _system(attributes[SYSTEM])}]))
    places += [_Place([key], _messages(attributes[key])) for key in MESSAGES[side] if key in attributes]
    if side == "output" and DOCUMENTS in attributes:
        places.append(_Place([DOCUMENTS], _documents(attributes[DOCUMENTS])))
    values: dict[str, _Place] = {}
    for key in (*VALUES[side], *_flattened(attributes, side)):
        value = attributes.get(key)
        if value is None:
            continue
        text = value if isinstance(value, str) else as_json(value)
        if text in values:
            values[text].keys.append(key)
        else:
            values[text] = _Place([key], [{"role": "", "content": text}])
    return [*places, *values.values()]


def _flattened(attributes: Mapping[str, Any], side: str) -> list[str]:
    return [
        key for key in attributes if key.startswith(FLATTENED[side]) and key.rpartition(".")[2] not in NO_TEXT
    ]


def _write(attributes: dict[str, Any], places: list[_Place], messages: list[dict[str, Any]]) -> None:
    """Writes changed messages where they came from; where their number is another, all in the first place."""
    counts = [len(place.messages) for place in places]
    if sum(counts) != len(messages):
        is_system = [SYSTEM in place.keys for place in places]
        told = int(bool(messages) and messages[0].get("role") == "system")
        first = is_system.count(True)
        counts = [told if system else 0 for system in is_system]
        if first < len(places):
            counts[first] = len(messages) - sum(counts)
    at = 0
    for place, count in zip(places, counts, strict=True):
        written = _written(place.keys[0], attributes, messages[at : at + count])
        at += count
        for key in place.keys:
            if written is None:
                del attributes[key]
            else:
                attributes[key] = written


def _written(key: str, attributes: Mapping[str, Any], messages: list[dict[str, Any]]) -> str | None:
    """Messages in the form that an attribute has; None for none."""
    texts = [safe_str(message.get("content", "")) for message in messages]
    if not messages:
        return None
    if key == SYSTEM:
        return as_json([{"type": "text", "content": text} for text in texts])
    if key in (*MESSAGES["input"], *MESSAGES["output"]):
        return as_json([_as_sent(message) for message in messages])
    if key == DOCUMENTS:
        known = _parsed(attributes[DOCUMENTS]) or [{}] * len(texts)
        return as_json([{**document, "text": text} for document, text in zip(known, texts, strict=False)])
    return "\n".join(texts)


def _system(written: object) -> str:
    parts = _parsed(written)
    return _joined(parts) if parts else safe_str(written)


def _messages(written: object) -> list[dict[str, Any]]:
    """Messages of the conventions as a processor sees them; what is none of them is one text."""
    found = _parsed(written)
    if found and all("parts" in message for message in found):
        return [_as_seen(message) for message in found]
    return [{"role": "", "content": written if isinstance(written, str) else as_json(written)}]


def _documents(written: object) -> list[dict[str, Any]]:
    found = _parsed(written) or [{"text": safe_str(written)}]
    return [{"role": "", "content": document.get("text", "")} for document in found]


def _as_seen(message: Mapping[str, Any]) -> dict[str, Any]:
    """A message of the conventions as processors see it; parts without a place there are kept aside."""
    parts = message.get("parts") or []
    seen: dict[str, Any] = {
        "role": message.get("role", ""),
        "content": _joined([part for part in parts if part.get("type") == "text"]),
    }
    calls = [part for part in parts if part.get("type") == "tool_call"]
    results = [part for part in parts if part.get("type") == "tool_call_response"]
    others = [part for part in parts if part.get("type") not in ("text", "tool_call", "tool_call_response")]
    if calls:
        seen["tool_calls"] = [
            {"name": part.get("name"), "arguments": part.get("arguments"), "tool_id": part.get("id")}
            for part in calls
        ]
    if results:
        seen["tool_results"] = [
            {"result": part.get("response", part.get("result")), "tool_id": part.get("id")}
            for part in results
        ]
    if others:
        seen["other_parts"] = others
    if "finish_reason" in message:
        seen["finish_reason"] = message["finish_reason"]
    return seen


def _as_sent(message: Mapping[str, Any]) -> dict[str, Any]:
    sent = (as_messages(dict(message), "user", "span processor") or [{"role": "", "parts": []}])[0]
    sent["parts"] += message.get("other_parts") or []
    return sent


def _joined(parts: list[dict[str, Any]]) -> str:
    return "\n".join(safe_str(part.get("content", "")) for part in parts)


def _parsed(text: object) -> list[dict[str, Any]]:
    """A JSON array of objects; empty for anything else."""
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:  # it was cut
        return []
    return [item for item in value if isinstance(item, dict)] if isinstance(value, (list, tuple)) else []
