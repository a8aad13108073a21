"""The smallest server example: it joins its spans to the session, decorated and undecorated."""

from collections.abc import Iterator

import httpx
import pytest

from .conftest import Receiver, attributes, running


@pytest.fixture(scope="module")
def server(model_url: str, receiver: Receiver) -> Iterator[str]:
    environment = {
        "PORT": "0",
        "ANTHROPIC_BASE_URL": model_url,
        "ANTHROPIC_API_KEY": "any",
        "DIPTYCH_URL": receiver.url,
        "DIPTYCH_KEY": "key",
    }
    with running("http_server/server.py", **environment) as (url, _):
        yield url


@pytest.mark.parametrize("form", ["ask", "ask-undecorated"])
def test_the_session_of_the_body_is_on_the_spans_of_the_agent_loop(
    server: str, receiver: Receiver, form: str
) -> None:
    session_id = f"session-of-{form}"
    body = {"question": "hello", "session_id": session_id}
    answer = httpx.post(f"{server}/{form}", json=body, trust_env=False)
    assert answer.json()["answer"]

    spans = receiver.trace_with(lambda keys, _: keys.get("diptych.session.id") == session_id)
    assert {attributes(span)["diptych.session.id"] for span in spans} == {session_id}
    operations = {attributes(span)["gen_ai.operation.name"] for span in spans}
    assert operations == ({"chat", "invoke_agent"} if form == "ask" else {"chat"})


def test_a_request_without_a_session_does_not_inherit_that_of_the_one_before(
    server: str, receiver: Receiver
) -> None:
    with httpx.Client(trust_env=False) as http:  # one connection, hence one thread of the server
        http.post(f"{server}/ask-undecorated", json={"question": "hello", "session_id": "the-first"})
        http.post(f"{server}/ask", json={"question": "a second one", "session_id": "the-second"})
    spans = receiver.trace_with(lambda keys, _: keys.get("diptych.session.id") == "the-second")
    assert {attributes(span)["diptych.session.id"] for span in spans} == {"the-second"}
