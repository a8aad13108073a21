from __future__ import annotations

from collections.abc import Iterator

import pytest
from opentelemetry.context import attach, get_current

from diptych import LLMObs

from .anthropic_api import AnthropicAPI
from .receiver import Receiver


@pytest.fixture(autouse=True)
def _own_context() -> Iterator[None]:
    """What a test makes current in this thread is not there for the next one."""
    before = get_current()
    yield
    attach(before)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A server that keeps the spans it is sent."""
    server = Receiver()
    yield server
    server.close()


@pytest.fixture
def llmobs(receiver: Receiver) -> Iterator[type[LLMObs]]:
    """LLM Observability, on and strict, sending to `receiver`."""
    LLMObs.enable(ml_app="shop", url=receiver.url, key="secret", strict=True, linger_ms=20)
    yield LLMObs
    LLMObs.disable()


@pytest.fixture
def api() -> Iterator[AnthropicAPI]:
    """A server that speaks Anthropic's Messages API."""
    server = AnthropicAPI()
    yield server
    server.close()
