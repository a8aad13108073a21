"""Who comes from ddtrace finds every argument of the calls that both have, by the same name and place."""

from __future__ import annotations

import inspect
import json
import os
import subprocess
import sys
from typing import Any

import pytest

from diptych import LLMObs, decorators

from .receiver import Receiver

READ = """
import inspect, json
from ddtrace.llmobs import LLMObs, decorators
found = {}
for owner, names in ((LLMObs, %r), (decorators, %r)):
    for name in names:
        parameters = inspect.signature(getattr(owner, name)).parameters
        found[f"{owner.__name__.rpartition('.')[2]}.{name}"] = [each for each in parameters if each[0] != "_"]
print(json.dumps(found))
"""

CALLS = (
    *("workflow", "agent", "llm", "tool", "task", "retrieval", "embedding"),
    *("annotate", "annotation_context", "export_span", "submit_evaluation", "submit_feedback"),
    *("inject_distributed_headers", "activate_distributed_headers", "register_processor", "disable", "flush"),
)

FIRST_ONLY = {"workflow": "version", "task": "version", "tool": "version", "retrieval": "version"}
"""ddtrace takes these in one signature for all kinds, and warns that only agents have them."""


@pytest.fixture(scope="module")
def theirs() -> dict[str, list[str]]:
    own = {name: value for name, value in os.environ.items() if not name.startswith(("DD_", "DIPTYCH_"))}
    program = READ % (CALLS, tuple(decorators.__all__))
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True, env=own
    )
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("name", CALLS)
def test_a_call_takes_what_ddtrace_s_takes_at_the_same_place(name: str, theirs: dict[str, list[str]]) -> None:
    expected = theirs[f"LLMObs.{name}"]
    assert list(inspect.signature(getattr(LLMObs, name)).parameters)[: len(expected)] == expected


@pytest.mark.parametrize("name", decorators.__all__)
def test_a_decorator_takes_what_ddtrace_s_takes(name: str, theirs: dict[str, list[str]]) -> None:
    _, *expected = theirs[f"decorators.{name}"]
    options: dict[str, Any] = dict.fromkeys(expected)
    options.pop(FIRST_ONLY.get(name, ""), None)

    # Found by its name, a decorator has no type.
    @getattr(decorators, name)(**options)  # type: ignore[untyped-decorator]
    def work() -> int:
        return 7

    assert work() == 7


def test_the_newer_name_of_the_application_is_one_for_decorators_too(
    llmobs: type[LLMObs], receiver: Receiver
) -> None:
    @decorators.agent(agent_service="bookshop")
    def concierge() -> None:
        llmobs.task("inside").finish()

    concierge()
    assert llmobs.flush()
    assert {span.attributes["diptych.ml_app"] for span in receiver.spans} == {"bookshop"}
