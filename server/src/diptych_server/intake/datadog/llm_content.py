"""Input and output of an LLM Observability event: messages, documents, or a value."""

from typing import Any

from diptych_server.intake.content import NOTHING, Side, messages_side, text_side
from diptych_server.intake.cutting import cut_value
from diptych_server.intake.messages import ROLES, Message, Part
from diptych_server.intake.usage import number
from diptych_server.wire.span_raw import RawDocument

THINKING = "reasoning"
"""The role that the client gives to what a model thought."""

MEDIA = (("image_parts", "image"), ("audio_parts", "audio"))


def side(value: Any, role: str) -> Side | None:
    """One side of a span; None where it is documents.

    Args:
        value: `meta.input` or `meta.output`: `{messages}`, `{value}`, `{documents}`, or any JSON.
        role: of a message that names none.
    """
    if value is None or value == {}:
        return NOTHING
    if isinstance(value, dict):
        if isinstance(found := value.get("messages"), list):
            return messages_side([_message(item, role) for item in found if isinstance(item, dict)], role)
        if "value" in value:
            return text_side(value["value"], "")
        if "documents" in value:
            return None
        value = {key: held for key, held in value.items() if key != "prompt"}
        if not value:
            return NOTHING
    return text_side(value, "")


def documents(value: Any) -> list[RawDocument]:
    """Retrieved documents."""
    found = value.get("documents") if isinstance(value, dict) else None
    return [_document(item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def document_texts(value: Any) -> Any:
    """What was embedded: the text alone where that is all, else all that is known of each."""
    found = value.get("documents") if isinstance(value, dict) else None
    if (
        isinstance(found, list)
        and len(found) == 1
        and isinstance(found[0], dict)
        and found[0].keys() == {"text"}
    ):
        return found[0]["text"]
    return found


def _message(item: dict[str, Any], role: str) -> Message:
    said = item.get("role")
    said = said if isinstance(said, str) else ""
    content = item.get("content")
    parts: list[Part] = []
    if content not in (None, ""):
        kind = THINKING if said == THINKING else "text"
        parts.append({"type": kind, "content": content if isinstance(content, str) else cut_value(content)})
    for key, modality in MEDIA:
        parts += [_media(part, modality) for part in _objects(item.get(key))]
    parts += [_tool_call(call) for call in _objects(item.get("tool_calls"))]
    parts += [_tool_result(result) for result in _objects(item.get("tool_results"))]
    if said == THINKING:
        said = "assistant"
    return {"role": ROLES.get(said.lower(), said.lower()) or role, "parts": parts}


def _tool_call(call: dict[str, Any]) -> Part:
    return {
        "type": "tool_call",
        "id": call.get("tool_id") or "",
        "name": call.get("name") or "",
        "arguments": call.get("arguments"),
    }


def _tool_result(result: dict[str, Any]) -> Part:
    part = {"type": "tool_call_response", "id": result.get("tool_id") or "", "response": result.get("result")}
    return {**part, "name": result["name"]} if result.get("name") else part


def _media(part: dict[str, Any], modality: str) -> Part:
    made = {"modality": modality, "mime_type": part.get("mime_type")}
    if part.get("content"):
        return {"type": "blob", **made, "content": part["content"]}
    return {"type": "uri", **made, "uri": part.get("attachment_key")}


def _document(item: dict[str, Any]) -> RawDocument:
    return RawDocument(
        id=_text(item.get("id")),
        name=_text(item.get("name")),
        text=cut_value(_text(item.get("text"))),
        score=number(item.get("score")),
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return None if value is None else value if isinstance(value, str) else str(value)
