"""On, off, settings, and what is told about them."""

from __future__ import annotations

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import diptych
from diptych import DiptychError, LLMObs
from diptych import _attributes as keys
from diptych._settings import SETTINGS, Settings, read_settings
from diptych.decorators import agent, task, tool

from .receiver import Receiver


def test_off_means_silent_no_ops(caplog: pytest.LogCaptureFixture) -> None:
    @agent
    async def answer(question: str) -> str:
        LLMObs.annotate(span=None, tags={"session_id": "S"}, metrics="wrong")  # type: ignore[arg-type]  # on purpose
        return question

    @tool
    def numbers() -> Iterator[int]:
        yield from (1, 2)

    @task
    async def later() -> AsyncIterator[int]:
        yield 1

    async def collect() -> list[int]:
        return [number async for number in later()]

    with LLMObs.workflow("w") as span, LLMObs.annotation_context(tags={"a": 1}):
        assert asyncio.run(answer("q")) == "q"
        assert list(numbers()) == [1, 2]
        assert asyncio.run(collect()) == [1]
    assert (span.trace_id, span.span_id, span.kind, span.otel) == ("", "", "", None)
    assert LLMObs.export_span() is None
    assert LLMObs.inject_distributed_headers({"a": "b"}) == {"a": "b"}
    with LLMObs.activate_distributed_headers({"baggage": "session.id=S"}):
        pass
    LLMObs.submit_evaluation("", "nonsense", None)
    LLMObs.submit_feedback("", "nonsense", None, submitter="")
    LLMObs.register_processor(None)
    assert LLMObs.flush()
    LLMObs.disable()
    assert not LLMObs.enabled()
    assert LLMObs.dropped() == {}
    assert caplog.records == []


def test_a_fault_in_an_undecorated_function_stays_its_own() -> None:
    @tool
    def fails() -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        fails()


def test_switched_off_by_the_environment(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIPTYCH_ENABLED", "false")
    LLMObs.enable(url=receiver.url, key="k")
    assert not LLMObs.enabled()
    with LLMObs.workflow("w"):
        pass
    assert LLMObs.flush()
    assert receiver.requests == []


def test_on_off_on_again(receiver: Receiver) -> None:
    for name in ("first", "second"):
        LLMObs.enable(ml_app=name, url=receiver.url, key=name, strict=True)
        LLMObs.enable(ml_app="ignored", url="http://127.0.0.1:9", key="ignored")
        with LLMObs.workflow(name):
            pass
        LLMObs.disable()
        with LLMObs.workflow("while off"):
            pass
    found = [(span.name, span.attributes["diptych.ml_app"]) for span in receiver.spans]
    assert found == [("first", "first"), ("second", "second")]
    keys_sent = [headers["authorization"] for _, headers, _ in receiver.requests]
    assert keys_sent == ["Bearer first", "Bearer second"]


def test_a_span_that_is_open_when_it_is_switched_off_does_no_harm(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", strict=True)
    span = LLMObs.workflow("open")
    LLMObs.disable()
    span.finish()
    LLMObs.annotate(span, output_data="x")


def test_environment_arguments_and_defaults() -> None:
    defaults = read_settings({"key": "k"}, {})
    assert defaults.url == "http://127.0.0.1:8400"
    assert defaults.integrations_enabled is True
    environ = {
        "DIPTYCH_URL": "http://env:1",
        "DIPTYCH_KEY": "env-key",
        "DIPTYCH_STRICT": "1",
        "DIPTYCH_INTEGRATIONS_ENABLED": "anthropic, threads",
        "DIPTYCH_SAMPLE_RATE": "0.5",
        "DIPTYCH_QUEUE_BYTES": "1000",
        "DIPTYCH_ML_APP": "",
    }
    found = read_settings({"url": "http://argument:1", "sample_rate": 1}, environ)
    assert (found.url, found.key, found.strict) == ("http://argument:1", "env-key", True)
    assert found.integrations_enabled == ("anthropic", "threads")
    assert (found.sample_rate, found.queue_bytes) == (1.0, 1000)
    assert found.ml_app == defaults.ml_app


@pytest.mark.parametrize(
    ("arguments", "environ", "told"),
    [
        ({"key": "k", "sample_rate": 2}, {}, "sample_rate: a number from 0 to 1"),
        ({"key": "k", "timeout_ms": -1}, {}, "timeout_ms: 0 or more"),
        ({"key": "k", "url": 8400}, {}, "url: str"),
        ({"key": "k", "url": "diptych.example.com"}, {}, "url: an address such as http://127.0.0.1:8400"),
        ({"key": "k", "url": "ftp://host"}, {}, "url: an address such as http://127.0.0.1:8400"),
        ({"key": "k", "url": "http://host:99999"}, {}, "url: an address such as http://127.0.0.1:8400"),
        ({"key": "k"}, {"DIPTYCH_URL": "http://"}, "url: an address such as http://127.0.0.1:8400"),
        ({"key": "\u20ac"}, {}, "key: as `diptych keys create server` printed it"),
        ({"key": "k", "integrations_enabled": 3}, {}, "True, False or a list of names"),
        ({"key": "k", "colour": "red"}, {}, "settings of the table"),
        ({"key": "k", "site": "datadoghq.com"}, {}, "has a meaning for ddtrace only"),
        ({"key": "k"}, {"DIPTYCH_STRICT": "perhaps"}, "DIPTYCH_STRICT: true or false"),
        ({"key": "k"}, {"DIPTYCH_LINGER_MS": "soon"}, "DIPTYCH_LINGER_MS: int"),
        ({}, {}, "key= or DIPTYCH_KEY"),
    ],
)
def test_wrong_settings_are_told_and_defaults_used(
    arguments: dict[str, Any], environ: dict[str, str], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    diptych._problems.be_strict(False)
    with caplog.at_level(logging.WARNING, "diptych"):
        found = read_settings(arguments, environ)
    assert told in caplog.text
    expected = read_settings({"key": arguments.get("key", "").rstrip("\u20ac")}, {})
    assert found == expected


def test_addresses_and_keys_are_taken_as_people_write_them(caplog: pytest.LogCaptureFixture) -> None:
    found = read_settings({"url": " https://host/diptych/v1/traces/ "}, {"DIPTYCH_KEY": "from-a-file\n"})
    assert (found.url, found.key) == ("https://host/diptych", "from-a-file")
    assert caplog.records == []


def test_a_key_in_a_wrong_address_is_not_told(caplog: pytest.LogCaptureFixture) -> None:
    read_settings({"url": "host/k/secret"}, {})
    assert "url: an address" in caplog.text
    assert "secret" not in caplog.text


def test_a_key_in_the_path_is_a_key(caplog: pytest.LogCaptureFixture) -> None:
    read_settings({"url": "http://host/k/secret"}, {})
    assert caplog.records == []


def test_unknown_integrations_are_told(receiver: Receiver) -> None:
    with pytest.raises(DiptychError, match="integrations_enabled: some of anthropic"):
        LLMObs.enable(url=receiver.url, key="k", integrations_enabled=["anthropik"], strict=True)
    LLMObs.disable()


def test_settings_and_table_agree() -> None:
    assert [setting.name for setting in SETTINGS] == list(Settings.__slots__)
    assert all(setting.help.endswith(".") for setting in SETTINGS)


def test_public_names() -> None:
    assert diptych.__all__ == ["DiptychError", "LLMObs", "LLMObsSpan", "Span", "__version__"]


def test_attribute_keys_are_the_servers() -> None:
    server = Path(__file__).parents[3] / "server/src/diptych_server/wire/attributes.py"
    assert keys.__file__ is not None
    generated = Path(keys.__file__).read_text().split("\n", 1)
    assert generated[0].startswith("# GENERATED from server/")
    assert generated[1] == server.read_text()


def test_import_is_light() -> None:
    heavy = ("opentelemetry", "requests", "google", "wrapt", "anthropic", "diptych_server", "dataclasses")
    script = f"import sys, diptych, diptych.decorators; print([m for m in {heavy!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout.strip() == "[]"
