"""What people do with answers, as judgements of them: each `reaction` event of a page makes one.

    reaction                                         label              value     verdict  source
    thumbs_up, thumbs_down                           thumbs             up, down  by it    human
    copy                                             behaviour.copy     copy      pass     behaviour
    retry, rephrase, edit, stop, rage_click, leave   behaviour.<kind>   <kind>    fail     behaviour

Its confidence, from 0 to 1 by the rule of its kind, is the score.

A judgement names the answer's turn and waits there for the trace, whichever comes first. Its id is made of
the event's, so that a delivery repeated is one judgement. A page cannot name a judgement of a server's: all
ids of this door begin with `reaction:`, and of one id the first delivery stays.
"""

from collections.abc import Collection, Sequence
from typing import Any

import msgspec

from diptych_server.store.rows import EvaluationRow, RumEventRow

LABEL_PREFIX = "behaviour."
"""Before the kind, so that no measure of a team's own has the same name."""

THUMBS_LABEL = "thumbs"

THUMBS = {"thumbs_up": ("up", "pass"), "thumbs_down": ("down", "fail")}
"""Value and verdict of what the person says."""

VERDICTS = {
    "copy": "pass",
    "retry": "fail",
    "rephrase": "fail",
    "edit": "fail",
    "stop": "fail",
    "rage_click": "fail",
    "leave": "fail",
}
"""What each kind of behaviour speaks for."""

EVERY_PROJECT = "*"

MAX_ID_CHARACTERS = 128

_encode = msgspec.json.encode


class _Reaction(msgspec.Struct):
    kind: Any = ""
    answer_id: Any = ""
    after_ms: Any = None
    confidence: Any = None


class _Line(msgspec.Struct):
    reaction: _Reaction


_decode = msgspec.json.Decoder(_Line).decode


class Behaviour:
    """Makes judgements of reactions, but for the projects in which behaviour is no evidence."""

    def __init__(self, off: Collection[str] = ()) -> None:
        self._off = frozenset(off)

    def judgements(self, events: Sequence[RumEventRow]) -> list[EvaluationRow]:
        """The judgements that a batch's reactions are; a thumb is one in every project."""
        found = []
        for event in events:
            if event.type != "reaction":
                continue
            is_on = EVERY_PROJECT not in self._off and event.project_id not in self._off
            if event.reaction in THUMBS or (is_on and event.reaction in VERDICTS):
                judgement = _judgement(event)
                found += [judgement] if judgement else []
        return found


def _judgement(event: RumEventRow) -> EvaluationRow | None:
    """The judgement of one event; None where it names no answer."""
    try:
        said = _decode(event.raw).reaction
    except msgspec.DecodeError:
        return None
    answer_id = said.answer_id
    if not isinstance(answer_id, str) or not 0 < len(answer_id) <= MAX_ID_CHARACTERS:
        return None
    confidence = _number(said.confidence, most=1.0)
    is_thumb = event.reaction in THUMBS
    value, verdict = THUMBS[event.reaction] if is_thumb else (event.reaction, VERDICTS[event.reaction])
    metadata = {"kind": event.reaction, "confidence": confidence, "after_ms": _number(said.after_ms)}
    return EvaluationRow(
        project_id=event.project_id,
        evaluation_id=f"reaction:{event.event_id}",
        precedence=event.precedence,
        ts=event.ts,
        seen_at=event.seen_at,
        received_at=event.received_at,
        retention_days=event.retention_days,
        label=THUMBS_LABEL if is_thumb else f"{LABEL_PREFIX}{event.reaction}",
        metric_type="categorical",
        value=_encode(value).decode(),
        score=confidence,
        assessment=verdict,
        source="human" if is_thumb else "behaviour",
        submitter=event.user_id if is_thumb else "",
        session_id=event.session_id,
        turn_id=answer_id,
        metadata=_encode({key: each for key, each in metadata.items() if each is not None}).decode(),
    )


def _number(value: object, most: float | None = None) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return max(0.0, float(value) if most is None else min(float(value), most))
