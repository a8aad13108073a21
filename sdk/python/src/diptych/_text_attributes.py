"""The attributes in which instrumentations and `annotate` record what people, models and tools said.

As many as the server reads as inputs and outputs, and those that say the same once more.
"""

from __future__ import annotations

from ._attributes import METADATA, PROMPT

SYSTEM = "gen_ai.system_instructions"
DOCUMENTS = "gen_ai.retrieval.documents"

MESSAGES: dict[str, tuple[str, ...]] = {
    "input": ("gen_ai.input.messages", "gen_ai.prompt", "ai.prompt.messages", "pydantic_ai.all_messages"),
    "output": ("gen_ai.output.messages", "gen_ai.completion", "ai.response.toolCalls", "ai.result.toolCalls"),
}
"""JSON arrays of messages, by side."""

VALUES: dict[str, tuple[str, ...]] = {
    "input": (
        "input.value",
        "gen_ai.tool.call.arguments",
        "gen_ai.retrieval.query.text",
        "gen_ai.memory.query.text",
        "gen_ai.task.input",
        "traceloop.entity.input",
        "tool.arguments",
        "tool_arguments",
        "ai.toolCall.args",
        "ai.prompt",
        "ai.value",
        "ai.values",
        "langfuse.observation.input",
        "mlflow.spanInputs",
        "gcp.vertex.agent.llm_request",
        "gcp.vertex.agent.tool_call_args",
        "lk.input_text",
        "lk.chat_ctx",
        "model_request_parameters",  # Pydantic AI repeats the instructions there
    ),
    "output": (
        "output.value",
        "gen_ai.tool.call.result",
        "gen_ai.task.output",
        "traceloop.entity.output",
        "tool_response",
        "ai.toolCall.result",
        "ai.response.text",
        "ai.result.text",
        "ai.response.object",
        "ai.result.object",
        "final_result",
        "langfuse.observation.output",
        "mlflow.spanOutputs",
        "gcp.vertex.agent.llm_response",
        "gcp.vertex.agent.tool_response",
        "lk.response.text",
        "lk.function_tool.output",
    ),
}
"""Texts, by side."""

FLATTENED: dict[str, tuple[str, ...]] = {
    "input": ("gen_ai.prompt.", "llm.input_messages.", "llm.prompts."),
    "output": (
        "gen_ai.completion.",
        "llm.output_messages.",
        "llm.choices.",
        "retrieval.documents.",
        "reranker.output_documents.",
    ),
}
"""Beginnings of keys with an index: messages and documents of which each part is an attribute, by side."""

NO_TEXT = frozenset({"role", "type", "id", "name", "tool_call_id", "finish_reason", "mime_type", "score"})
"""The last words of such keys that hold no text."""

_TEXTS = frozenset({SYSTEM, DOCUMENTS, METADATA, PROMPT}.union(*MESSAGES.values(), *VALUES.values()))
_PREFIXES = tuple(prefix for prefixes in FLATTENED.values() for prefix in prefixes)


def is_text(key: str) -> bool:
    """Whether an attribute may hold what was said."""
    return key in _TEXTS or key.startswith(_PREFIXES)
