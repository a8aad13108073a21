"""Messages and documents in the shapes that users write, turned into the shapes of the GenAI conventions.

Message schema: https://github.com/open-telemetry/semantic-conventions-genai (`gen-ai-input-messages.json`).
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ._problems import problem
from ._text import as_json, safe_str

_MESSAGE_SHAPE = 'a string, {"role", "content"} or a list of them'
_DOCUMENT_SHAPE = 'a string, {"text", "name"?, "id"?, "score"?} or a list of them'


def as_messages(given: object, default_role: str, where: str) -> list[dict[str, Any]] | None:
    """Messages `{"role", "parts"}` of what a user gave; None (and a problem told) if it is none."""
    items = _listed(given)
    if items is None:
        problem(where, _MESSAGE_SHAPE, given)
        return None
    messages = []
    for item in items:
        message = _message(item, default_role)
        if message is None:
            problem(where, _MESSAGE_SHAPE, item)
        else:
            messages.append(message)
    return messages or None


def _message(item: object, default_role: str) -> dict[str, Any] | None:
    if isinstance(item, str):
        return {"role": default_role, "parts": [{"type": "text", "content": item}]}
    fields = _fields(item)
    if fields is None:
        return None
    if isinstance(fields.get("parts"), list):  # already in the conventions' shape
        return {**fields, "role": safe_str(fields.get("role") or default_role)}
    parts = list(_parts(fields))
    if not parts and "content" not in fields:
        return None
    message: dict[str, Any] = {"role": safe_str(fields.get("role") or default_role), "parts": parts}
    if fields.get("finish_reason"):
        message["finish_reason"] = safe_str(fields["finish_reason"])
    return message


def _parts(fields: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    yield from _content_parts(fields.get("content"), fields)
    for call in fields.get("tool_calls") or ():
        if (known := _fields(call)) is not None:
            yield _tool_call(known)
    for result in fields.get("tool_results") or ():
        if (known := _fields(result)) is not None:
            yield _drop_none(
                type="tool_call_response",
                id=known.get("tool_id"),
                name=known.get("name"),
                response=known.get("result"),
            )
    for key, modality in (("image_parts", "image"), ("audio_parts", "audio")):
        for blob in fields.get(key) or ():
            if (known := _fields(blob)) is not None:
                yield _drop_none(
                    type="blob",
                    modality=modality,
                    mime_type=known.get("mime_type"),
                    content=known.get("content"),
                    file_id=known.get("attachment_key"),
                )


def _content_parts(content: object, fields: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    """`content` as it stands in OpenAI's, Anthropic's and ddtrace's messages: text, or a list of blocks."""
    if content is None or content == "":
        return
    if fields.get("role") == "tool" and fields.get("tool_call_id"):  # OpenAI's tool message
        yield {"type": "tool_call_response", "id": fields["tool_call_id"], "response": content}
        return
    if not isinstance(content, (list, tuple)):
        yield {"type": "text", "content": content if isinstance(content, str) else as_json(content)}
        return
    for block in content:
        known = _fields(block)
        if known is None:
            yield {"type": "text", "content": safe_str(block)}
        else:
            yield _block(known)


def _block(block: Mapping[str, Any]) -> dict[str, Any]:
    kind = block.get("type")
    if kind == "text":
        return {"type": "text", "content": block.get("text", block.get("content", ""))}
    if kind == "thinking":
        return {"type": "reasoning", "content": block.get("thinking", "")}
    if kind == "tool_use":
        return _drop_none(
            type="tool_call", id=block.get("id"), name=block.get("name"), arguments=block.get("input")
        )
    if kind == "tool_result":
        return {
            "type": "tool_call_response",
            "id": block.get("tool_use_id"),
            "response": block.get("content"),
        }
    return dict(block)


def _tool_call(call: Mapping[str, Any]) -> dict[str, Any]:
    """ddtrace's `{name, arguments, tool_id}` and OpenAI's `{id, function: {name, arguments}}`."""
    function = call.get("function")
    inner = function if isinstance(function, Mapping) else call
    arguments = inner.get("arguments")
    if isinstance(arguments, str):
        with contextlib.suppress(ValueError):  # no JSON: the text itself is what the model wrote
            arguments = json.loads(arguments)
    return _drop_none(
        type="tool_call",
        id=call.get("tool_id") or call.get("id"),
        name=inner.get("name"),
        arguments=arguments,
    )


def as_documents(given: object, where: str) -> list[dict[str, Any]] | None:
    """Documents `{"id", "score", "name", "text"}` (what is known of them), or None (and a problem told)."""
    items = _listed(given)
    if items is None:
        problem(where, _DOCUMENT_SHAPE, given)
        return None
    documents = []
    for item in items:
        if isinstance(item, str):
            documents.append({"text": item})
        elif (fields := _fields(item)) is not None and isinstance(
            fields.get("text", fields.get("content")), str
        ):
            text = fields.get("text", fields.get("content"))
            documents.append(
                _drop_none(id=fields.get("id"), score=fields.get("score"), name=fields.get("name"), text=text)
            )
        else:
            problem(where, _DOCUMENT_SHAPE, item)
    return documents or None


def as_tool_definitions(given: object, where: str) -> list[dict[str, Any]] | None:
    """Tool definitions `{"type", "name", "description"?, "parameters"?}`, or None (and a problem told)."""
    definitions = []
    for item in _listed(given) or ():
        fields = _fields(item)
        name = None if fields is None else fields.get("name")
        if fields is None or not isinstance(name, str) or not name:
            problem(
                where, 'tool_definitions: a list of {"name", "description"?, "schema"?, "version"?}', item
            )
            continue
        definitions.append(
            _drop_none(
                type="function",
                name=name,
                description=fields.get("description"),
                parameters=fields.get("schema") or fields.get("input_schema") or fields.get("parameters"),
                version=fields.get("version"),
            )
        )
    return definitions or None


def _listed(given: object) -> list[object] | None:
    if isinstance(given, (str, Mapping)) or hasattr(given, "model_dump"):
        return [given]
    if isinstance(given, (list, tuple)):
        return list(given)
    return None


def _fields(item: object) -> Mapping[str, Any] | None:
    """The fields of a dict or of a pydantic object (a vendor's message), else None."""
    if isinstance(item, Mapping):
        return item
    dump = getattr(item, "model_dump", None)
    if callable(dump) and not isinstance(item, type):
        fields = dump(mode="json")
        return fields if isinstance(fields, Mapping) else None
    return None


def _drop_none(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
