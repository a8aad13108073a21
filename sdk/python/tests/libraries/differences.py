"""What may differ between the spans of ddtrace and ours, by the names of docs/migration-from-ddtrace.md.

Each takes the two spans as the API returns them (theirs, ours), expects what the document says, and makes
them equal there. What no difference explains stays different, and fails the test.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Span = dict[str, Any]
Difference = Callable[[Span, Span], None]

THEIR_TAGS = frozenset(
    {
        "agent_service",
        "agent_version",
        "apm_trace_id",
        "ddtrace.version",
        "decorator",
        "env",
        "error",
        "error_type",
        "integration",
        "language",
        "ml_app",
        "model_name",
        "model_provider",
        "prompt_tracking_instrumentation_method",
        "service",
        "session_id",
        "source",
        "span.kind",
        "user_id",
        "version",
    }
)
"""Tags that ddtrace adds by itself, or that have a field of their own here."""

AUTOMATIC = {
    "anthropic.request": {"anthropic.chat"},
    "OpenAI.createChatCompletion": {"openai.chat"},
    "OpenAI.createResponse": {"openai.response"},
    "OpenAI.createEmbedding": {"openai.embeddings"},
}
"""Names of automatic spans: theirs, ours."""


def is_automatic(theirs: Span) -> bool:
    return theirs["name"] in AUTOMATIC


def own_tags(theirs: Span, ours: Span) -> None:
    theirs["tags"] = {key: value for key, value in theirs["tags"].items() if key not in THEIR_TAGS}
    theirs["service"] = ours["service"]


def error_type(theirs: Span, ours: Span) -> None:
    if theirs["error"] and ours["error"]:
        assert theirs["error"]["type"].endswith("." + ours["error"]["type"])
        theirs["error"]["type"] = ours["error"]["type"]
        assert theirs["error"]["stack"]
        if not is_automatic(theirs):
            assert ours["error"]["stack"]
        theirs["error"]["stack"] = ours["error"]["stack"]


def user(theirs: Span, ours: Span) -> None:
    if theirs["user_id"] is None and ours["user_id"] == "ana":
        theirs["user_id"] = "ana"


def session(theirs: Span, ours: Span) -> None:
    """Ours is named; theirs is claimed, and holds where the annotation came before."""
    assert ours["conversation_id"] is None
    if theirs["conversation_id"] is not None:
        assert theirs["conversation_id"] == ours["session_id"]
    theirs["conversation_id"] = None
    theirs["session_id"] = ours["session_id"]


def first_token(theirs: Span, ours: Span) -> None:
    assert ours["metrics"].get("time_to_first_token") is None
    theirs["metrics"].pop("time_to_first_token", None)


def generator_output(theirs: Span, ours: Span) -> None:
    if theirs["name"].startswith("counted"):
        assert (theirs["output"], ours["output"]) == (None, "0 1 ")
        theirs["output"] = ours["output"]


def tool_schema(theirs: Span, ours: Span) -> None:
    theirs["tool_definitions"] = [_tool(each) for each in theirs["tool_definitions"]]
    ours["tool_definitions"] = [_tool(each) for each in ours["tool_definitions"]]


def _tool(definition: dict[str, Any]) -> dict[str, Any]:
    schema = next(definition[key] for key in ("schema", "parameters", "input_schema") if key in definition)
    return {"name": definition["name"], "description": definition.get("description"), "schema": schema}


def json_spacing(theirs: Span, ours: Span) -> None:
    for side in ("input", "output"):
        both = _parsed(theirs[side]), _parsed(ours[side])
        if None not in both and both[0] == both[1]:
            theirs[side] = ours[side]


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError:
        return None


def prompt_keys(theirs: Span, ours: Span) -> None:
    """ddtrace renames two keys of a prompt, and adds two defaults."""
    prompt = theirs["prompt"]
    if prompt is not None:
        for key, name in (
            ("_dd_context_variable_keys", "rag_context_variables"),
            ("_dd_query_variable_keys", "rag_query_variables"),
        ):
            value = prompt.pop(key, None)
            if ours["prompt"] is not None and name in ours["prompt"]:
                prompt[name] = value
        assert prompt.pop("ml_app", "shop") == "shop"


def agent_description(theirs: Span, ours: Span) -> None:
    """A manifest there; the conventions' attributes here."""
    manifest = theirs["agent_manifest"]
    if manifest is None:
        return
    assert ours["model"] == manifest["model"]
    theirs["model"] = ours["model"]
    system = [message for message in ours["input_messages"] if message["role"] == "system"]
    assert [part["content"] for message in system for part in message["parts"]] == [manifest["instructions"]]
    theirs["input_messages"] = ours["input_messages"]
    assert ours["attributes"]["gen_ai.agent.name"] == manifest["name"]
    theirs["agent_manifest"] = None


def automatic_names(theirs: Span, ours: Span) -> None:
    if is_automatic(theirs):
        assert ours["name"] in AUTOMATIC[theirs["name"]]
        theirs["name"] = ours["name"]


def provider(theirs: Span, ours: Span) -> None:
    """Ours is the library's vendor; ddtrace looks at the address, and this is a local one."""
    if is_automatic(theirs):
        assert theirs["provider"] == ""
        assert ours["provider"] in ("anthropic", "openai")
        theirs["provider"] = ours["provider"]
        if theirs["cost_usd"] is None:  # no price without a vendor
            theirs["cost_usd"] = ours["cost_usd"]


def parameters(theirs: Span, ours: Span) -> None:
    """Request parameters and the reason of the end have places of their own here."""
    if not is_automatic(theirs):
        return
    metadata = theirs["metadata"]
    for name in ("max_tokens", "temperature"):
        assert ours["parameters"].get(name) in (None, metadata.get(name))
    assert ours["metadata"] == {}
    assert (
        "finish_reason" in metadata
        or theirs["status"] == "error"
        or theirs["kind"] == "embedding"
        or ("stream" in ours["parameters"] or ours["name"] == "openai.response")
    )
    theirs["metadata"], theirs["parameters"] = {}, ours["parameters"]
    for message in ours["output_messages"]:
        assert message["finish_reason"] in ("stop", "tool_call", "tool_calls", None)
        message["finish_reason"] = None


def automatic_metrics(theirs: Span, ours: Span) -> None:
    if is_automatic(theirs):
        for metrics in (theirs["metrics"], ours["metrics"]):
            for name in ("total_tokens", "ephemeral_1h_input_tokens", "ephemeral_5m_input_tokens"):
                metrics.pop(name, None)


def streamed(theirs: Span, ours: Span) -> None:
    """The first chunk is timed here."""
    if is_automatic(theirs) and theirs["ttft_ms"] is None and ours["ttft_ms"] is not None:
        assert 20 < ours["ttft_ms"] < 5_000
        theirs["ttft_ms"] = ours["ttft_ms"]


def reasoning_of_streams(theirs: Span, ours: Span) -> None:
    """OpenLLMetry's instrumentation of openai does not count reasoning in streams of chat."""
    if ours["name"] == "openai.chat" and theirs["tokens"] and ours["tokens"]:
        assert (theirs["tokens"]["reasoning"], ours["tokens"]["reasoning"]) in ((5, 5), (5, 0))
        theirs["tokens"]["reasoning"] = ours["tokens"]["reasoning"]


def nothing_answered(theirs: Span, ours: Span) -> None:
    """A failed call has an empty message there, none here."""
    if is_automatic(theirs) and theirs["status"] == "error":
        assert (ours["output_messages"], [each["parts"] for each in theirs["output_messages"]]) == ([], [[]])
        theirs["output_messages"] = []


def embedded_text(theirs: Span, ours: Span) -> None:
    """An automatic embedding has its text as a message here."""
    if ours["name"] == "openai.embeddings":
        [message] = ours["input_messages"]
        assert message["parts"] == [{"type": "text", "content": theirs["input"]}]
        for key in ("input", "output", "input_messages"):
            theirs[key] = ours[key]


def item_ids(theirs: Span, ours: Span) -> None:
    """OpenLLMetry's instrumentation of openai gives a tool call of a response the id of its item."""
    if ours["name"] == "openai.response":
        for one, other in zip(theirs["output_messages"], ours["output_messages"], strict=True):
            for theirs_part, part in zip(one["parts"], other["parts"], strict=True):
                if part["type"] == "tool_call":
                    assert (theirs_part["id"], part["id"]) == ("call_1", "fc_1")
                    part["id"] = "call_1"


DIFFERENCES: dict[str, Difference] = {
    "tags of its own": own_tags,
    "error type": error_type,
    "user": user,
    "session": session,
    "time to first token": first_token,
    "generators": generator_output,
    "tool schema": tool_schema,
    "JSON": json_spacing,
    "prompt keys": prompt_keys,
    "agent description": agent_description,
    "provider": provider,
    "request parameters": parameters,
    "metrics of automatic spans": automatic_metrics,
    "first chunk of streams": streamed,
    "reasoning in streams": reasoning_of_streams,
    "failed calls": nothing_answered,
    "embedded text": embedded_text,
    "tool calls of responses": item_ids,
    "names of automatic spans": automatic_names,
}
"""By the name that the first column of the document's table has."""
