# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""Agents of other people's frameworks, each asked once, as they are: all that is ours is `enable()`.

python frameworks.py NAME…          prints {"NAME": trace id, …}; with HIDE=1, a processor hides all texts
"""

import asyncio
import json
import os
import sys

from diptych import LLMObs

SYSTEM, QUESTION = "Be brief.", "How many tents?"
HIDDEN = {"content": "hidden", "tool_calls": [], "tool_results": []}
CLAUDE, GPT = "claude-haiku-5-5", "gpt-4o-mini"


def stock(product: str) -> str:
    """How many are left."""
    return f"7 of {product}"


async def langchain() -> None:
    from langchain.agents import create_agent
    from langchain_anthropic import ChatAnthropic

    agent = create_agent(ChatAnthropic(model=CLAUDE, max_retries=0), [stock], system_prompt=SYSTEM)
    await agent.ainvoke({"messages": [{"role": "user", "content": QUESTION}]})


async def langchain_stream() -> None:
    from langchain_anthropic import ChatAnthropic

    for _ in ChatAnthropic(model=CLAUDE, max_retries=0).stream(QUESTION):
        pass


async def llamaindex() -> None:
    from llama_index.core.agent.workflow import FunctionAgent
    from llama_index.core.tools import FunctionTool
    from llama_index.llms.openai import OpenAI

    usage = {"stream_options": {"include_usage": True}}
    model = OpenAI(model=GPT, api_base=os.environ["OPENAI_BASE_URL"], max_retries=0, additional_kwargs=usage)
    agent = FunctionAgent(tools=[FunctionTool.from_defaults(stock)], llm=model, system_prompt=SYSTEM)
    await agent.run(QUESTION)


async def openai_agents() -> None:
    from agents import Agent, Runner, function_tool

    agent = Agent(name="shop", instructions=SYSTEM, tools=[function_tool(stock)], model=GPT)
    await Runner.run(agent, QUESTION)


async def openai_agents_stream() -> None:
    from agents import Agent, Runner, function_tool

    agent = Agent(name="shop", instructions=SYSTEM, tools=[function_tool(stock)], model=GPT)
    async for _ in Runner.run_streamed(agent, QUESTION).stream_events():
        pass


async def pydantic_ai() -> None:
    from pydantic_ai import Agent

    await Agent(f"anthropic:{CLAUDE}", name="shop", instructions=SYSTEM, tools=[stock]).run(QUESTION)


async def pydantic_ai_stream() -> None:
    from pydantic_ai import Agent

    agent = Agent(f"openai-chat:{GPT}", name="shop", instructions=SYSTEM, tools=[stock])
    async with agent.run_stream(QUESTION) as answer:
        async for _ in answer.stream_text():
            pass


async def mcp() -> None:
    from mcp import Client
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("shop")
    server.tool()(stock)
    async with Client(server) as client:
        await client.call_tool("stock", {"product": "tent"})


def hide(span):
    """A span without anything that was said."""
    span.input = [{**message, **HIDDEN} for message in span.input]
    span.output = [{**message, **HIDDEN} for message in span.output]
    return span


def _no_traces_to_openai() -> None:
    """The Agents SDK sends its traces to OpenAI, too; there is none here."""
    from agents import set_trace_processors
    from opentelemetry.instrumentation.openai_agents._hooks import OpenTelemetryTracingProcessor
    from opentelemetry.trace import get_tracer

    tracer = get_tracer("opentelemetry.instrumentation.openai_agents")
    set_trace_processors([OpenTelemetryTracingProcessor(tracer)])


async def main() -> None:
    """Asks each agent inside a span of ours."""
    LLMObs.enable(ml_app="shop", span_processor=hide if "HIDE" in os.environ else None)
    if "openai_agents" in sys.argv:
        _no_traces_to_openai()
    made = {}
    for name in sys.argv[1:]:
        with LLMObs.workflow(name) as span:
            await globals()[name]()
            made[name] = span.trace_id
    assert LLMObs.flush(30)
    assert not set(LLMObs.dropped()) - {"trace_without_llm_span"}, LLMObs.dropped()
    print(json.dumps(made))


if __name__ == "__main__":
    asyncio.run(main())
