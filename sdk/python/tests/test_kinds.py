from __future__ import annotations

from diptych import LLMObs

from .receiver import Receiver


def test_one(llmobs: type[LLMObs], receiver: Receiver) -> None:
    with llmobs.workflow("w"):
        pass
    assert llmobs.flush()
    assert [span.name for span in receiver.spans] == ["w"]
