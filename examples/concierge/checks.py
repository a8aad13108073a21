"""Checks of a finished answer, by code: does it stand on what the agent was given, and is it one at all."""

import re

from diptych import LLMObs

GROUNDED = "grounded"
ANSWERED = "answered"

_FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
_EXCUSES = ("could not find", "cannot promise", "could not look up", "did not answer")
_CLAIM = "in stock"


def submit_checks(answer: str, given: str) -> None:
    """Judges the current span's answer; `given` is what the model read: question, documents, tool results."""
    span = LLMObs.export_span()
    if span is None:
        return
    for label, fault in ((GROUNDED, ungrounded(answer, given)), (ANSWERED, unanswered(answer))):
        LLMObs.submit_evaluation(
            label,
            "boolean",
            not fault,
            span=span,
            assessment="fail" if fault else "pass",
            reasoning=fault or "Nothing against it was found.",
            source="code",
        )


def ungrounded(answer: str, given: str) -> str:
    """What the answer says that nothing it was given supports; empty when all of it is supported."""
    known = {_plain(figure) for figure in _FIGURE.findall(given)}
    grams = {f"{float(figure) / 1000:g}" for figure in known}
    figures = [figure for figure in _FIGURE.findall(answer) if _plain(figure) not in known | grams]
    if figures:
        return f"Stands in no document and no tool result: {', '.join(dict.fromkeys(figures))}."
    if _CLAIM in answer and '"online"' not in given.replace("\\", ""):
        return "Says that it is in stock; no answer of the warehouse says so."
    return ""


def unanswered(answer: str) -> str:
    """How the answer excuses itself; empty when it does not."""
    excuse = next((excuse for excuse in _EXCUSES if excuse in answer), "")
    return f"The answer says “{excuse}”." if excuse else ""


def _plain(figure: str) -> str:
    """A number as it is compared: 3,000 and 3000 are the same, and so are 4.90 and 4.9."""
    return f"{float(figure.replace(',', '')):g}" if figure.count(".") < 2 else figure
