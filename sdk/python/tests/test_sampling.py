"""Sampling keeps whole traces, and every trace with an error."""

from __future__ import annotations

import contextlib

from diptych import LLMObs

from .receiver import Receiver


def test_share_of_traces_and_all_errors(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", sample_rate=0.25, strict=True)
    for number in range(400):
        with contextlib.suppress(KeyError), LLMObs.workflow("root"), LLMObs.agent("agent"):
            with LLMObs.tool("tool"):
                pass
            if number % 10 == 0:
                raise KeyError(number)
    assert LLMObs.flush()
    dropped = LLMObs.dropped()
    LLMObs.disable()

    traces: dict[str, list[str]] = {}
    for span in receiver.spans:
        traces.setdefault(span.trace_id, []).append(span.name)
    assert all(sorted(names) == ["agent", "root", "tool"] for names in traces.values())
    failed = {span.trace_id for span in receiver.spans if span.status == 2}
    assert len(failed) == 40
    assert 50 < len(traces) - len(failed) < 140
    assert dropped == {"sampled_out": 3 * (400 - len(traces))}


def test_nothing_but_errors(receiver: Receiver) -> None:
    LLMObs.enable(url=receiver.url, key="k", sample_rate=0, strict=True)
    with LLMObs.workflow("fine"):
        pass
    with contextlib.suppress(KeyError), LLMObs.workflow("failed"):
        raise KeyError
    LLMObs.disable()
    assert [span.name for span in receiver.spans] == ["failed"]
