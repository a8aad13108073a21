"""What OpenAI's client is asked, and how it is left, where its instrumentation alone would not tell of it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from sdk.python.tests.receiver import Receiver, Span

from . import environment

PROGRAM = Path(__file__).with_name("openai_calls.py")


def run(name: str, receiver: Receiver, models: str) -> list[Span]:
    """The model calls of one function of the program, which says nothing on the way."""
    own = {"DIPTYCH_URL": receiver.url, "DIPTYCH_KEY": "k"}
    done = subprocess.run(
        [str(environment.python()), str(PROGRAM), name],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env=environment.variables(models) | own,
        cwd="/",
    )
    assert (done.returncode, done.stderr) == (0, "")
    return [span for span in receiver.spans if "gen_ai.request.model" in span.attributes]


def parts(span: Span, side: str) -> Any:
    [message] = json.loads(span.attributes[f"gen_ai.{side}.messages"])
    return message["parts"]


def test_a_question_with_an_image(receiver: Receiver, models: str) -> None:
    [call] = run("image", receiver, models)
    text, image = parts(call, "input")
    assert text == {"type": "text", "content": "What is this?"}
    assert image == {
        "type": "blob",
        "modality": "image",
        "mime_type": "image/png",
        "content": "iVBORw0KGgo=",
    }


def test_a_helper_s_call_has_no_attributes_that_were_left_out_and_no_warnings(
    receiver: Receiver, models: str
) -> None:
    [call] = run("helper", receiver, models)
    assert [part["content"] for part in parts(call, "output")] == ["Seven are left."]
    assert "None" not in call.attributes.values()


def test_headers_of_a_call_are_not_recorded_since_keys_are_among_them(
    receiver: Receiver, models: str
) -> None:
    calls = run("secret", receiver, models)
    assert len(calls) == 3
    assert "sk-secret" not in repr(calls)


@pytest.mark.parametrize("name", ["left_early", "left_by_an_error"])
def test_a_response_that_is_left_has_what_had_come(name: str, receiver: Receiver, models: str) -> None:
    [call] = run(name, receiver, models)
    assert parts(call, "input") == [{"type": "text", "content": "How many?"}]
    assert parts(call, "output") == [{"type": "text", "content": "Seven "}]
    assert call.status == (1 if name == "left_early" else 2)


def test_the_memory_of_many_responses_is_bounded(receiver: Receiver, models: str) -> None:
    assert len(run("many", receiver, models)) == 300


def test_settings_of_a_host_that_was_there_first_stay(receiver: Receiver, models: str) -> None:
    run("settings_of_the_host", receiver, models)
