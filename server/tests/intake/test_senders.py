"""AI spans of every sender we know, in the same words: one case a manner of speaking."""

import json
from typing import Any, NamedTuple

import pytest

from .conftest import Sender
from .samples import otlp, span, span_event

START_NS = 1795375280_000000000


class Case(NamedTuple):
    """A span as a sender sends it, and what of its row it must become."""

    attributes: dict[str, Any]
    row: dict[str, Any]
    input: list[Any] | str = ""
    output: list[Any] | str = ""
    raw: dict[str, Any] = {}  # noqa: RUF012 - a NamedTuple's default, never written to
    events: tuple[tuple[str, dict[str, Any]], ...] = ()


def said(role: str, *parts: Any, **more: Any) -> dict[str, Any]:
    """A message of the GenAI schema; a string is a part of text."""
    made = [{"type": "text", "content": part} if isinstance(part, str) else part for part in parts]
    return {"role": role, "parts": made} | more


def call(name: str, arguments: Any, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "tool_call", "id": call_id, "name": name, "arguments": arguments}


def result(response: Any, call_id: str = "c1") -> dict[str, Any]:
    return {"type": "tool_call_response", "id": call_id, "response": response}


CASES: dict[str, Case] = {
    "GenAI conventions of today": Case(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": "anthropic",
            "gen_ai.request.model": "claude-sonnet-4-5",
            "gen_ai.response.model": "claude-sonnet-4-5-20250929",
            "gen_ai.request.temperature": 0.2,
            "gen_ai.request.stop_sequences": ["END"],
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.response.time_to_first_chunk": 0.31,
            "gen_ai.usage.input_tokens": 1200,
            "gen_ai.usage.cache_read.input_tokens": 1000,
            "gen_ai.usage.cache_creation.input_tokens": 100,
            "gen_ai.usage.output_tokens": 64,
            "gen_ai.usage.reasoning.output_tokens": 20,
            "gen_ai.usage.image.input_tokens": 5,
            "gen_ai.conversation.id": "conv-1",
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be brief."}]),
            "gen_ai.input.messages": json.dumps([said("user", "Hello?")]),
            "gen_ai.output.messages": json.dumps([said("assistant", "Hi.", finish_reason="stop")]),
            "gen_ai.tool.definitions": json.dumps([{"type": "function", "name": "f"}]),
        },
        {
            "kind": "llm",
            "model": "claude-sonnet-4-5-20250929",
            "provider": "anthropic",
            "has_usage": 1,
            "input_tokens": 1200,
            "cache_read_tokens": 1000,
            "cache_write_tokens": 100,
            "output_tokens": 64,
            "reasoning_tokens": 20,
            "ttft_ms": 310.0,
            "conversation_id": "conv-1",
            "input_preview": "Hello?",
            "output_preview": "Hi.",
        },
        [said("system", "Be brief."), said("user", "Hello?")],
        [said("assistant", "Hi.", finish_reason="stop")],
        {
            "parameters": {"temperature": 0.2, "stop_sequences": ["END"]},
            "metrics": {"image.input_tokens": 5},
            "tool_definitions": [{"type": "function", "name": "f"}],
            "attributes": {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "claude-sonnet-4-5",
                "gen_ai.response.finish_reasons": ["stop"],
            },
        },
    ),
    "GenAI conventions, messages as structures": Case(
        {
            "gen_ai.operation.name": "generate_content",
            "gen_ai.input.messages": [said("user", "Hello?")],
            "gen_ai.output.messages": [said("assistant", call("f", {"a": 1}))],
        },
        {"kind": "llm"},
        [said("user", "Hello?")],
        [said("assistant", call("f", {"a": 1}))],
    ),
    "the registry's own examples write result for response": Case(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.input.messages": json.dumps(
                [{"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "result": "rainy"}]}]
            ),
        },
        {"kind": "llm"},
        [said("tool", result("rainy"))],
    ),
    "an additive sender (raw Anthropic)": Case(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 10,
            "gen_ai.usage.cache_read_input_tokens": 1000,
            "gen_ai.usage.cache_creation_input_tokens": 200,
            "gen_ai.usage.output_tokens": 5,
        },
        {"input_tokens": 1210, "cache_read_tokens": 1000, "cache_write_tokens": 200},
    ),
    "a tool of the conventions": Case(
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "weather",
            "gen_ai.tool.call.id": "c1",
            "gen_ai.tool.call.arguments": json.dumps({"city": "Bern"}),
            "gen_ai.tool.call.result": {"sky": "rainy"},
        },
        {"kind": "tool"},
        '{"city": "Bern"}',
        '{"sky":"rainy"}',
        {"input_mime": "application/json", "output_mime": "application/json"},
    ),
    "a retrieval of the conventions": Case(
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.retrieval.query.text": "storm tent",
            "gen_ai.retrieval.documents": json.dumps(
                [{"id": "t7", "score": 0.9, "content": "Ridge 2", "title": "Tent"}]
            ),
        },
        {"kind": "retrieval", "input_preview": "storm tent"},
        "storm tent",
        "",
        {"documents": [{"id": "t7", "name": "Tent", "text": "Ridge 2", "score": 0.9}]},
    ),
    "embeddings": Case(
        {"gen_ai.operation.name": "embeddings", "gen_ai.request.model": "text-embedding-3-small"},
        {"kind": "embedding", "model": "text-embedding-3-small", "has_usage": 0},
    ),
    "openai-v2: older names": Case(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "az.ai.openai",
            "gen_ai.request.model": "gpt-4o",
            "gen_ai.openai.request.seed": 7,
            "gen_ai.usage.prompt_tokens": 12,
            "gen_ai.usage.completion_tokens": 3,
        },
        {"kind": "llm", "provider": "azure.ai.openai", "input_tokens": 12, "output_tokens": 3},
        raw={"parameters": {"seed": 7}},
    ),
    "message events on the span (Strands, older SDKs)": Case(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.usage.input_tokens": 3,
            "gen_ai.server.time_to_first_token": 250,
        },
        {"kind": "llm", "ttft_ms": 250.0},
        [
            said("system", "Be brief."),
            said("user", "Weather?"),
            said("assistant", call("weather", {"city": "Bern"})),
            said("tool", result("rainy")),
        ],
        [said("assistant", "It rains.", finish_reason="end_turn")],
        events=(
            ("gen_ai.system.message", {"content": "Be brief."}),
            ("gen_ai.user.message", {"content": json.dumps([{"text": "Weather?"}])}),
            (
                "gen_ai.assistant.message",
                {
                    "tool_calls": json.dumps(
                        [{"id": "c1", "function": {"name": "weather", "arguments": '{"city":"Bern"}'}}]
                    )
                },
            ),
            ("gen_ai.tool.message", {"content": "rainy", "id": "c1"}),
            ("gen_ai.choice", {"message": "It rains.", "finish_reason": "end_turn"}),
        ),
    ),
    "the details event on the span": Case(
        {"gen_ai.operation.name": "chat"},
        {"kind": "llm"},
        [said("user", "Hello?")],
        [said("assistant", "Hi.")],
        events=(
            (
                "gen_ai.client.inference.operation.details",
                {
                    "gen_ai.input.messages": json.dumps([said("user", "Hello?")]),
                    "gen_ai.output.messages": json.dumps([said("assistant", "Hi.")]),
                },
            ),
        ),
    ),
    "the oldest content events": Case(
        {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4"},
        {"kind": "llm"},
        [said("user", "Hello?")],
        [said("assistant", "Hi.")],
        events=(
            ("gen_ai.content.prompt", {"gen_ai.prompt": json.dumps([{"role": "user", "content": "Hello?"}])}),
            (
                "gen_ai.content.completion",
                {"gen_ai.completion": json.dumps([{"role": "assistant", "content": "Hi."}])},
            ),
        ),
    ),
    "OpenLLMetry, older": Case(
        {
            "llm.request.type": "chat",
            "gen_ai.system": "Anthropic",
            "gen_ai.request.model": "claude-3-5-sonnet-20241022",
            "gen_ai.prompt.0.role": "system",
            "gen_ai.prompt.0.content": "Be brief.",
            "gen_ai.prompt.1.role": "user",
            "gen_ai.prompt.1.content": json.dumps([{"type": "text", "text": "Weather?"}]),
            "gen_ai.prompt.2.role": "assistant",
            "gen_ai.prompt.2.tool_calls.0.id": "c1",
            "gen_ai.prompt.2.tool_calls.0.name": "weather",
            "gen_ai.prompt.2.tool_calls.0.arguments": '{"city":"Bern"}',
            "gen_ai.prompt.3.role": "tool",
            "gen_ai.prompt.3.content": "rainy",
            "gen_ai.prompt.3.tool_call_id": "c1",
            "gen_ai.prompt.10.role": "user",
            "gen_ai.prompt.10.content": "And?",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "It rains.",
            "gen_ai.completion.0.finish_reason": "stop",
            "gen_ai.usage.prompt_tokens": 20,
            "gen_ai.usage.completion_tokens": 5,
            "llm.usage.total_tokens": 25,
            "llm.request.functions.0.name": "weather",
            "llm.request.functions.0.parameters": "{}",
            "traceloop.association.properties.session_id": "s-9",
            "traceloop.association.properties.user_id": "u-9",
            "traceloop.association.properties.plan": "gold",
        },
        {
            "kind": "llm",
            "provider": "anthropic",
            "model": "claude-3-5-sonnet-20241022",
            "input_tokens": 20,
            "output_tokens": 5,
            "session_claim": "s-9",
            "session_id": "",
            "user_id": "u-9",
            "input_preview": "And?",
        },
        [
            said("system", "Be brief."),
            said("user", "Weather?"),
            said("assistant", call("weather", {"city": "Bern"})),
            said("tool", result("rainy")),
            said("user", "And?"),
        ],
        [said("assistant", "It rains.", finish_reason="stop")],
        {
            "metadata": {"plan": "gold"},
            "tool_definitions": [{"name": "weather", "parameters": "{}"}],
        },
    ),
    "OpenLLMetry workflow": Case(
        {
            "traceloop.span.kind": "workflow",
            "traceloop.workflow.name": "shop",
            "traceloop.entity.input": '{"q":"tent"}',
            "traceloop.entity.output": '"Ridge 2"',
        },
        {"kind": "workflow", "ml_app": "shop"},
        '{"q":"tent"}',
        '"Ridge 2"',
        {"input_mime": "application/json"},
    ),
    "OpenInference model": Case(
        {
            "openinference.span.kind": "LLM",
            "llm.provider": "openai",
            "llm.model_name": "gpt-4o",
            "llm.invocation_parameters": '{"temperature":0.1}',
            "llm.token_count.prompt": 30,
            "llm.token_count.completion": 8,
            "llm.token_count.total": 38,
            "llm.token_count.prompt_details.cache_read": 10,
            "llm.token_count.completion_details.reasoning": 2,
            "llm.cost.total": 0.0042,
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.contents.0.message_content.type": "text",
            "llm.input_messages.0.message.contents.0.message_content.text": "Look:",
            "llm.input_messages.0.message.contents.1.message_content.type": "image",
            "llm.input_messages.0.message.contents.1.message_content.image.image.url": "https://x/y.png",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "weather",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city":"Bern"}',
            "llm.tools.0.tool.json_schema": '{"name":"weather"}',
            "session.id": "s-1",
            "user.id": "u-1",
            "metadata": '{"k":1}',
            "tag.tags": ["env:test", "blue"],
            "llm.finish_reason": "tool_calls",
        },
        {
            "kind": "llm",
            "provider": "openai",
            "model": "gpt-4o",
            "input_tokens": 30,
            "output_tokens": 8,
            "cache_read_tokens": 10,
            "reasoning_tokens": 2,
            "cost_usd": 0.0042,
            "session_claim": "s-1",
            "user_id": "u-1",
            "tags": {"env": "test", "blue": ""},
        },
        [said("user", "Look:", {"type": "uri", "modality": "image", "uri": "https://x/y.png"})],
        [said("assistant", call("weather", {"city": "Bern"}))],
        {
            "parameters": {"temperature": 0.1},
            "metadata": {"k": 1},
            "metrics": {"total": 38},
            "tool_definitions": [{"name": "weather"}],
            "attributes": {
                "openinference.span.kind": "LLM",
                "gen_ai.response.finish_reasons": "tool_calls",
            },
        },
    ),
    "OpenInference retriever": Case(
        {
            "openinference.span.kind": "RETRIEVER",
            "input.value": "storm tent",
            "retrieval.documents.0.document.id": "t7",
            "retrieval.documents.0.document.content": "Ridge 2",
            "retrieval.documents.0.document.score": 0.9,
            "retrieval.documents.0.document.metadata": '{"page":3}',
        },
        {"kind": "retrieval"},
        "storm tent",
        "",
        {"documents": [{"id": "t7", "text": "Ridge 2", "score": 0.9, "metadata": {"page": 3}}]},
    ),
    "OpenInference chain": Case(
        {
            "openinference.span.kind": "CHAIN",
            "input.value": '{"q":1}',
            "input.mime_type": "application/json",
            "output.value": "done",
        },
        {"kind": "workflow"},
        '{"q":1}',
        "done",
        {"input_mime": "application/json"},
    ),
    "Pydantic AI, model": Case(
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.system": "google-gla",
            "gen_ai.request.model": "gemini-2.5-pro",
            "gen_ai.client.operation.time_to_first_chunk": 0.5,
            "operation.cost": 0.002,
            "gen_ai.usage.input_tokens": 5,
            "gen_ai.usage.details.cache_read_tokens": 2,
        },
        {"kind": "llm", "ttft_ms": 500.0, "cost_usd": 0.002, "cache_read_tokens": 2},
    ),
    "Pydantic AI, run": Case(
        {
            "gen_ai.operation.name": "invoke_agent",
            "agent_name": "helper",
            "gen_ai.aggregated_usage.input_tokens": 50,
            "pydantic_ai.all_messages": json.dumps([said("user", "Hello?"), said("assistant", "Hi.")]),
            "final_result": "Hi.",
        },
        {"kind": "agent", "has_usage": 0},
        [said("user", "Hello?"), said("assistant", "Hi.")],
        "Hi.",
        {"metrics": {"input_tokens": 50}},
    ),
    "Pydantic AI 2, tool": Case(
        {"gen_ai.tool.name": "weather", "tool_arguments": '{"city":"Bern"}', "tool_response": "rainy"},
        {"kind": "tool"},
        '{"city":"Bern"}',
        "rainy",
    ),
    "Vercel AI SDK, outer span": Case(
        {
            "ai.operationId": "ai.streamText",
            "ai.prompt": '{"system":"Be brief.","prompt":"Hello?"}',
            "ai.response.text": "Hi.",
            "ai.usage.promptTokens": 9,
            "ai.usage.completionTokens": 2,
            "ai.telemetry.metadata.sessionId": "s-2",
            "ai.telemetry.metadata.userId": "u-2",
            "ai.telemetry.metadata.team": "blue",
        },
        {"kind": "workflow", "has_usage": 0, "session_claim": "s-2", "user_id": "u-2"},
        [said("system", "Be brief."), said("user", "Hello?")],
        "Hi.",
        {"metadata": {"team": "blue"}},
    ),
    "Vercel AI SDK, model call": Case(
        {
            "ai.operationId": "ai.streamText.doStream",
            "ai.model.id": "gpt-4o",
            "ai.model.provider": "openai.chat",
            "ai.prompt.messages": json.dumps(
                [
                    {"role": "user", "content": [{"type": "text", "text": "Weather?"}]},
                    {
                        "role": "assistant",
                        "content": [
                            {
                                "type": "tool-call",
                                "toolCallId": "c1",
                                "toolName": "weather",
                                "args": {"city": "Bern"},
                            }
                        ],
                    },
                    {
                        "role": "tool",
                        "content": [
                            {
                                "type": "tool-result",
                                "toolCallId": "c1",
                                "toolName": "weather",
                                "result": "rainy",
                            }
                        ],
                    },
                ]
            ),
            "ai.response.text": "Let me look.",
            "ai.response.toolCalls": json.dumps(
                [{"toolCallId": "c1", "toolName": "weather", "input": {"city": "Bern"}}]
            ),
            "ai.response.msToFirstChunk": 412,
            "ai.usage.inputTokens": 9,
            "ai.usage.outputTokens": 2,
            "ai.usage.cachedInputTokens": 4,
            "ai.settings.maxRetries": 2,
        },
        {
            "kind": "llm",
            "provider": "openai",
            "model": "gpt-4o",
            "ttft_ms": 412.0,
            "input_tokens": 9,
            "output_tokens": 2,
            "cache_read_tokens": 4,
        },
        [
            said("user", "Weather?"),
            said("assistant", call("weather", {"city": "Bern"})),
            said("tool", result("rainy")),
        ],
        [said("assistant", "Let me look.", call("weather", {"city": "Bern"}))],
        {"parameters": {"maxRetries": 2}},
    ),
    "Vercel AI SDK, tool": Case(
        {
            "ai.operationId": "ai.toolCall",
            "ai.toolCall.args": '{"city":"Bern"}',
            "ai.toolCall.result": '"rainy"',
        },
        {"kind": "tool"},
        '{"city":"Bern"}',
        '"rainy"',
    ),
    "LangSmith": Case(
        {
            "langsmith.span.kind": "llm",
            "gen_ai.system": "openai",
            "gen_ai.prompt": json.dumps(
                {"messages": [[{"id": ["a", "HumanMessage"], "kwargs": {"content": "Hello?"}}]]}
            ),
            "gen_ai.completion": json.dumps({"content": "Hi.", "role": "assistant"}),
            "langsmith.metadata.thread_id": "th-1",
            "langsmith.metadata.session_id": "s-3",
            "langsmith.span.tags": "a, b",
        },
        {"kind": "llm", "conversation_id": "th-1", "session_claim": "s-3", "tags": {"a": "", "b": ""}},
        [said("user", "Hello?")],
        [said("assistant", "Hi.")],
    ),
    "Langfuse": Case(
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.model.name": "gpt-4o",
            "langfuse.observation.input": '{"q":1}',
            "langfuse.observation.output": "Hi.",
            "langfuse.session.id": "s-4",
            "langfuse.user.id": "u-4",
            "langfuse.observation.completion_start_time": '"2026-11-22T19:21:21.250Z"',
            "langfuse.trace.metadata.team": "blue",
        },
        {"kind": "llm", "model": "gpt-4o", "session_claim": "s-4", "user_id": "u-4", "ttft_ms": 1250.0},
        '{"q":1}',
        "Hi.",
        {"metadata": {"team": "blue"}},
    ),
    "Google ADK": Case(
        {"gcp.vertex.agent.llm_request": '{"contents":[]}', "gcp.vertex.agent.llm_response": '{"a":1}'},
        {"kind": "llm"},
        '{"contents":[]}',
        '{"a":1}',
    ),
    "MLflow": Case(
        {"mlflow.spanType": "RETRIEVER", "mlflow.spanInputs": '{"q":1}', "mlflow.spanOutputs": "[]"},
        {"kind": "retrieval"},
        '{"q":1}',
        "[]",
    ),
    "LiveKit": Case(
        {"lk.input_text": "Hello?", "lk.response.text": "Hi."},
        {"input_preview": "Hello?", "output_preview": "Hi."},
        "Hello?",
        "Hi.",
    ),
    "PostHog's two ids": Case(
        {"$session_id": "s-5", "$ai_session_id": "c-5", "gen_ai.operation.name": "chat"},
        {"session_claim": "s-5", "conversation_id": "c-5"},
    ),
    "our own SDK": Case(
        {
            "diptych.span.kind": "task",
            "gen_ai.operation.name": "chat",
            "diptych.session.id": "s-6",
            "diptych.session.source": "baggage",
            "diptych.ml_app": "concierge",
            "diptych.metadata": '{"step":2}',
            "diptych.tags": '{"team":"blue","n":3}',
            "diptych.metrics": '{"docs":4}',
            "diptych.prompt": '{"id":"p1","version":"2"}',
            "user.id": "u-6",
            "input.value": "in",
            "output.value": "out",
        },
        {
            "kind": "task",
            "session_id": "s-6",
            "session_source": "baggage",
            "session_claim": "",
            "ml_app": "concierge",
            "user_id": "u-6",
            "tags": {"team": "blue", "n": "3"},
        },
        "in",
        "out",
        {"metadata": {"step": 2}, "metrics": {"docs": 4}, "prompt": {"id": "p1", "version": "2"}},
    ),
    "a session in a tag": Case(
        {"diptych.span.kind": "llm", "diptych.tags": '{"session_id":"s-7"}'},
        {"session_claim": "s-7", "session_id": ""},
    ),
    "a span of no AI": Case(
        {"http.request.method": "GET", "url.full": "https://x/y"},
        {"kind": "span", "has_usage": 0, "input": "", "output": ""},
        raw={"attributes": {"http.request.method": "GET", "url.full": "https://x/y"}},
    ),
    "an operation that nobody knows yet": Case(
        {"gen_ai.operation.name": "dream", "gen_ai.provider.name": "acme"},
        {"kind": "span", "provider": "acme"},
    ),
}


@pytest.mark.parametrize("name", CASES)
async def test_a_sender_is_understood(sender: Sender, name: str) -> None:
    case = CASES[name]
    events = [span_event(*event) for event in case.events]
    sent = span(
        case.attributes,
        startTimeUnixNano=str(START_NS),
        endTimeUnixNano=str(START_NS + 2_000_000_000),
        events=events,
    )
    assert sender.traces(otlp(sent)).json() == {}
    (row,) = await sender.rows("spans")
    raw = json.loads(row["raw"])
    assert {column: row[column] for column in case.row} == case.row
    assert _side(row["input"], raw.get("input_messages", False)) == case.input
    assert _side(row["output"], raw.get("output_messages", False)) == case.output
    assert {part: raw.get(part) for part in case.raw} == case.raw


def _side(text: str, is_messages: bool) -> Any:
    return json.loads(text) if is_messages else text


RENAMED = (".role", "message_content.type", "mime_type", "gen_ai.system", "ai.model.provider")
"""Ends of attributes whose value is put into words of ours."""


@pytest.mark.parametrize("name", CASES)
async def test_nothing_that_was_sent_is_lost(sender: Sender, name: str) -> None:
    """Every text that a sender gave stands somewhere in the row, whatever we made of it."""
    case = CASES[name]
    sent = span(
        case.attributes, startTimeUnixNano=str(START_NS), events=[span_event(*event) for event in case.events]
    )
    sender.traces(otlp(sent))
    (row,) = await sender.rows("spans")
    stored = json.dumps(row, default=str, ensure_ascii=False)
    for key, value in case.attributes.items():
        if isinstance(value, str) and value.isalnum() and not key.endswith(RENAMED):
            assert value in stored, key
