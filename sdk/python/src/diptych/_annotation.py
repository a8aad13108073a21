"""What `LLMObs.annotate` says about a span, written in the attribute names of the wire."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import _attributes as keys
from ._correlation import Node, clean_id
from ._messages import as_documents, as_messages, as_tool_definitions
from ._problems import problem
from ._text import JSON_TYPE, as_json, as_number, as_text, cut, safe_str

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

USAGE_KEYS = {
    "input_tokens": "gen_ai.usage.input_tokens",
    "output_tokens": "gen_ai.usage.output_tokens",
    "cache_read_input_tokens": "gen_ai.usage.cache_read.input_tokens",
    "cache_write_input_tokens": "gen_ai.usage.cache_creation.input_tokens",
    "reasoning_output_tokens": "gen_ai.usage.reasoning.output_tokens",
    "time_to_first_token": "gen_ai.response.time_to_first_chunk",
}
"""Metric names of ddtrace that have a name in the GenAI conventions; the others go to `diptych.metrics`.

Token counts: input includes what was cached. Time to first token: seconds.
"""

SESSION_TAG = "session_id"
USER_TAGS = ("user_id", "user.id", "usr.id")
"""Tags that name the session and the user; they are not stored as tags."""

CONVERSATION_TAGS = ("conversation_id", "gen_ai.conversation.id")
"""Tags that name the conversation; they are not stored as tags, either."""

FEEDBACK_KEYS = {"feedback_join_key": "feedback_key"}
"""ddtrace's tag by which feedback finds a span, and the tag that the server looks for."""

_PROMPT_FIELDS = (
    "id",
    "version",
    "label",
    "template",
    "chat_template",
    "variables",
    "tags",
    "rag_context_variables",
    "rag_query_variables",
    "prompt_uuid",
    "prompt_version_uuid",
)


def annotate_node(node: Node, said: Mapping[str, Any], ml_app: str, max_bytes: int) -> None:
    """Notes on a span all that one call of `LLMObs.annotate` said, but the tags.

    Args:
        node: an open span.
        said: the arguments of the call; None: not given.
        ml_app: the application's name, for prompts without an id.
        max_bytes: the limit of a text.
    """
    kind = node.kind
    attributes: dict[str, AttributeValue] = {}
    if (value := said["input_data"]) is not None:
        attributes = input_attributes(kind, value, max_bytes)
    if (value := said["output_data"]) is not None:
        attributes.update(output_attributes(kind, value, max_bytes))
    if (metadata := said["metadata"]) is not None:
        add_metadata(node, metadata, max_bytes)
    if (metrics := said["metrics"]) is not None:
        named, others = split_metrics(metrics)
        attributes.update(named)
        if others:
            notes = node.notes()
            notes.metrics = {**(notes.metrics or {}), **others}
    if (prompt := said["prompt"]) is not None:
        notes = node.notes()
        notes.prompt = prompt_json(prompt, node.ml_app or ml_app, max_bytes) or notes.prompt
    if (definitions := said["tool_definitions"]) is not None:
        attributes.update(tool_definition_attributes(kind, definitions))
    if (agent := said["agent"]) is not None:
        attributes.update(agent_attributes(kind, agent))
    if attributes and node.span is not None:
        node.write(attributes)


def input_attributes(kind: str | None, value: object, max_bytes: int) -> dict[str, AttributeValue]:
    """Attributes for the input of a span of `kind`."""
    if kind == "llm":
        messages = as_messages(value, "user", "annotate(input_data) of an llm span")
        return {} if messages is None else {"gen_ai.input.messages": cut(as_json(messages), max_bytes)}
    if kind == "embedding" and not isinstance(value, str):
        documents = as_documents(value, "annotate(input_data) of an embedding span")
        if documents is None:
            return {}
        [first, *others] = documents
        is_text = not others and first.keys() == {"text"}
        return _value("input", first["text"] if is_text else documents, max_bytes)
    attributes = _value("input", value, max_bytes)
    if kind == "retrieval" and (query := _query(value)) is not None:
        attributes["gen_ai.retrieval.query.text"] = cut(query, max_bytes)
    return attributes


def _query(value: object) -> str | None:
    """The words that were searched for: a text, or the only text among the arguments of a search function."""
    if isinstance(value, str):
        return value
    texts = [item for item in value.values() if isinstance(item, str)] if isinstance(value, Mapping) else []
    return texts[0] if len(texts) == 1 else None


def output_attributes(kind: str | None, value: object, max_bytes: int) -> dict[str, AttributeValue]:
    """Attributes for the output of a span of `kind`."""
    if kind == "llm":
        messages = as_messages(value, "assistant", "annotate(output_data) of an llm span")
        return {} if messages is None else {"gen_ai.output.messages": cut(as_json(messages), max_bytes)}
    if kind == "retrieval":
        documents = as_documents(value, "annotate(output_data) of a retrieval span")
        return {} if documents is None else {"gen_ai.retrieval.documents": cut(as_json(documents), max_bytes)}
    return _value("output", value, max_bytes)


def _value(side: str, value: object, max_bytes: int) -> dict[str, AttributeValue]:
    text, is_json = as_text(value, max_bytes)
    return {f"{side}.value": text, f"{side}.mime_type": JSON_TYPE} if is_json else {f"{side}.value": text}


def split_metrics(metrics: object) -> tuple[dict[str, AttributeValue], dict[str, float]]:
    """Metrics with a name in the conventions as attributes, and the others."""
    if not isinstance(metrics, Mapping):
        problem("annotate", "metrics: a dict of numbers", metrics)
        return {}, {}
    named: dict[str, AttributeValue] = {}
    others: dict[str, float] = {}
    for name, given in metrics.items():
        number = as_number(given)
        if number is None:
            problem("annotate", "metrics: a dict of numbers", {name: given})
        elif (key := USAGE_KEYS.get(str(name))) is not None:
            named[key] = number
        else:
            others[str(name)] = number
    return named, others


def add_tags(node: Node, tags: object, where: str) -> None:
    """Notes `tags` on a span; the tags that name the session and the user become its ids."""
    if not isinstance(tags, Mapping):
        problem(where, "tags: a dict", tags)
        return
    session_id, user_id, others = split_tags(tags)
    if session_id is not None or user_id is not None:
        node.say(session_id, user_id)
    for key in CONVERSATION_TAGS:
        conversation_id = clean_id(others.pop(key, None))
        if conversation_id is not None:
            node.write({"gen_ai.conversation.id": conversation_id})
    for key, sought in FEEDBACK_KEYS.items():
        if key in others:
            others[sought] = others[key]
    if others:
        notes = node.notes()
        notes.tags = {**(notes.tags or {}), **others}


def split_tags(tags: Mapping[Any, Any]) -> tuple[str | None, str | None, dict[str, str]]:
    """The session id, the user id and the other tags."""
    session_id = user_id = None
    others = {}
    for key, value in tags.items():
        if key == SESSION_TAG:
            session_id = clean_id(value)
        elif key in USER_TAGS:
            user_id = clean_id(value)
        else:
            others[safe_str(key)] = safe_str(value)
    return session_id, user_id, others


def add_metadata(node: Node, metadata: object, max_bytes: int) -> None:
    """Merges `metadata` over what earlier calls said."""
    if not isinstance(metadata, Mapping):
        problem("annotate", "metadata: a dict", metadata)
        return
    notes = node.notes()
    if notes.metadata is None:
        notes.metadata = {}
    for key, value in metadata.items():
        text = as_json(value)
        shortened = cut(text, max_bytes)
        notes.metadata[safe_str(key)] = text if shortened is text else as_json(shortened)


def prompt_json(prompt: object, ml_app: str, max_bytes: int) -> str | None:
    """JSON of a prompt `{id, version, template or chat_template, …}`; None (and a problem told) if none."""
    fields = prompt if isinstance(prompt, Mapping) else getattr(prompt, "__dict__", None)
    if not isinstance(fields, Mapping):
        problem("prompt", "a dict with some of " + ", ".join(_PROMPT_FIELDS), prompt)
        return None
    if fields.get("template") is not None and fields.get("chat_template") is not None:
        problem("prompt", "template or chat_template, not both", prompt)
        return None
    known = {name: fields[name] for name in _PROMPT_FIELDS if fields.get(name) is not None}
    known.setdefault("id", f"{ml_app}_unnamed-prompt")
    return cut(as_json(known), max_bytes)


def tool_definition_attributes(kind: str | None, definitions: object) -> dict[str, AttributeValue]:
    """Attributes for the tools that a model was offered."""
    if kind not in ("llm", None):
        problem("annotate", "tool_definitions on an llm span", kind)
        return {}
    known = as_tool_definitions(definitions, "annotate")
    return {} if known is None else {keys.TOOL_DEFINITIONS: as_json(known)}


def agent_attributes(kind: str | None, agent: object) -> dict[str, AttributeValue]:
    """Attributes for the description of an agent `{name, version, instructions, model, …}`."""
    if not isinstance(agent, Mapping) or kind not in ("agent", None):
        problem("annotate", "agent: a dict, on an agent span", agent)
        return {}
    attributes: dict[str, AttributeValue] = {}
    for field, key in (
        ("name", "gen_ai.agent.name"),
        ("version", "gen_ai.agent.version"),
        ("model", "gen_ai.request.model"),
    ):
        if agent.get(field) is not None:
            attributes[key] = safe_str(agent[field])
    if agent.get("instructions") is not None:
        parts = [{"type": "text", "content": safe_str(agent["instructions"])}]
        attributes["gen_ai.system_instructions"] = as_json(parts)
    return attributes
