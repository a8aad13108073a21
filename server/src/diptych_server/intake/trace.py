"""`/v1/traces`: OTLP spans become rows of `spans`, and judgements told on them rows of `evaluations`."""

from typing import NamedTuple

from diptych_server.intake import otlp_json, otlp_protobuf
from diptych_server.intake.annotations import annotations
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.evaluation import evaluation_row
from diptych_server.intake.export_answer import traces_answer
from diptych_server.intake.genai import EVALUATION_EVENT, NAMES
from diptych_server.intake.judgement import judgement
from diptych_server.intake.otlp import JSON, Group, OtlpSpan
from diptych_server.intake.reasons import Reasons
from diptych_server.intake.span import Sender, row
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import EvaluationRow, SpanRow
from diptych_server.wire.evaluation import EvaluationItem

JOINING = frozenset(
    name for column in ("session_id", "session_claim", "conversation_id") for name in NAMES[column]
)
"""Attributes that join spans to sessions: no privacy rule touches them."""


class TracesRead(NamedTuple):
    """Rows to store, and the answer to give once they are stored."""

    rows: list[SpanRow]
    evaluations: list[EvaluationRow]
    answer: bytes


class TraceIntake:
    """Makes rows of the spans of one request."""

    def __init__(self, rules: Rules, drops: Drops) -> None:
        self._rules = rules
        self._drops = drops

    def read(self, body: bytes, content_type: str, delivery: Delivery) -> TracesRead:
        """Rows of the good spans; a bad span costs no other span anything, and what is bad around spans none.

        Raises:
            BadRequest: the body is no request of OTLP.
        """
        reasons = Reasons()
        encoding = otlp_json if content_type == JSON else otlp_protobuf
        rows: list[SpanRow] = []
        evaluations: list[EvaluationRow] = []
        for group in encoding.span_groups(body, reasons):
            if self._rules:
                group = self._cleaned(group)
            sender = Sender(group)
            for span in group.spans:
                rows.append(row(span, sender, delivery))
                evaluations += [evaluation_row(item, delivery) for item in judgements(span)]
        self._drops.lost("trace.malformed", reasons.rejected)
        self._drops.lost("trace.malformed_part", reasons.parts_lost)
        return TracesRead(rows, evaluations, traces_answer(reasons, content_type))

    def _cleaned(self, group: Group) -> Group:
        """The group with the privacy rules applied to every text in it but names and ids."""
        clean = self._rules.value
        spans = [
            span._replace(
                attributes=clean(span.attributes, JOINING),
                events=[event._replace(attributes=clean(event.attributes)) for event in span.events],
                links=[link._replace(attributes=clean(link.attributes)) for link in span.links],
                status_message=clean(span.status_message),
            )
            for span in group.spans
        ]
        return Group(clean(group.resource), group.scope_name, group.scope_version, spans)


def judgements(span: OtlpSpan) -> list[EvaluationItem]:
    """Judgements that are told on a span: as its events, or among its attributes."""
    told = annotations(span)
    for event in span.events:
        if event.name == EVALUATION_EVENT:
            item = judgement(span.trace_id, span.span_id, event.time_ns, event.attributes)
            told += [item] if item else []
    return told
