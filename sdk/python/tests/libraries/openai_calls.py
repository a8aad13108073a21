# mypy: ignore-errors
# Runs in an environment of its own, whose packages the project's does not have.
"""Calls of OpenAI's client of which its instrumentation alone tells nothing, each in a workflow of its name.

python openai_calls.py NAME…
"""

import gc
import sys

import openai

from diptych import LLMObs

IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}


def image(client: openai.OpenAI) -> None:
    content = [{"type": "text", "text": "What is this?"}, IMAGE]
    client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": content}])


def secret(client: openai.OpenAI) -> None:
    headers = {"Authorization": "Bearer sk-secret"}
    ask = {"model": "gpt", "messages": [{"role": "user", "content": "How many?"}], "extra_headers": headers}
    client.chat.completions.create(**ask)
    client.responses.create(model="gpt", input="How many?", extra_headers=headers)
    client.embeddings.create(model="gpt", input="How many?", extra_headers=headers)


def helper(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model="gpt", messages=[{"role": "user", "content": "How many?"}]
    ) as s:
        for _ in s:
            pass


def left_early(client: openai.OpenAI) -> None:
    for event in client.responses.create(model="gpt", input="How many?", stream=True):
        if event.type == "response.output_text.delta":
            break


def left_by_an_error(client: openai.OpenAI) -> None:
    try:
        with client.responses.create(model="gpt", input="How many?", stream=True) as stream:
            for event in stream:
                if event.type == "response.output_text.delta":
                    raise ValueError("the reader's own")
    except ValueError:
        pass


def many(client: openai.OpenAI) -> None:
    from opentelemetry.instrumentation.openai.v1 import responses_wrappers

    for _ in range(300):
        client.responses.create(model="gpt", input="How many?")
    assert len(responses_wrappers.responses) <= 200


def settings_of_the_host(client: openai.OpenAI) -> None:
    from opentelemetry.instrumentation.openai.shared.config import Config

    LLMObs.disable()
    from opentelemetry.instrumentation.openai import OpenAIInstrumentor

    async def upload(*_: str) -> str:
        return "https://shop/image.png"

    OpenAIInstrumentor(upload_base64_image=upload).instrument()
    LLMObs.enable(ml_app="shop")
    assert Config.upload_base64_image is upload


if __name__ == "__main__":
    LLMObs.enable(ml_app="shop")
    for name in sys.argv[1:]:
        with LLMObs.workflow(name):
            globals()[name](openai.OpenAI(max_retries=0))
            gc.collect()
