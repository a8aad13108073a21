"""docs/python-sdk.md: every call has an example there, each runs, and records what is printed below it."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.context import Context, attach

from diptych import LLMObs, decorators, testing
from diptych._settings import SETTINGS
from diptych.testing import RecordedSpan

from .receiver import Receiver

GUIDE = Path(__file__).parents[3] / "docs/python-sdk.md"
TEXT = GUIDE.read_text()
EXAMPLES = [
    (code, printed)
    for code, printed in re.findall(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", TEXT, re.DOTALL)
]
USAGE = ("gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens")


def printed_span(span: RecordedSpan) -> Iterator[str]:
    yield f'{span.kind} "{span.name}"'
    attributes = span.attributes
    for name, value in (
        ("session", span.session_id),
        ("user", span.user_id),
        ("conversation", attributes.get("gen_ai.conversation.id")),
    ):
        if value is not None:
            yield f"{name}={value}"
    for name, given in (
        ("model", attributes.get("gen_ai.request.model")),
        ("error", span.error or None),
        ("input", span.input),
        ("output", span.output),
        ("metadata", span.metadata or None),
        ("tags", span.tags or None),
    ):
        if given is not None:
            yield f"{name}={json.dumps(given)}"
    yield from (f"{key.rpartition('.')[2]}={attributes[key]}" for key in USAGE if key in attributes)
    if "diptych.prompt" in attributes:
        prompt = json.loads(attributes["diptych.prompt"])
        yield f'prompt="{prompt["id"]}" {prompt["version"]}'


def printed_tree(spans: list[RecordedSpan], parent_id: str = "", depth: int = 0) -> Iterator[str]:
    known = {span.span_id for span in spans}
    for span in sorted(spans, key=lambda span: span.start_ns):
        if span.parent_id == parent_id or (not parent_id and span.parent_id not in known):
            yield "  " * depth + " ".join(printed_span(span))
            yield from printed_tree(spans, span.span_id, depth + 1)


def printed_evaluations(evaluations: Iterable[dict[str, Any]]) -> Iterator[str]:
    for item in evaluations:
        said = ", ".join(item[key] for key in ("assessment", "reasoning") if key in item)
        [what] = item["join_on"]
        who = f" by {item['source']}" if "source" in item else ""
        yield (
            f"evaluation {item['label']}={json.dumps(item['value'])} of a {what}{who}"
            + (f": {said}" if said else "")
        )


@pytest.mark.parametrize(("code", "printed"), EXAMPLES)
def test_an_example_records_what_is_printed(
    code: str, printed: str, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    attach(Context())
    names: dict[str, Any] = {"LLMObs": LLMObs, "__name__": "example"}
    if "LLMObs.enable(" in code:
        monkeypatch.setenv("DIPTYCH_URL", receiver.url)
        monkeypatch.setenv("DIPTYCH_KEY", "k")
        exec(code, names)  # the guide's own code is what is tested
        assert [f'task "{span.name}"' for span in receiver.spans] == printed.splitlines()
        return
    if "testing.record" in code:
        exec(code, names)
        return
    with testing.record() as recorded:
        exec(code, names)
    lines = [*printed_tree(recorded.spans), *printed_evaluations(recorded.evaluations)]
    assert lines == printed.splitlines()


def test_every_call_has_an_example() -> None:
    code = "\n".join(code for code, _ in EXAMPLES)
    calls = [name for name, _ in inspect.getmembers(LLMObs, inspect.ismethod) if not name.startswith("_")]
    assert len(calls) == 20
    assert [name for name in calls if f"LLMObs.{name}(" not in code] == []
    assert [name for name in decorators.__all__ if not re.search(rf"import .*\b{name}\b", code)] == []


def test_every_variable_is_in_the_table() -> None:
    assert [setting.env for setting in SETTINGS if f"`{setting.env}`" not in TEXT] == []
