"""What a user's span processor sees of a span, and how what it changed is written back.

The processor gets inputs and outputs as messages, whatever the span's kind, may change or replace them, and
returns the span, or None to drop it. It runs in the SDK's own thread, right before the span is sent.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from . import _attributes as keys
from ._correlation import Node, Said
from ._finished_span import LLMObsSpan, SpanProcessor
from ._messages import as_messages
from ._problems import notice
from ._text import as_json, safe_str

_SYSTEM = "gen_ai.system_instructions"
_QUERY = "gen_ai.retrieval.query.text"
_DOCUMENTS = "gen_ai.retrieval.documents"
_TEXTS = frozenset({_SYSTEM, _QUERY, _DOCUMENTS, keys.METADATA, keys.PROMPT})
_TEXT_PREFIXES = (
    "input.",
    "output.",
    "gen_ai.input.",
    "gen_ai.output.messages",
    "gen_ai.prompt",
    "gen_ai.completion",
    "gen_ai.tool.call.",
    "llm.input_messages",
    "llm.output_messages",
    "traceloop.entity.",
)
"""Attributes that hold what people and models wrote."""

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
        seen = LLMObsSpan(
            _read(attributes, "input"),
            _read(attributes, "output"),
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
            _write(attributes, "input", result.input)
        if result.output != before[1]:
            _write(attributes, "output", result.output)
        if result.metadata != before[2]:
            attributes[keys.METADATA] = as_json(result.metadata)
        return attributes


def _withheld(attributes: dict[str, Any], fault: str) -> dict[str, Any]:
    notice("span processor", f"{fault}; spans go out without their texts")
    texts = [key for key in attributes if key.startswith(_TEXT_PREFIXES) or key in _TEXTS]
    for key in texts:
        del attributes[key]
    for side in ("input", "output"):
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


def _read(attributes: Mapping[str, Any], side: str) -> list[dict[str, Any]]:
    """The messages of one side, of whatever form it has on the wire."""
    messages = []
    if side == "input" and _SYSTEM in attributes:
        messages.append({"role": "system", "content": _joined(_parsed(attributes[_SYSTEM]))})
    written = attributes.get(f"gen_ai.{side}.messages")
    if written is not None:
        return messages + [_as_seen(message) for message in _parsed(written)]
    documents = attributes.get(_DOCUMENTS) if side == "output" else None
    if documents is not None:
        return [{"role": "", "content": document.get("text", "")} for document in _parsed(documents)]
    value = attributes.get(f"{side}.value")
    return messages if value is None else [{"role": "", "content": value}]


def _write(attributes: dict[str, Any], side: str, messages: list[dict[str, Any]]) -> None:
    """Writes changed messages in the form that the side has."""
    if side == "input" and _SYSTEM in attributes:
        del attributes[_SYSTEM]
        if messages and messages[0].get("role") == "system":
            part = {"type": "text", "content": safe_str(messages[0].get("content", ""))}
            attributes[_SYSTEM], messages = as_json([part]), messages[1:]
    if f"gen_ai.{side}.messages" in attributes:
        attributes[f"gen_ai.{side}.messages"] = as_json([_as_sent(message) for message in messages])
        return
    if side == "output" and _DOCUMENTS in attributes:
        known = _parsed(attributes[_DOCUMENTS])
        texts = [safe_str(message.get("content", "")) for message in messages]
        attributes[_DOCUMENTS] = as_json(
            [{**document, "text": text} for document, text in zip(known, texts, strict=False)]
        )
        return
    if f"{side}.value" in attributes:
        attributes[f"{side}.value"] = "\n".join(safe_str(message.get("content", "")) for message in messages)
        if side == "input" and _QUERY in attributes:
            attributes[_QUERY] = attributes["input.value"]


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
