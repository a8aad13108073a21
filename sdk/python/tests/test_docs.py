"""The README says what the SDK does: settings, calls, integrations, reasons; and its examples run."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import diptych
from diptych import LLMObs, testing
from diptych._settings import SETTINGS
from diptych.integrations import INTEGRATIONS

README = Path(__file__).parents[1] / "README.md"
MIGRATION = Path(__file__).parents[3] / "docs/migration-from-ddtrace.md"
SOURCE = Path(diptych.__file__).parent
BEGIN, END = "<!-- settings -->\n", "<!-- /settings -->"


def settings_table() -> str:
    """The table of settings, made from the one in the code."""
    rows = ["| setting | default | what it is |", "| --- | --- | --- |"]
    for setting in SETTINGS:
        default = setting.default
        if isinstance(default, bool):
            default = "on" if default else "off"
        rows.append(f"| `{setting.name}` | {default if default != '' else 'none'} | {setting.help} |")
    return "\n".join(rows) + "\n"


def test_settings_are_documented() -> None:
    text = README.read_text()
    written = text[text.index(BEGIN) + len(BEGIN) : text.index(END)]
    assert written == settings_table()


def test_every_call_is_documented() -> None:
    calls = [name for name, _ in inspect.getmembers(LLMObs, inspect.ismethod) if not name.startswith("_")]
    assert len(calls) == 20
    text = README.read_text()
    assert [name for name in calls if not re.search(rf"`{name}\b", text)] == []


def test_every_parameter_is_explained_where_it_is() -> None:
    for name in ("enable", "annotate", "submit_evaluation"):
        call = getattr(LLMObs, name)
        explained = inspect.getdoc(call) or ""
        parameters = [parameter for parameter in inspect.signature(call).parameters if parameter != "cls"]
        assert [parameter for parameter in parameters if f"{parameter}:" not in explained] == []


def test_every_integration_is_documented() -> None:
    text = README.read_text()
    assert [name for name in INTEGRATIONS if f"`{name}`" not in text] == []


def test_every_reason_of_loss_is_documented() -> None:
    text = README.read_text()
    reasons = set()
    for file in SOURCE.rglob("*.py"):
        reasons |= set(re.findall(r'drops\.count\(\s*"(\w+)"', file.read_text()))
    assert {"queue_full", "held_overflow", "shutdown"} <= reasons
    assert sorted(reason for reason in reasons if f"`{reason}`" not in text) == []


def python_blocks(file: Path) -> list[str]:
    return re.findall(r"```python\n(.*?)```", file.read_text(), re.DOTALL)


@pytest.mark.parametrize("file", [README, MIGRATION], ids=lambda file: file.name)
def test_examples_are_python(file: Path) -> None:
    blocks = python_blocks(file)
    assert blocks
    for block in blocks:
        compile(block, str(file), "exec")


def test_example_of_annotate_runs() -> None:
    [block] = [block for block in python_blocks(README) if "metrics={" in block]
    with testing.record() as recorded:
        exec(block, {"LLMObs": LLMObs})  # the README's own code is what is tested
    assert recorded.span("answer").attributes["gen_ai.usage.input_tokens"] == 21
    assert recorded.evaluations[0]["assessment"] == "pass"


def test_example_of_redaction_runs() -> None:
    [block] = [block for block in python_blocks(README) if "hide_cards" in block]
    with testing.record() as recorded:
        exec(block, {"LLMObs": LLMObs, "diptych": diptych, "CARD": re.compile(r"\d{4}")})
        with LLMObs.tool("pay"):
            LLMObs.annotate(input_data="card 4111")
    assert recorded.span("pay").input == "card ****"
