"""A request to `POST /v1/messages`, checked the way the real API checks it.

https://platform.claude.com/docs/en/api/messages
"""

import json
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .tokens import MESSAGE_OVERHEAD_TOKENS, count

Block = dict[str, Any]
T = TypeVar("T")

MODEL_PREFIX = "claude-"


class ApiError(Exception):
    """An answer that is not 200. `type` is one of the API's error types, `status` its HTTP status."""

    def __init__(self, status: int, type_: str, message: str) -> None:
        super().__init__(message)
        self.status, self.type, self.message = status, type_, message

    def body(self, request_id: str) -> dict[str, object]:
        """The error as the API writes it."""
        error = {"type": self.type, "message": self.message}
        return {"type": "error", "error": error, "request_id": request_id}


def invalid(message: str) -> ApiError:
    """A 400, whose message starts with the path of what is wrong."""
    return ApiError(400, "invalid_request_error", message)


@dataclass(frozen=True)
class Turn:
    """One message; a text alone is one text block."""

    role: str
    blocks: list[Block]

    def text(self) -> str:
        """The text blocks, joined."""
        return "\n".join(block["text"] for block in self.blocks if block["type"] == "text")


@dataclass(frozen=True)
class MessagesRequest:
    """What the client asked for."""

    model: str
    turns: list[Turn]
    max_tokens: int
    system: str = ""
    tools: list[Block] = field(default_factory=list)
    stop_sequences: list[str] = field(default_factory=list)
    stream: bool = False

    def input_tokens(self) -> int:
        """Estimated tokens of everything that the model reads."""
        frames = (len(self.turns) + len(self.tools)) * MESSAGE_OVERHEAD_TOKENS
        content = sum(count(_readable(block)) for turn in self.turns for block in turn.blocks)
        return frames + count(self.system) + sum(count(tool) for tool in self.tools) + content


def _readable(block: Block) -> object:
    return block["text"] if block["type"] == "text" else block


def parse(body: bytes, defaults: dict[str, object] | None = None) -> MessagesRequest:
    """Reads a request body over `defaults`; `ApiError` says what is wrong and where."""
    try:
        raw = json.loads(body)
    except ValueError as exc:
        raise invalid(f"The request body is not valid JSON: {exc}") from exc
    if not isinstance(raw, dict):
        raise invalid("The request body is not a JSON object")
    raw = {**(defaults or {}), **raw}
    model = _required(raw, "model", str)
    max_tokens = _required(raw, "max_tokens", int)
    if max_tokens < 1:
        raise invalid("max_tokens: must be greater than or equal to 1")
    if not model.startswith(MODEL_PREFIX):
        raise ApiError(404, "not_found_error", f"model: {model}")
    return MessagesRequest(
        model=model,
        turns=_turns(_required(raw, "messages", list)),
        max_tokens=max_tokens,
        system="\n".join(block["text"] for block in _blocks(raw.get("system", []), "system")),
        tools=_tools(raw),
        stop_sequences=raw.get("stop_sequences") or [],
        stream=bool(raw.get("stream", False)),
    )


def _required(raw: dict[str, Any], name: str, kind: type[T]) -> T:
    if name not in raw:
        raise invalid(f"{name}: Field required")
    value = raw[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise invalid(f"{name}: Input should be a valid {kind.__name__}")
    return value


def _turns(messages: list[Any]) -> list[Turn]:
    if not messages:
        raise invalid("messages: at least one message is required")
    turns: list[Turn] = []
    for index, message in enumerate(messages):
        where = f"messages.{index}"
        if not isinstance(message, dict) or message.get("role") not in ("user", "assistant"):
            raise invalid(f"{where}.role: Input should be 'user' or 'assistant'")
        turn = Turn(message["role"], _blocks(message.get("content"), f"{where}.content"))
        _check_tool_results(turn, turns[-1] if turns else None, where)
        turns.append(turn)
    if turns[0].role != "user":
        raise invalid('messages: first message must use the "user" role')
    return turns


def _blocks(content: Any, where: str) -> list[Block]:
    if isinstance(content, str):
        return [{"type": "text", "text": content}]
    if not isinstance(content, list):
        raise invalid(f"{where}: Input should be a string or a list of content blocks")
    for index, block in enumerate(content):
        if not isinstance(block, dict) or not isinstance(block.get("type"), str):
            raise invalid(f"{where}.{index}.type: Field required")
        if block["type"] == "text" and not isinstance(block.get("text"), str):
            raise invalid(f"{where}.{index}.text: Field required")
    return content


def _check_tool_results(turn: Turn, before: Turn | None, where: str) -> None:
    """A result must answer a call of the message right before it, and every call must be answered."""
    asked = (
        {str(block.get("id")) for block in before.blocks if block["type"] == "tool_use"} if before else set()
    )
    given = {str(block.get("tool_use_id")) for block in turn.blocks if block["type"] == "tool_result"}
    if stray := given - asked:
        raise invalid(f"{where}: `tool_result` without a `tool_use` in the previous message: {sorted(stray)}")
    if missing := asked - given:
        raise invalid(f"{where}: `tool_use` without a `tool_result` right after: {sorted(missing)}")


def _tools(raw: dict[str, Any]) -> list[Block]:
    """The tools that may be called: none when `tool_choice` forbids it."""
    tools = raw.get("tools") or []
    for index, tool in enumerate(tools):
        if not isinstance(tool, dict) or "name" not in tool or "input_schema" not in tool:
            raise invalid(f"tools.{index}: name and input_schema are required")
    return [] if (raw.get("tool_choice") or {}).get("type") == "none" else tools
