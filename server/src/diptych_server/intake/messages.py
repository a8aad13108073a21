"""Messages of every sender, in the message schema of the GenAI semantic conventions.

    message  {role, parts: [part…], name?, finish_reason?}
    part     {type: text | reasoning, content} | {type: tool_call, id, name, arguments}
             | {type: tool_call_response, id, response} | {type: blob | file | uri, …} | any other, as sent

https://github.com/open-telemetry/semantic-conventions-genai (schemas of input and output messages)
"""

from collections.abc import Callable
from typing import Any

import msgspec

Message = dict[str, Any]
Part = dict[str, Any]

ROLES: dict[str, str] = {
    "human": "user",
    "ai": "assistant",
    "model": "assistant",
    "function": "tool",
    "developer": "system",
    "humanmessage": "user",
    "aimessage": "assistant",
    "systemmessage": "system",
    "toolmessage": "tool",
}
"""Other words for the four roles: system, user, assistant, tool."""

EMPTY_CALL: Part = {"type": "tool_call", "id": "", "name": "", "arguments": None}
"""A call of which nothing is said."""

_decode = msgspec.json.decode


def parse(value: Any) -> Any:
    """JSON inside a string as what it says; anything else as it is."""
    if not isinstance(value, str) or (value[:1] not in ("[", "{") and value.lstrip()[:1] not in ("[", "{")):
        return value
    try:
        return _decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeError):
        return value


def messages(value: Any, role: str) -> list[Message]:
    """Messages in any known form: a list of them, one, an object around them, JSON of these, or plain text.

    Args:
        value: what the sender gave.
        role: of a message that names none.
    """
    value = parse(value)
    if isinstance(value, dict):
        inner = value.get("messages")
        if isinstance(inner, list):
            system = value.get("system")
            head = [message(system, "system")] if system else []
            return head + messages(inner, role)
        if "content" not in value and "parts" not in value and isinstance(value.get("prompt"), str):
            system = value.get("system")
            head = [message(system, "system")] if system else []
            return [*head, message(value["prompt"], role)]
        return [message(value, role)]
    if isinstance(value, list):
        if value and all(isinstance(item, list) for item in value):
            value = value[0]  # LangChain: a list of conversations, one of them in practice
        return [message(item, role) for item in value]
    return [message(value, role)]


def message(value: Any, role: str) -> Message:
    """One message in any known form."""
    if not isinstance(value, dict):
        return {"role": role, "parts": content_parts(value)}
    inner = value.get("message")
    if isinstance(inner, dict):  # OpenInference, and the choices of the old events
        outer = {key: item for key, item in value.items() if key in ("finish_reason", "index")}
        value = {**inner, **outer}
    elif isinstance(inner, str) and "content" not in value:  # Strands
        value = {**value, "content": inner}
    kwargs = value.get("kwargs")
    if isinstance(kwargs, dict) and "content" in kwargs:  # LangChain's serialised messages
        kind = value.get("id")
        value = {"type": kind[-1] if isinstance(kind, list) and kind else None, **kwargs}
    made: Message = {"role": _role(value, role), "parts": _parts(value)}
    if isinstance(value.get("name"), str) and value["name"]:
        made["name"] = value["name"]
    reason = value.get("finish_reason") or value.get("finishReason")
    if isinstance(reason, str):
        made["finish_reason"] = reason
    return made


def content_parts(content: Any) -> list[Part]:
    """The parts of a message's content: text, one block, or a list of blocks."""
    if content is None or content == "":
        return []
    if isinstance(content, str):
        parsed = parse(content) if content.startswith(('[{"', "[{ ")) else content
        if not _is_blocks(parsed):
            return [{"type": "text", "content": content}]
        content = parsed
    if isinstance(content, list):
        return [made for block in content for made in _block(block)]
    return _block(content)


def instruction_parts(value: Any) -> list[Part]:
    """`gen_ai.system_instructions`: a list of parts, JSON of it, or plain text."""
    return content_parts(parse(value))


def text_of(message: Message) -> str:
    """What a person would read of a message; empty when there is no text in it."""
    return "\n".join(
        part["content"]
        for part in message["parts"]
        if part.get("type") == "text" and isinstance(part.get("content"), str)
    )


def last_text(items: list[Message], role: str) -> str:
    """The last text that `role` said, else the last that anybody did."""
    spoken = [(item["role"], text_of(item)) for item in items]
    return next(
        (text for who, text in reversed(spoken) if who == role and text),
        next((text for _, text in reversed(spoken) if text), ""),
    )


def _role(value: dict[str, Any], default: str) -> str:
    role = value.get("role") or value.get("type")
    if not isinstance(role, str) or not role:
        return default
    return ROLES.get(role.lower(), role.lower() if value.get("role") else default)


def _parts(value: dict[str, Any]) -> list[Part]:
    given = value.get("parts")
    parts = [made for part in given for made in _block(part)] if isinstance(given, list) else []
    if isinstance(value.get("contents"), list):
        parts += [made for item in value["contents"] for made in _block(_inner(item, "message_content"))]
    content = value.get("content")
    call_id = value.get("tool_call_id") or value.get("toolCallId")
    if call_id is None and _role(value, "") == "tool":
        call_id = value.get("id")
    if call_id is not None and not parts:
        parts.append({"type": "tool_call_response", "id": str(call_id), "response": parse(content)})
    elif content is not None:
        parts += content_parts(content)
    calls = value.get("tool_calls") or value.get("toolCalls")
    if isinstance(calls, list):
        # OpenInference's contents say of a call only that it is there; the call itself follows.
        parts = [part for part in parts if part != EMPTY_CALL]
        parts += [_tool_call(_inner(call, "tool_call")) for call in calls]
    return parts


def _inner(item: Any, key: str) -> Any:
    """OpenInference wraps each item of a list in an object of one key."""
    return item[key] if isinstance(item, dict) and isinstance(item.get(key), dict) else item


def _is_blocks(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) and "type" in item for item in value)


def _block(block: Any) -> list[Part]:
    """One content block of any sender as parts of the schema."""
    if isinstance(block, str):
        return [{"type": "text", "content": block}]
    if not isinstance(block, dict):
        return [{"type": "text", "content": _json(block)}]
    kind = block.get("type")
    if isinstance(kind, str) and (make := _BLOCKS.get(kind)) is not None:
        return [make(block)]
    return [block] if isinstance(kind, str) else [_untyped(block)]


def _untyped(block: dict[str, Any]) -> Part:
    """A block that says no type: Gemini's parts are told by their key."""
    if isinstance(block.get("text"), str):
        return {"type": "text", "content": block["text"]}
    for key in ("functionCall", "function_call"):
        if isinstance(block.get(key), dict):
            return _tool_call(block[key])
    for key in ("functionResponse", "function_response"):
        if isinstance(block.get(key), dict):
            return _tool_response(block[key])
    if "content" in block:
        return {"type": "text", "content": _plain(block["content"])}
    return {**block, "type": "unknown"}


def _text(block: dict[str, Any]) -> Part:
    return {"type": "text", "content": _plain(block.get("content", block.get("text", "")))}


def _reasoning(block: dict[str, Any]) -> Part:
    content = next((block[key] for key in ("content", "thinking", "text", "reasoning") if block.get(key)), "")
    return {"type": "reasoning", "content": _plain(content)}


def _tool_call(call: Any) -> Part:
    """A call in the words of the conventions, OpenAI, Anthropic, Vercel or Gemini."""
    if not isinstance(call, dict):
        return {"type": "tool_call", "id": "", "name": _plain(call), "arguments": None}
    function = call.get("function")
    inner = function if isinstance(function, dict) else call
    name = inner.get("name") or call.get("function.name") or call.get("toolName") or ""
    arguments = next(
        (inner[key] for key in ("arguments", "input", "args") if key in inner), call.get("function.arguments")
    )
    call_id = (
        call.get("id") or call.get("toolCallId") or call.get("tool_call_id") or call.get("tool_id") or ""
    )
    return {"type": "tool_call", "id": str(call_id), "name": _plain(name), "arguments": parse(arguments)}


def _tool_response(block: dict[str, Any]) -> Part:
    call_id = next(
        (
            block[key]
            for key in ("id", "tool_use_id", "toolCallId", "tool_call_id", "call_id")
            if block.get(key)
        ),
        "",
    )
    # The schema says `response`, the registry's own examples `result`; others write `content` or `output`.
    response = next(
        (block[key] for key in ("response", "result", "content", "output") if block.get(key) is not None),
        None,
    )
    return {"type": "tool_call_response", "id": str(call_id), "response": parse(response)}


def _image(block: dict[str, Any]) -> Part:
    """An image by address (OpenAI, OpenInference) or by its bytes (Anthropic)."""
    source = block.get("source")
    if isinstance(source, dict) and source.get("type") == "base64":
        return {
            "type": "blob",
            "modality": "image",
            "mime_type": source.get("media_type"),
            "content": source.get("data"),
        }
    for key in ("image_url", "image", "source"):
        held = _inner(block.get(key), "image")
        address = held.get("url") if isinstance(held, dict) else held
        if isinstance(address, str):
            return {"type": "uri", "modality": "image", "uri": address}
    return block


_BLOCKS: dict[str, Callable[[dict[str, Any]], Part]] = {
    "text": _text,
    "input_text": _text,
    "output_text": _text,
    "reasoning": _reasoning,
    "thinking": _reasoning,
    "tool_call": _tool_call,
    "tool_use": _tool_call,
    "tool-call": _tool_call,
    "function_call": _tool_call,
    "tool_call_response": _tool_response,
    "tool_result": _tool_response,
    "tool-result": _tool_response,
    "function_call_output": _tool_response,
    "image": _image,
    "image_url": _image,
}
"""Types of content blocks -> how they become a part; others are parts of the schema or a sender's own."""


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
