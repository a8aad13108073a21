"""The agent: retrieve, ask the model, run the tools that it calls, ask again, until there is an answer."""

import asyncio
import json
from dataclasses import dataclass

from anthropic import AsyncAnthropic
from anthropic.types import Message, MessageParam, ToolResultBlockParam, ToolUseBlock
from opentelemetry.trace import get_current_span

from diptych import LLMObs
from diptych.decorators import agent, retrieval, task

from .bookshelf import Document, search
from .checks import submit_checks
from .conversations import Conversation
from .prompts import Prompt
from .tools import DEFINITIONS, TOOLS, ToolError

MAX_ROUNDS = 4
"""Calls of the model for one question: a bound on the bill, should it call tools for ever."""

MAX_ANSWER_TOKENS = 600
RETRIEVED_DOCUMENTS = 8


Events = asyncio.Queue[tuple[str, dict[str, object]]]
"""Events on their way to the page: name and data. Bounded: a slow page makes the agent wait."""


@dataclass(frozen=True)
class Answering:
    """What an answer is made with: the model, the conversation so far, and the way to the page."""

    client: AsyncAnthropic
    model: str
    prompt: Prompt
    conversation: Conversation
    viewing: str | None
    """The sku of the product on the shopper's screen."""
    events: Events

    async def say(self, event: str, **data: object) -> None:
        """Sends one event to the page."""
        await self.events.put((event, data))


@agent(name="concierge")
async def agent_loop(question: str, session_id: str | None, answering: Answering) -> str:
    """Answers a question, word by word through `answering.say`, and returns the whole answer."""
    if session_id:
        # The one line that joins this trace to the browser session it answers.
        LLMObs.annotate(span=None, tags={"session_id": session_id})
    LLMObs.annotate(input_data=question, metadata={"viewing": answering.viewing})
    get_current_span().set_attribute("gen_ai.conversation.id", answering.conversation.id)

    documents = search_shop(question, about=answering.viewing or answering.conversation.topic())
    messages = [*answering.conversation.messages, _ask(question, documents, answering.viewing)]
    asked_at = len(messages) - 1
    text = await _answer(messages, answering)
    await answering.say("sources", sources=cite_sources(text, documents))
    answering.conversation.remember(question, text)
    LLMObs.annotate(output_data=text)
    submit_checks(text, str(messages[asked_at:]))
    return text


async def _answer(messages: list[MessageParam], answering: Answering) -> str:
    """The rounds between model and tools; `messages` grows by what was said in them."""
    answer: list[str] = []
    with LLMObs.annotation_context(prompt=answering.prompt.named(), tags=answering.prompt.tags()):
        for _ in range(MAX_ROUNDS):
            message = await _ask_model(messages, answering)
            answer += [block.text for block in message.content if block.type == "text"]
            if message.stop_reason != "tool_use":
                break
            results = await _run_tools(message, answering)
            messages += [{"role": "assistant", "content": message.content}, results]
    return "\n\n".join(answer)


@retrieval
def search_shop(question: str, about: str | None) -> list[Document]:
    """The products and policies that the answer may use, the product that the chat is about among them."""
    documents = search(question, RETRIEVED_DOCUMENTS, always=(about,) if about else ())
    LLMObs.annotate(input_data=question, output_data=[dict(document) for document in documents])
    return documents


@task
def cite_sources(answer: str, documents: list[Document]) -> list[dict[str, str]]:
    """The documents that the answer names."""
    named = [document for document in documents if document["name"].lower() in answer.lower()]
    return [{"id": document["id"], "name": document["name"]} for document in named]


async def _ask_model(messages: list[MessageParam], answering: Answering) -> Message:
    """One call of the model, streamed to the page as it comes."""
    async with answering.client.messages.stream(
        model=answering.model,
        max_tokens=MAX_ANSWER_TOKENS,
        system=answering.prompt.text,
        messages=messages,
        tools=DEFINITIONS,
    ) as stream:
        async for text in stream.text_stream:
            await answering.say("delta", text=text)
        return await stream.get_final_message()


async def _run_tools(message: Message, answering: Answering) -> MessageParam:
    """Runs the tools that a message calls, one after the other, and makes the message that answers them."""
    calls = [block for block in message.content if block.type == "tool_use"]
    results = []
    for call in calls:
        await answering.say("tool", name=call.name)
        results.append(await _run_tool(call))
    return {"role": "user", "content": results}


async def _run_tool(call: ToolUseBlock) -> ToolResultBlockParam:
    try:
        content, failed = json.dumps(await TOOLS[call.name](**call.input)), False
    except (
        ToolError,
        KeyError,
        TypeError,
    ) as error:  # the model may name tools and arguments that do not exist
        content, failed = f"{type(error).__name__}: {error}", True
    return {"type": "tool_result", "tool_use_id": call.id, "content": content, "is_error": failed}


def _ask(question: str, documents: list[Document], viewing: str | None) -> MessageParam:
    found = [{"id": d["id"], "name": d["name"], "text": d["text"]} for d in documents]
    parts = [f"<documents>\n{json.dumps(found, ensure_ascii=False)}\n</documents>"]
    parts += [f"<viewing>{viewing}</viewing>"] if viewing else []
    return {"role": "user", "content": "\n".join([*parts, f"<question>{question}</question>"])}
