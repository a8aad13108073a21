"""Judgements told in the GenAI conventions (`gen_ai.evaluation.result`), as items of our evaluations door.

https://github.com/open-telemetry/semantic-conventions-genai (event gen_ai.evaluation.result)
"""

from diptych_server.intake.otlp import Attributes
from diptych_server.intake.usage import number
from diptych_server.wire.evaluation import EvaluationItem, JoinOn, SpanKey

NS_MS = 1_000_000
MAX_LABEL_CHARACTERS = 200

VERDICTS: dict[str, str] = {"pass": "pass", "passed": "pass", "fail": "fail", "failed": "fail"}
"""Labels of a score that are a verdict."""


def judgement(trace_id: str, span_id: str, time_ns: int, held: Attributes) -> EvaluationItem | None:
    """The judgement of a span; None where the event lacks a name, a result, or a span to judge."""
    name = held.get("gen_ai.evaluation.name")
    score = number(held.get("gen_ai.evaluation.score.value"))
    label = held.get("gen_ai.evaluation.score.label")
    label = label if isinstance(label, str) else ""
    if not isinstance(name, str) or not name or not trace_id or (score is None and not label):
        return None
    explanation = held.get("gen_ai.evaluation.explanation")
    join = JoinOn(span=SpanKey(span_id=span_id, trace_id=trace_id)) if span_id else JoinOn(trace=trace_id)
    verdict = VERDICTS.get(label.lower())
    return EvaluationItem(
        label=name[:MAX_LABEL_CHARACTERS],
        metric_type="categorical" if score is None else "score",
        value=label if score is None else score,
        join_on=join,
        assessment="pass" if verdict == "pass" else "fail" if verdict == "fail" else None,
        reasoning=explanation if isinstance(explanation, str) else None,
        source="judge",
        timestamp_ms=time_ns // NS_MS or None,
        metadata={"label": label} if label and score is not None else None,
    )
