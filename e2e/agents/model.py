"""One call of the model, which every agent of the tests makes."""

from anthropic import AsyncAnthropic

MODEL = "claude-haiku-5-5"
MAX_ANSWER_TOKENS = 200


async def ask_model(question: str) -> str:
    """The model's answer, as text."""
    async with AsyncAnthropic() as client:
        message = await client.messages.create(
            model=MODEL, max_tokens=MAX_ANSWER_TOKENS, messages=[{"role": "user", "content": question}]
        )
    return "".join(block.text for block in message.content if block.type == "text")
