"""Spans in the GenAI conventions, of today and of the past, and our own."""

import json

from .sender_case import Case, call, result, said

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
