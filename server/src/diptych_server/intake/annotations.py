"""Judgements that OpenInference writes on spans as flattened lists, as items of our evaluations door.

https://github.com/Arize-ai/openinference/tree/main/spec (annotations; `evaluations.` is their earlier name)
"""

from typing import Any, Literal

from diptych_server.intake.judgement import MAX_LABEL_CHARACTERS, NS_MS
from diptych_server.intake.messages import parse
from diptych_server.intake.otlp import Link, OtlpSpan
from diptych_server.intake.placing import inner, unflatten
from diptych_server.intake.usage import number
from diptych_server.wire.evaluation import EvaluationItem, JoinOn, Source, SpanKey
from diptych_server.wire.rum import MAX_ID_CHARACTERS

SCOPES: dict[str, Literal["span", "trace", "session"]] = {
    "annotations.": "span",
    "evaluations.": "span",
    "trace.annotations.": "trace",
    "trace.evaluations.": "trace",
    "session.annotations.": "session",
    "session.evaluations.": "session",
}
"""Prefix of a list -> what its judgements are of."""

_PREFIXES = tuple(SCOPES)

SOURCES: dict[str, Source] = {"HUMAN": "human", "LLM": "judge", "CODE": "code"}
"""`annotator_kind` -> who judged."""


def annotations(span: OtlpSpan) -> list[EvaluationItem]:
    """The judgements on a span; of another span where it only carries them, by its one link."""
    found = [key for key in span.attributes if key.startswith(_PREFIXES)]
    if not found:
        return []
    items = []
    for prefix, scope in SCOPES.items():
        pairs = {key[len(prefix) :]: span.attributes[key] for key in found if key.startswith(prefix)}
        if pairs and (join := _join(span, scope)) is not None:
            listed = (inner(inner(each, "annotation"), "evaluation") for each in unflatten(pairs))
            items += [_item(each, join, span) for each in listed if isinstance(each, dict)]
    return [item for item in items if item is not None]


def _join(span: OtlpSpan, scope: Literal["span", "trace", "session"]) -> JoinOn | None:
    judged: OtlpSpan | Link = span.links[0] if len(span.links) == 1 else span
    if scope == "session":
        session_id = span.attributes.get("session.id")
        is_id = isinstance(session_id, str) and 0 < len(session_id) <= MAX_ID_CHARACTERS
        return JoinOn(session=session_id) if is_id else None
    if scope == "trace":
        return JoinOn(trace=judged.trace_id)
    return JoinOn(span=SpanKey(span_id=judged.span_id, trace_id=judged.trace_id))


def _item(held: dict[str, Any], join: JoinOn, span: OtlpSpan) -> EvaluationItem | None:
    name, label, explanation = held.get("name"), held.get("label"), held.get("explanation")
    score = number(held.get("score"))
    label = label if isinstance(label, str) else ""
    if not isinstance(name, str) or not name or (score is None and not label):
        return None
    metadata = parse(held.get("metadata"))
    more = metadata if isinstance(metadata, dict) else {}
    identifier = held.get("identifier")
    return EvaluationItem(
        label=name[:MAX_LABEL_CHARACTERS],
        metric_type="categorical" if score is None else "score",
        value=label if score is None else score,
        join_on=join,
        reasoning=explanation if isinstance(explanation, str) else None,
        source=SOURCES.get(str(held.get("annotator_kind", "")).upper(), "judge"),
        submitter=identifier if isinstance(identifier, str) else None,
        timestamp_ms=span.end_ns // NS_MS or None,
        metadata=({"label": label} if label and score is not None else {}) | more or None,
    )
