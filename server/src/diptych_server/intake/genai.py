"""What the attributes of AI spans are called, by every sender we know: tables only.

Sources: OpenTelemetry GenAI semantic conventions (today's and the renamed), OpenInference, OpenLLMetry (two
generations), Vercel AI SDK, Pydantic AI / Logfire, LangSmith, Langfuse, Strands, Google ADK, LiveKit, MLflow.
In every list the first name that is present wins; the others stay in `raw.attributes`.
"""

from diptych_server.wire import attributes as own

NAMES: dict[str, tuple[str, ...]] = {
    "span_kind": (own.SPAN_KIND,),
    "ml_app": (own.ML_APP, "gen_ai.application.name", "traceloop.workflow.name"),
    "model": (
        "gen_ai.response.model",
        "gen_ai.request.model",
        "llm.response.model_name",
        "llm.model_name",
        "llm.request.model_name",
        "embedding.model_name",
        "reranker.model_name",
        "ai.response.model",
        "ai.model.id",
        "langfuse.observation.model.name",
        "llm.request.model",
    ),
    "provider": (
        "gen_ai.provider.name",
        "gen_ai.system",
        "llm.provider",
        "llm.system",
        "ai.model.provider",
        "llm.vendor",
    ),
    "input_tokens": (
        "gen_ai.usage.input_tokens",
        "gen_ai.usage.prompt_tokens",
        "llm.token_count.prompt",
        "ai.usage.inputTokens",
        "ai.usage.promptTokens",
        "llm.usage.prompt_tokens",
    ),
    "output_tokens": (
        "gen_ai.usage.output_tokens",
        "gen_ai.usage.completion_tokens",
        "llm.token_count.completion",
        "ai.usage.outputTokens",
        "ai.usage.completionTokens",
        "llm.usage.completion_tokens",
    ),
    "cache_read_tokens": (
        "gen_ai.usage.cache_read.input_tokens",
        "gen_ai.usage.cache_read_input_tokens",
        "gen_ai.usage.cache_read_tokens",
        "gen_ai.usage.input_tokens.cached",
        "gen_ai.usage.details.cache_read_tokens",
        "llm.token_count.prompt_details.cache_read",
        "ai.usage.cachedInputTokens",
    ),
    "cache_write_tokens": (
        "gen_ai.usage.cache_creation.input_tokens",
        "gen_ai.usage.cache_creation_input_tokens",
        "gen_ai.usage.cache_write_input_tokens",
        "gen_ai.usage.cache_write_tokens",
        "gen_ai.usage.input_tokens.cache_write",
        "gen_ai.usage.details.cache_write_tokens",
        "llm.token_count.prompt_details.cache_write",
    ),
    "reasoning_tokens": (
        "gen_ai.usage.reasoning.output_tokens",
        "gen_ai.usage.reasoning_tokens",
        "gen_ai.usage.output_tokens.reasoning",
        "gen_ai.usage.details.reasoning_tokens",
        "llm.token_count.completion_details.reasoning",
        "ai.usage.reasoningTokens",
    ),
    "cost_usd": ("gen_ai.usage.cost", "llm.cost.total", "operation.cost", "gen_ai.cost.total_cost"),
    "session_id": (own.SESSION_ID,),
    "session_source": (own.SESSION_SOURCE,),
    "session_claim": (
        "session.id",
        "$session_id",
        "rum.sessionId",
        "traceloop.association.properties.session_id",
        "langfuse.session.id",
        "langfuse.trace.metadata.langfuse_session_id",
        "langsmith.metadata.session_id",
        "ai.telemetry.metadata.sessionId",
        "session_id",
    ),
    "conversation_id": (
        "gen_ai.conversation.id",
        "$ai_session_id",
        "langsmith.metadata.conversation_id",
        "langsmith.metadata.thread_id",
        "traceloop.association.properties.conversation_id",
    ),
    "user_id": (
        "user.id",
        "enduser.id",
        "gen_ai.user",
        "llm.user",
        "usr.id",
        "traceloop.association.properties.user_id",
        "langfuse.user.id",
        "langsmith.metadata.user_id",
        "ai.telemetry.metadata.userId",
    ),
    "input_messages": (
        "gen_ai.input.messages",
        "gen_ai.prompt",
        "ai.prompt.messages",
        "pydantic_ai.all_messages",
    ),
    "output_messages": ("gen_ai.output.messages", "gen_ai.completion"),
    "system_instructions": ("gen_ai.system_instructions",),
    "input": (
        "gen_ai.tool.call.arguments",
        "input.value",
        "gen_ai.retrieval.query.text",
        "gen_ai.memory.query.text",
        "traceloop.entity.input",
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
    ),
    "output": (
        "gen_ai.tool.call.result",
        "output.value",
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
    "input_mime": ("input.mime_type",),
    "output_mime": ("output.mime_type",),
    "documents": ("gen_ai.retrieval.documents",),
    "tool_definitions": ("gen_ai.tool.definitions", "ai.prompt.tools"),
    "response_tool_calls": ("ai.response.toolCalls", "ai.result.toolCalls"),
    "finish_reasons": (
        "gen_ai.response.finish_reasons",
        "gen_ai.response.finish_reason",
        "ai.response.finishReason",
        "llm.finish_reason",
    ),
    "parameters": ("llm.invocation_parameters", "model_request_parameters"),
    "metadata": (own.METADATA, "metadata"),
    "metrics": (own.METRICS,),
    "tags": (own.TAGS, "tag.tags", "langfuse.trace.tags", "langsmith.span.tags"),
    "prompt": (own.PROMPT,),
    "error_type": ("error.type",),
}
"""Our name for a thing -> the attributes that say it, the best first."""

PREFIXES: dict[str, str] = {
    "gen_ai.request.": "parameters",
    "gen_ai.openai.request.": "parameters",
    "openai.request.": "parameters",
    "ai.settings.": "parameters",
    "gen_ai.usage.": "metrics",
    "gen_ai.aggregated_usage.": "metrics",
    "llm.token_count.": "metrics",
    "llm.cost.": "metrics",
    "traceloop.association.properties.": "metadata",
    "langsmith.metadata.": "metadata",
    "langfuse.trace.metadata.": "metadata",
    "langfuse.observation.metadata.": "metadata",
    "ai.telemetry.metadata.": "metadata",
}
"""Attributes of open families -> the part of `raw` that holds them, under the rest of their name."""

FLATTENED: dict[str, str] = {
    "gen_ai.prompt.": "input_messages",
    "gen_ai.completion.": "output_messages",
    "llm.input_messages.": "input_messages",
    "llm.output_messages.": "output_messages",
    "llm.prompts.": "prompts",
    "llm.choices.": "choices",
    "llm.tools.": "tool_definitions",
    "llm.request.functions.": "tool_definitions",
    "retrieval.documents.": "documents",
    "reranker.output_documents.": "documents",
}
"""Lists that were flattened into keys with an index (`….0.role`) -> what they are a list of."""

OPERATION_KINDS: dict[str, str] = {
    "chat": "llm",
    "generate_content": "llm",
    "text_completion": "llm",
    "completion": "llm",
    "embeddings": "embedding",
    "embedding": "embedding",
    "retrieval": "retrieval",
    "create_agent": "agent",
    "invoke_agent": "agent",
    "invoke_workflow": "workflow",
    "execute_tool": "tool",
    "plan": "task",
    "search_memory": "retrieval",
    "create_memory": "task",
    "update_memory": "task",
    "upsert_memory": "task",
    "delete_memory": "task",
    "create_memory_store": "task",
    "delete_memory_store": "task",
}

KINDS: tuple[tuple[str, dict[str, str]], ...] = (
    (own.SPAN_KIND, {kind: kind for kind in own.SPAN_KINDS}),
    ("gen_ai.operation.name", OPERATION_KINDS),
    (
        "openinference.span.kind",
        {
            "llm": "llm",
            "embedding": "embedding",
            "chain": "workflow",
            "retriever": "retrieval",
            "reranker": "retrieval",
            "tool": "tool",
            "agent": "agent",
            "guardrail": "task",
            "evaluator": "task",
            "prompt": "task",
        },
    ),
    ("traceloop.span.kind", {"workflow": "workflow", "task": "task", "agent": "agent", "tool": "tool"}),
    (
        "llm.request.type",
        {"chat": "llm", "completion": "llm", "embedding": "embedding", "rerank": "retrieval"},
    ),
    (
        "langsmith.span.kind",
        {
            "llm": "llm",
            "chain": "workflow",
            "tool": "tool",
            "retriever": "retrieval",
            "embedding": "embedding",
            "prompt": "task",
            "parser": "task",
        },
    ),
    (
        "ai.operationId",
        {
            "ai.generatetext": "workflow",
            "ai.streamtext": "workflow",
            "ai.generateobject": "workflow",
            "ai.streamobject": "workflow",
            "ai.generatetext.dogenerate": "llm",
            "ai.streamtext.dostream": "llm",
            "ai.generateobject.dogenerate": "llm",
            "ai.streamobject.dostream": "llm",
            "ai.embed": "task",
            "ai.embedmany": "task",
            "ai.embed.doembed": "embedding",
            "ai.embedmany.doembed": "embedding",
            "ai.toolcall": "tool",
        },
    ),
    (
        "langfuse.observation.type",
        {
            "generation": "llm",
            "agent": "agent",
            "tool": "tool",
            "chain": "workflow",
            "retriever": "retrieval",
            "embedding": "embedding",
            "evaluator": "task",
            "guardrail": "task",
        },
    ),
    (
        "mlflow.spanType",
        {
            "llm": "llm",
            "chat_model": "llm",
            "chain": "workflow",
            "agent": "agent",
            "tool": "tool",
            "retriever": "retrieval",
            "embedding": "embedding",
            "reranker": "retrieval",
            "parser": "task",
        },
    ),
    ("mcp.method.name", {"tools/call": "tool"}),
)
"""Attribute -> its values (lower case) -> our kind; the first that says one wins."""

KIND_SIGNS: tuple[tuple[str, str], ...] = (
    ("gen_ai.tool.name", "tool"),
    ("gen_ai.tool.call.id", "tool"),
    ("agent_name", "agent"),
    ("gen_ai.agent.name", "agent"),
    ("gen_ai.usage.input_tokens", "llm"),
    ("gen_ai.request.model", "llm"),
    ("gcp.vertex.agent.llm_request", "llm"),
    ("gcp.vertex.agent.tool_call_args", "tool"),
    ("lk.function_tool.name", "tool"),
)
"""Where no sender names a kind: an attribute whose presence tells it."""

PROVIDERS: dict[str, str] = {
    "xai": "x_ai",
    "vertex_ai": "gcp.vertex_ai",
    "vertexai": "gcp.vertex_ai",
    "google_vertex": "gcp.vertex_ai",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "google_genai": "gcp.gemini",
    "az.ai.inference": "azure.ai.inference",
    "az.ai.openai": "azure.ai.openai",
    "azure": "azure.ai.openai",
    "aws": "aws.bedrock",
    "bedrock": "aws.bedrock",
    "mistralai": "mistral_ai",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "watsonx": "ibm.watsonx.ai",
}
"""Older and foreign names of providers (lower case) -> the name of the conventions."""

PROVIDER_APIS = frozenset({"chat", "messages", "responses", "completion", "embedding", "image"})
"""What Vercel's AI SDK adds to a provider's name: `anthropic.messages`."""

TTFT_UNITS_MS: dict[str, float] = {
    "gen_ai.response.time_to_first_chunk": 1_000,
    "gen_ai.client.operation.time_to_first_chunk": 1_000,
    "gen_ai.response.time_to_first_token": 1_000,
    "ai.response.msToFirstChunk": 1,
    "ai.stream.msToFirstChunk": 1,
    "gen_ai.server.time_to_first_token": 1,
}
"""Time to the first token: attribute -> milliseconds in its unit. Strands sends the last one in ms."""

TTFT_EVENTS = frozenset({"ai.stream.firstChunk", "First Token Stream Event", "gen_ai.first_token"})
"""Span events whose time is that of the first token."""

TTFT_MOMENT = "langfuse.observation.completion_start_time"
"""The same as an absolute time, RFC 3339."""

MESSAGE_EVENTS: dict[str, str] = {
    "gen_ai.system.message": "system",
    "gen_ai.user.message": "user",
    "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool",
}
"""Events (on a span, or as log records) that are one input message each -> its role."""

CHOICE_EVENT = "gen_ai.choice"
DETAILS_EVENT = "gen_ai.client.inference.operation.details"
PROMPT_EVENT = "gen_ai.content.prompt"
COMPLETION_EVENT = "gen_ai.content.completion"
EXCEPTION_EVENT = "exception"
EVALUATION_EVENT = "gen_ai.evaluation.result"
