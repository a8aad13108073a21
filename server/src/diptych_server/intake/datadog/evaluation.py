"""`/api/intake/llm-obs/v2/eval-metric`: evaluations and feedback, before or after what they judge."""

from hashlib import blake2b
from typing import Any

import msgspec

from diptych_server.errors import BadRequest
from diptych_server.intake import loose_json
from diptych_server.intake.batch import Batch
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.door import Parcel, work
from diptych_server.intake.drops import Drops
from diptych_server.intake.evaluation import HASH_BYTES, judged_rows
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.intake.reply import Reply, accepted
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import EvaluationRow
from diptych_server.wire.acceptance import Acceptance
from diptych_server.wire.datadog_evaluation import EvaluationsBody, Metric
from diptych_server.wire.evaluation import EvaluationItem

FEEDBACK = "feedback"
"""`event_kind` of what a person said."""


class EvaluationsDoor:
    """Stores the judgements of one body."""

    def __init__(self, batch: Batch, drops: Drops, rules: Rules) -> None:
        self._batch = batch
        self._drops = drops
        self._rules = rules

    async def take(self, parcel: Parcel) -> Reply:
        """Store one request; a bad judgement costs no other anything.

        Raises:
            BadRequest: the body holds no metrics.
        """
        rows, reasons = await work(parcel.body, self.read, parcel.body, parcel.delivery)
        await self._batch.add(rows)
        return accepted(Acceptance(accepted=len(rows), rejected=reasons.rejected, reasons=reasons.items))

    def read(self, body: bytes, delivery: Delivery) -> tuple[list[EvaluationRow], Reasons]:
        """Rows of the good metrics, and reasons of the others."""
        try:
            metrics = msgspec.convert(loose_json.decode(body), EvaluationsBody).data.attributes.metrics
        except DECODE_ERRORS as exc:
            where, expected, got = explain(exc)
            raise BadRequest(f"expected {expected}, got {got}", where=where) from exc
        return judged_rows(metrics, self._item, delivery, self._drops)

    def _item(self, value: object) -> EvaluationItem:
        return item_of(msgspec.convert(self._rules.value(value), Metric))


def item_of(metric: Metric) -> EvaluationItem:
    """A metric in our own words.

    Raises:
        msgspec.ValidationError: an id or a name that cannot be one.
    """
    is_feedback = metric.event_kind == FEEDBACK
    item: dict[str, Any] = {
        # A judgement sent again is the same one; a new verdict of the same measure is another.
        "evaluation_id": blake2b(msgspec.json.encode(metric), digest_size=HASH_BYTES).hexdigest(),
        "label": metric.label,
        "metric_type": metric.metric_type,
        "value": getattr(metric, f"{metric.metric_type}_value", None),
        "join_on": _feedback_target(metric) if is_feedback else _judged(metric),
        "assessment": metric.assessment or None,
        "reasoning": metric.reasoning,
        "source": "human" if is_feedback else "code",
        "submitter": msgspec.to_builtins(metric.submitter) if metric.submitter else None,
        "timestamp_ms": metric.timestamp_ms,
        "tags": metric.tags,
        "metadata": metric.metadata,
    }
    return msgspec.convert(item, EvaluationItem)


def _judged(metric: Metric) -> dict[str, Any]:
    join = metric.join_on
    if join is None:
        return {}
    if join.tag is not None:
        return {"tag": {"key": join.tag.key, "value": join.tag.value}}
    if join.span is None:
        return {}
    if metric.eval_scope == "trace":
        return {"trace": join.span.trace_id}
    return {"span": {"span_id": join.span.span_id, "trace_id": join.span.trace_id}}


def _feedback_target(metric: Metric) -> dict[str, Any]:
    """Feedback names one thing; a span by its id alone."""
    named = {
        "span": {"span_id": metric.span_id} if metric.span_id else None,
        "trace": metric.trace_id,
        "session": metric.session_id,
        "feedback_key": metric.feedback_join_key,
    }
    return {name: value for name, value in named.items() if value}
