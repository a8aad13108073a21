# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""One program written against ddtrace's API; it runs with ddtrace and with Diptych, by what it imports.

    python driver.py ddtrace|diptych SESSION_ID

Each scenario is a trace of its own; their ids are printed as JSON.
"""

import asyncio
import contextlib
import json
import sys
import threading

if sys.argv[1] == "ddtrace":
    from ddtrace.llmobs import LLMObs
    from ddtrace.llmobs.decorators import agent, embedding, llm, retrieval, task, tool, workflow
    from ddtrace.trace import tracer
else:
    from diptych import LLMObs
    from diptych.decorators import agent, embedding, llm, retrieval, task, tool, workflow

import anthropic
import openai

SESSION_ID = sys.argv[2]
SYSTEM, QUESTION = "Be brief.", "How many tents?"
PARAMETERS = {"type": "object", "properties": {"product": {"type": "string"}}}
CLAUDE, GPT = "claude-haiku-5-5", "gpt-4o-mini"
PERSON = {"id": "ana", "type": "user"}

# The seven kinds, nested, decorated and not


@tool
def stock(product: str, store: str = "Turin") -> dict:
    return {"product": product, "left": 7}


@task(name="price")
def priced(amount: float) -> str:
    LLMObs.annotate(output_data=f"{amount} euros", metadata={"currency": "EUR"})
    return "not this"


@retrieval
def search(words: str) -> None:
    LLMObs.annotate(
        input_data=words,
        output_data=[
            {"text": "Weighs 4 kg", "name": "tent.md", "id": "d1", "score": 0.5},
            {"text": "Seven left", "id": "d2", "score": 0.25},
        ],
    )


@embedding(model_name="text-embedding-3-small", model_provider="openai")
def embedded(text: str) -> list:
    LLMObs.annotate(input_data=[{"text": text}], output_data="[1 vector]", metrics={"input_tokens": 4})
    return [0.1]


@llm(model_name=CLAUDE, model_provider="Anthropic", name="think")
def thought(question: str) -> str:
    LLMObs.annotate(
        input_data=[
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": question},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {
                        "name": "stock",
                        "arguments": {"product": "tent"},
                        "tool_id": "t1",
                        "type": "function",
                    }
                ],
            },
            {
                "role": "tool",
                "content": "",
                "tool_results": [{"name": "stock", "result": "7", "tool_id": "t1", "type": "tool_result"}],
            },
        ],
        output_data=[{"role": "assistant", "content": "Seven are left."}],
        metadata={"temperature": 0.2, "deep": {"list": [1, None, {"a": "b"}]}},
        metrics={
            "input_tokens": 100,
            "output_tokens": 20,
            "cache_read_input_tokens": 10,
            "reasoning_output_tokens": 5,
            "time_to_first_token": 0.25,
            "quality": 0.75,
        },
        tags={"tier": "pro", "attempt": 2},
        tool_definitions=[{"name": "stock", "description": "How many are left", "schema": PARAMETERS}],
        prompt={
            "id": "shop",
            "version": "2",
            "template": "Q: {{q}}",
            "variables": {"q": question},
            "tags": {"team": "tents"},
            "rag_context_variables": ["context"],
            "rag_query_variables": ["q"],
        },
    )
    return "not this either"


@agent(name="clerk", version="3")
def clerk(question: str) -> str:
    LLMObs.annotate(tags={"user_id": "ana", "plan": "pro"})
    stock("tent")
    priced(40.5)
    search(question)
    embedded(question)
    thought(question)
    return "Seven are left."


@workflow
def kinds(question: str) -> str:
    note("kinds")
    return clerk(question)


def kinds_by_hand() -> None:
    """The same kinds as context managers, and by `finish()`."""
    with LLMObs.workflow(name="root", session_id=SESSION_ID) as root:
        note("kinds_by_hand", root)
        span = LLMObs.task(name="finished by hand")
        LLMObs.annotate(span, input_data={"b": 1, "a": [2]}, output_data=["x", 3], tags={"t": "v"})
        span.finish()
        with LLMObs.agent(name="clerk") as clerk_span:
            with LLMObs.tool() as unnamed:
                LLMObs.annotate(unnamed, input_data="in", output_data="out")
            with LLMObs.retrieval(name="search") as found:
                LLMObs.annotate(found, input_data="tents", output_data="a text alone")
            with LLMObs.embedding(model_name="e", name="embed", model_provider="openai"):
                LLMObs.annotate(input_data="text", output_data="[1 vector]")
            with LLMObs.llm(model_name=GPT, name="ask", model_provider="openai") as asked:
                LLMObs.annotate(asked, input_data="How many?", output_data={"content": "Seven."})
                LLMObs.annotate(asked, metadata={"top_p": 1}, metrics={"input_tokens": 3})
                LLMObs.annotate(asked, metadata={"seed": 7}, metrics={"output_tokens": 4})
            LLMObs.annotate(clerk_span, output_data={"left": 7})
        LLMObs.annotate(root, input_data="How many?", output_data="Seven.")


# Tasks, threads, generators, errors


@tool
async def async_tool(number: int) -> int:
    await asyncio.sleep(0.001)
    return number * 2


@agent
async def async_agent(question: str) -> str:
    both = await asyncio.gather(async_tool(1), async_tool(2))
    inner = await asyncio.create_task(async_tool(3))
    return f"{both} {inner}"


@workflow(session_id=SESSION_ID)
async def concurrent(question: str) -> str:
    note("concurrent")
    return await async_agent(question)


@task
def counted(most: int):
    for number in range(most):
        stock(f"tent {number}")
        yield f"{number} "


@task
async def counted_async(most: int):
    for number in range(most):
        await async_tool(number)
        yield f"{number} "


@workflow
async def generators() -> str:
    note("generators")
    said = "".join(counted(2))
    async for word in counted_async(2):
        said += word
    return said


@tool
def broken(product: str) -> None:
    raise LookupError(f"no {product}")


@workflow
def errors() -> str:
    note("errors")
    with contextlib.suppress(LookupError):
        broken("lamp")
    with contextlib.suppress(ValueError), LLMObs.llm(model_name=CLAUDE, name="fails"):
        LLMObs.annotate(input_data="hello")
        raise ValueError("no luck")
    return "went on"


# Clients of model APIs, traced automatically


@workflow
def anthropic_calls() -> str:
    note("anthropic_calls")
    client = anthropic.Anthropic(max_retries=0)
    tools = [{"name": "stock", "description": "How many are left", "input_schema": PARAMETERS}]
    said = {"model": CLAUDE, "max_tokens": 100, "system": SYSTEM}
    first = [{"role": "user", "content": QUESTION}]
    with LLMObs.task(name="create"):
        asked = client.messages.create(messages=first, tools=tools, **said)
    result = {"type": "tool_result", "tool_use_id": "toolu_1", "content": "7"}
    answered = [
        *first,
        {"role": "assistant", "content": [block.model_dump() for block in asked.content]},
        {"role": "user", "content": [result]},
    ]
    with LLMObs.task(name="create with a result"):
        client.messages.create(messages=answered, tools=tools, **said)
    with LLMObs.task(name="stream=True"):
        for _ in client.messages.create(messages=first, stream=True, **said):
            pass
    with LLMObs.task(name="stream()"), client.messages.stream(messages=first, **said) as stream:
        for _ in stream.text_stream:
            pass
    with LLMObs.task(name="stream of a tool call"):
        for _ in client.messages.create(messages=first, tools=tools, stream=True, **said):
            pass
    with LLMObs.task(name="error"), contextlib.suppress(anthropic.NotFoundError):
        client.messages.create(messages=first, **{**said, "model": "broken"})
    asyncio.run(anthropic_async(first, said))
    return "done"


async def anthropic_async(messages: list, said: dict) -> None:
    async with anthropic.AsyncAnthropic(max_retries=0) as client:
        with LLMObs.task(name="async create"):
            await client.messages.create(messages=messages, **said)
        with LLMObs.task(name="async stream=True"):
            async for _ in await client.messages.create(messages=messages, stream=True, **said):
                pass
        with LLMObs.task(name="async stream()"):
            async with client.messages.stream(messages=messages, **said) as stream:
                async for _ in stream:
                    pass


@workflow
def openai_calls() -> str:
    note("openai_calls")
    client = openai.OpenAI(max_retries=0)
    function = {"name": "stock", "description": "How many are left", "parameters": PARAMETERS}
    tools = [{"type": "function", "function": function}]
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": QUESTION}]
    create = client.chat.completions.create
    with LLMObs.task(name="chat"):
        asked = create(model=GPT, messages=messages, tools=tools, temperature=0.2)
    answered = [
        *messages,
        asked.choices[0].message.model_dump(exclude_none=True),
        {"role": "tool", "tool_call_id": "call_1", "content": "7"},
    ]
    with LLMObs.task(name="chat with a result"):
        create(model=GPT, messages=answered, tools=tools)
    usage = {"stream_options": {"include_usage": True}}
    with LLMObs.task(name="chat stream"):
        for _ in create(model=GPT, messages=messages, stream=True, **usage):
            pass
    with LLMObs.task(name="chat error"), contextlib.suppress(openai.NotFoundError):
        create(model="broken", messages=messages)
    with LLMObs.task(name="embeddings"):
        client.embeddings.create(model="text-embedding-3-small", input=QUESTION)
    openai_responses(client, function)
    asyncio.run(openai_async(messages, usage))
    return "done"


def openai_responses(client: "openai.OpenAI", function: dict) -> None:
    create = client.responses.create
    asked = {"model": GPT, "instructions": SYSTEM, "input": QUESTION}
    with LLMObs.task(name="responses"):
        create(**asked)
    with LLMObs.task(name="responses with a tool"):
        create(tools=[{"type": "function", "strict": False, **function}], **asked)
    with LLMObs.task(name="responses stream"):
        for _ in create(stream=True, **asked):
            pass


async def openai_async(messages: list, usage: dict) -> None:
    async with openai.AsyncOpenAI(max_retries=0) as client:
        create = client.chat.completions.create
        with LLMObs.task(name="async chat"):
            await create(model=GPT, messages=messages)
        with LLMObs.task(name="async chat stream"):
            async for _ in await create(model=GPT, messages=messages, stream=True, **usage):
                pass


# What is said of many spans at once, sessions, other services


@workflow
def contexts() -> str:
    note("contexts")
    client = anthropic.Anthropic(max_retries=0)
    said = {"model": CLAUDE, "max_tokens": 9, "messages": [{"role": "user", "content": QUESTION}]}
    prompt = {"id": "greeting", "version": "1", "template": "Hello {{name}}", "variables": {"name": "Ana"}}
    with LLMObs.annotation_context(tags={"experiment": "b"}, prompt=prompt):
        with LLMObs.task(name="inside"):
            with LLMObs.annotation_context(tags={"arm": "1"}), LLMObs.llm(model_name="m", name="own"):
                LLMObs.annotate(input_data="hello", output_data="hi")
            client.messages.create(**said)
        with LLMObs.annotation_context(name="renamed"), LLMObs.task(name="by another name"):
            pass
    with LLMObs.task(name="outside"):
        pass
    return "done"


@agent
def agents() -> str:
    """An agent that describes itself, by annotation and by the context around it."""
    note("agents")
    LLMObs.annotate(
        agent={"name": "clerk", "version": "3", "instructions": SYSTEM, "model": CLAUDE},
        tags={"team": "tents"},
        cost_tags=["team"],
    )
    described = {"name": "porter", "version": "4", "instructions": "Carry.", "model": GPT}
    with LLMObs.annotation_context(agent=described, tags={"team": "boots"}, cost_tags=["team"]):
        with LLMObs.agent(name="below"):
            pass
        with LLMObs.llm(model_name=GPT, name="asks"):
            LLMObs.annotate(input_data="hello", output_data="hi", metrics={"input_tokens": 1})
    return "done"


def session_late() -> None:
    """The documented pattern: the session is annotated in an agent below a workflow."""
    with LLMObs.workflow(name="root"):
        note("session_late")
        with LLMObs.task(name="before"):
            pass
        with LLMObs.agent(name="loop"):
            LLMObs.annotate(span=None, tags={"session_id": SESSION_ID})
            with LLMObs.task(name="below"):
                pass
        with LLMObs.task(name="after"):
            pass


def session_early() -> None:
    """The session is said where the request begins."""
    with LLMObs.workflow(name="root", session_id=SESSION_ID):
        note("session_early")
        with LLMObs.agent(name="loop"), LLMObs.task(name="below"):
            pass
        with LLMObs.task(name="of another session", session_id="another"):
            pass


def services() -> None:
    """A service asks another one, with the headers of the call."""
    with LLMObs.workflow(name="asks", session_id=SESSION_ID):
        note("services")
        with LLMObs.tool(name="call"):
            headers = LLMObs.inject_distributed_headers({"accept": "*/*"})
            thread = threading.Thread(target=serve, args=(headers,))
            thread.start()
            thread.join()


def serve(headers: dict) -> None:
    LLMObs.activate_distributed_headers(headers)
    with LLMObs.workflow(name="answers"), LLMObs.task(name="below"):
        LLMObs.annotate(input_data="asked", output_data="answered")


def redacted() -> None:
    """A processor changes spans, and drops some, before they are sent."""
    LLMObs.register_processor(without_secrets)
    with LLMObs.workflow(name="root"):
        note("redacted")
        with LLMObs.llm(model_name="m", name="asks"):
            LLMObs.annotate(input_data="my card 4111", output_data="thanks for 4111")
        with LLMObs.task(name="values"):
            LLMObs.annotate(input_data="card 4111", output_data="4111", metadata={"kept": 1})
        with LLMObs.task(name="dropped"):
            LLMObs.annotate(tags={"secret": "yes"})
    LLMObs.flush()
    LLMObs.register_processor(None)


def without_secrets(span):
    if span.get_tag("secret") == "yes":
        return None
    for message in [*span.input, *span.output]:
        message["content"] = message["content"].replace("4111", "****")
    return span


def judged() -> None:
    """Evaluations and feedback on all that they can name."""
    with LLMObs.workflow(name="root", session_id=SESSION_ID) as root:
        note("judged")
        LLMObs.annotate(root, tags={"ticket": SESSION_ID, "feedback_join_key": f"of {SESSION_ID}"})
        with LLMObs.llm(model_name="m", name="answers") as span:
            LLMObs.annotate(span, input_data="How many?", output_data="Seven.")
            answer = LLMObs.export_span(span)
            whole = LLMObs.export_span(root)
    about = {"timestamp_ms": 1_700_000_000_000, "tags": {"judge": "j1"}}
    evaluate = LLMObs.submit_evaluation
    evaluate("faithful", "score", 0.9, span=answer, reasoning="as the tool said", **about)
    evaluate("tone", "Categorical", "kind", span=answer, assessment="pass", **about)
    evaluate("facts", "json", {"left": 7}, span=answer, metadata={"model": "j"}, **about)
    evaluate("brief", "boolean", True, span=whole, eval_scope="trace", assessment="fail", **about)
    tagged = {"tag_key": "ticket", "tag_value": SESSION_ID}
    evaluate("useful", "score", 1, span_with_tag_value=tagged, **about)
    feedback = LLMObs.submit_feedback
    feedback("thumbs", "boolean", True, PERSON, span=answer, **about)
    feedback("words", "text", "thanks", PERSON, trace_id=whole["trace_id"], **about)
    feedback("stars", "score", 5, PERSON, session_id=SESSION_ID, **about)
    feedback("joined", "categorical", "yes", PERSON, feedback_join_key=f"of {SESSION_ID}", **about)


made = {}


def note(scenario: str, span=None) -> None:
    """Remembers the trace of a scenario."""
    made[scenario] = LLMObs.export_span(span)["trace_id"]


def main() -> None:
    """Runs every scenario and sends all of it."""
    LLMObs.enable(ml_app="shop")
    kinds(QUESTION)
    kinds_by_hand()
    asyncio.run(concurrent(QUESTION))
    asyncio.run(generators())
    errors()
    anthropic_calls()
    openai_calls()
    contexts()
    agents()
    session_late()
    session_early()
    services()
    redacted()
    judged()
    LLMObs.flush()
    if sys.argv[1] == "ddtrace":
        tracer.flush()
    print(json.dumps(made))


if __name__ == "__main__":
    main()
