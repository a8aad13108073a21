# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""One turn of an agent, traced by somebody else's instrumentation and sent by the official exporter.

python program.py genai|openllmetry|openinference anthropic|openai|langchain SESSION_ID
"""

import contextlib
import os
import sys

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor

MODELS = {"anthropic": "claude-haiku-5-5", "openai": "gpt-4o-mini"}
SYSTEM, QUESTION = "Be brief.", "How many tents?"
PARAMETERS = {"type": "object", "properties": {"product": {"type": "string"}}}


def instrument(sender: str) -> None:
    os.environ["OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT"] = "SPAN_ONLY"
    os.environ["OTEL_SEMCONV_STABILITY_OPT_IN"] = "gen_ai_latest_experimental"
    if sender == "genai":
        from opentelemetry.instrumentation.genai.anthropic import AnthropicInstrumentor
        from opentelemetry.instrumentation.genai.openai import OpenAIInstrumentor
    elif sender == "openllmetry":
        from opentelemetry.instrumentation.anthropic import AnthropicInstrumentor
        from opentelemetry.instrumentation.openai import OpenAIInstrumentor
    else:
        from openinference.instrumentation.anthropic import AnthropicInstrumentor
        from openinference.instrumentation.openai import OpenAIInstrumentor
    if sender == "openinference" and sys.argv[2] == "langchain":
        from openinference.instrumentation.langchain import LangChainInstrumentor

        LangChainInstrumentor().instrument()
        return
    AnthropicInstrumentor().instrument()
    OpenAIInstrumentor().instrument()


def anthropic_turn() -> None:
    import anthropic

    client = anthropic.Anthropic(max_retries=0)
    tools = [{"name": "stock", "description": "How many are left", "input_schema": PARAMETERS}]
    said = {"model": MODELS["anthropic"], "max_tokens": 100, "system": SYSTEM}
    messages = [{"role": "user", "content": QUESTION}]
    asked = client.messages.create(messages=messages, tools=tools, **said)
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "7"}
    messages += [
        {"role": "assistant", "content": [block.model_dump() for block in asked.content]},
        {"role": "user", "content": [result]},
    ]
    client.messages.create(messages=messages, tools=tools, **said)
    with client.messages.stream(messages=[{"role": "user", "content": QUESTION}], **said) as stream:
        for _ in stream:
            pass
    with contextlib.suppress(anthropic.NotFoundError):
        client.messages.create(messages=messages[:1], **{**said, "model": "broken"})


def openai_turn() -> None:
    import openai

    client = openai.OpenAI(max_retries=0)
    function = {"name": "stock", "description": "How many are left", "parameters": PARAMETERS}
    tools = [{"type": "function", "function": function}]
    model = MODELS["openai"]
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    asked = client.chat.completions.create(model=model, messages=messages, tools=tools, temperature=0.2)
    answered = [
        *messages,
        asked.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": "call_1", "content": "7"},
    ]
    client.chat.completions.create(model=model, messages=answered, tools=tools)
    stream = client.chat.completions.create(
        model=model, messages=messages, stream=True, stream_options={"include_usage": True}
    )
    for _ in stream:
        pass
    client.embeddings.create(model="text-embedding-3-small", input=QUESTION)
    with contextlib.suppress(openai.NotFoundError):
        client.chat.completions.create(model="broken", messages=messages)


def langchain_turn() -> None:
    from langchain.agents import create_agent
    from langchain_anthropic import ChatAnthropic

    def stock(product: str) -> str:
        """How many are left."""
        return f"7 of {product}"

    model = ChatAnthropic(model=MODELS["anthropic"], max_tokens=100, max_retries=0)
    agent = create_agent(model, [stock], system_prompt=SYSTEM)
    agent.invoke({"messages": [{"role": "user", "content": QUESTION}]})


def main() -> None:
    sender, api, session_id = sys.argv[1:]
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    trace.set_tracer_provider(provider)
    instrument(sender)
    with trace.get_tracer("shop").start_as_current_span("turn") as root:
        root.set_attributes({"gen_ai.operation.name": "invoke_agent", "session.id": session_id})
        {"anthropic": anthropic_turn, "openai": openai_turn, "langchain": langchain_turn}[api]()
    provider.shutdown()
    print(format(root.get_span_context().trace_id, "032x"))


if __name__ == "__main__":
    main()
