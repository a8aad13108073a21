"""`GET /api/v1/evaluations/summary`: what was judged, how it went, and how far the sources agree."""

from typing import Literal

import msgspec

from diptych_server.wire.explore import Point

Group = Literal["model", "prompt", "ml_app"]


class LabelSummary(msgspec.Struct, kw_only=True):
    """One label of one source."""

    label: str
    source: str
    count: int
    """Judgements; each counts once, as its latest version says."""
    passed: int
    failed: int
    """`passed` and `failed` are fewer than all where some have no verdict."""
    score: float | None
    """Mean of the scores; of behaviour the mean confidence. Null where there are none."""
    pass_rates: list[Point]
    """Share of verdicts that pass, a step; null where there is none."""
    counts: list[Point]
    query: str
    """The search of answers that lists them."""


class GroupSummary(msgspec.Struct, kw_only=True):
    """Verdicts on the traces of one model, prompt or application, without those of behaviour."""

    value: str
    label: str
    passed: int
    failed: int
    query: str


class Agreement(msgspec.Struct, kw_only=True):
    """Two sources on the same answers. Of several verdicts of a source on one answer a fail counts."""

    one: str
    other: str
    both_pass: int
    both_fail: int
    only_one_passes: int
    only_other_passes: int
    query: str
    """The search that lists where they differ."""


class Calibration(msgspec.Struct, kw_only=True):
    """One kind of behaviour against what the same people said with a thumb."""

    kind: str
    verdict: Literal["pass", "fail"]
    """What the behaviour speaks for."""
    answers: int
    confidence: float | None
    """Mean of what the rule says of itself."""
    thumbs_up: int
    thumbs_down: int
    query: str
    """The search that lists the answers with both."""


class EvaluationSummary(msgspec.Struct, kw_only=True):
    """All of it, of one period."""

    step_ms: int
    labels: list[LabelSummary]
    groups: list[GroupSummary]
    by: Group
    agreement: list[Agreement]
    calibration: list[Calibration]
    thumbs_up: int
    """Answers with a thumb up and none down: what behaviour has to beat."""
    thumbs_down: int
