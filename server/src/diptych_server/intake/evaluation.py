"""`/v1/evaluations`: judgements become rows of `evaluations`, whether or not what they judge has arrived."""

from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, TypeVar

import msgspec

from diptych_server.errors import BadRequest
from diptych_server.intake import loose_json
from diptych_server.intake.cutting import cut, cut_value
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.intake.usage import number
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import EvaluationRow, first_wins
from diptych_server.wire.evaluation import (
    EvaluationItem,
    EvaluationsRequest,
    JoinOn,
    LooseEvaluationsRequest,
    Submitter,
)

Value = TypeVar("Value")

HASH_BYTES = 16
TIE_BITS = 20
"""Of a verdict's hash, below its time: two verdicts of one moment have an order that no delivery changes."""

VALUE_TYPES: dict[str, tuple[type, ...]] = {
    "categorical": (str,),
    "text": (str,),
    "score": (int, float),
    "boolean": (bool,),
}
"""What `value` must be for each `metric_type`; json takes all."""

KEPT = frozenset({"label", "join_on", "evaluation_id", "timestamp_ms"})
"""Parts of an item that no privacy rule touches."""

_decode = msgspec.json.Decoder(EvaluationsRequest).decode
_decode_item = msgspec.json.Decoder(EvaluationItem).decode
_encode = msgspec.json.encode


class EvaluationIntake:
    """Makes rows of the judgements of one body."""

    def __init__(self, rules: Rules, drops: Drops) -> None:
        self._rules = rules
        self._drops = drops

    def read(self, body: bytes, delivery: Delivery) -> tuple[list[EvaluationRow], Reasons]:
        """Rows of the good items, and reasons of the others.

        Raises:
            BadRequest: the body is no `{"evaluations": […]}`.
        """
        try:
            body.decode()
            items = _decode(body).evaluations
        except DECODE_ERRORS as exc:
            return judged_rows(_loose(body, exc), self._loose_item, delivery, self._drops)
        return judged_rows(items, lambda raw: _decode_item(self._clean(raw)), delivery, self._drops)

    def _loose_item(self, value: Any) -> EvaluationItem:
        return msgspec.convert(self._rules.value(value, KEPT), EvaluationItem)

    def _clean(self, raw: msgspec.Raw) -> bytes:
        if not self._rules:
            return bytes(raw)
        return _encode(self._rules.value(msgspec.json.decode(raw), KEPT))


def _loose(body: bytes, error: Exception) -> list[Any]:
    """Items of a body in which something is no JSON, such as the NaN that Python writes all the same.

    Raises:
        BadRequest: it is nothing near JSON, or holds no list of items.
    """
    try:
        return msgspec.convert(loose_json.decode(body), LooseEvaluationsRequest).evaluations
    except DECODE_ERRORS:
        where, expected, got = explain(error)
        raise BadRequest(f"expected {expected}, got {got}", where=where) from error


def judged_rows(
    values: Iterable[Value], read: Callable[[Value], EvaluationItem], delivery: Delivery, drops: Drops
) -> tuple[list[EvaluationRow], Reasons]:
    """Rows of the good judgements, and reasons of the others; those are counted as dropped.

    Args:
        values: as they were sent.
        read: makes an item of one; what it cannot read it refuses with one of `DECODE_ERRORS`.
        delivery: what brought them.
        drops: where the others are counted.
    """
    rows: list[EvaluationRow] = []
    reasons = Reasons()
    for index, value in enumerate(values):
        try:
            item = read(value)
        except DECODE_ERRORS as exc:
            reasons.add_error(index, exc)
            continue
        if (fault := fault_of(item)) is not None:
            reasons.add(index, *fault)
            continue
        rows.append(evaluation_row(item, delivery))
    drops.lost("evaluation.malformed", reasons.rejected)
    return rows, reasons


def fault_of(item: EvaluationItem) -> tuple[str, str, str] | None:
    """Where, expected, got: of what the types of the fields do not say."""
    if item.join_on == JoinOn():
        return "$.join_on", "one of span, trace, session, turn, tag, feedback_key", "none"
    expected = VALUE_TYPES.get(item.metric_type)
    if expected is None:
        return None
    is_boolean = isinstance(item.value, bool)
    if not isinstance(item.value, expected) or (is_boolean and item.metric_type == "score"):
        got = "null, or NaN" if item.value is None else type(item.value).__name__
        return "$.value", f"a value of {item.metric_type}", got
    return None


def evaluation_row(item: EvaluationItem, delivery: Delivery) -> EvaluationRow:
    """The row of a judgement."""
    is_page = delivery.key_kind == "client"
    join = item.join_on
    ts = delivery.received_at_ms if item.timestamp_ms is None else item.timestamp_ms
    source = "human" if is_page else (item.source or "code")
    submitter = item.submitter.id if isinstance(item.submitter, Submitter) else item.submitter or ""
    value = _encode(cut_value(item.value)).decode()
    return EvaluationRow(
        project_id=delivery.project_id,
        evaluation_id=_evaluation_id(item, source, submitter, value, is_page),
        precedence=first_wins(delivery.received_at_ms) if is_page else _precedence(ts, value),
        ts=ts,
        seen_at=delivery.seen_at(ts),
        received_at=delivery.received_at_ms,
        retention_days=delivery.retention_days,
        label=item.label,
        metric_type=item.metric_type,
        value=value,
        score=number(item.value) if item.metric_type == "score" else None,
        assessment=item.assessment or "",
        reasoning=cut(item.reasoning or ""),
        source=source,
        submitter=submitter,
        trace_id=_trace_id(join),
        span_id=join.span.span_id if join.span else "",
        session_id=join.session or "",
        turn_id=join.turn or "",
        join_tag_key=join.tag.key if join.tag else "",
        join_tag_value=join.tag.value if join.tag else "",
        feedback_key=join.feedback_key or "",
        tags=_tags(item.tags),
        metadata=_encode(cut_value(item.metadata or {})).decode(),
    )


def _trace_id(join: JoinOn) -> str:
    trace_id = (join.span.trace_id if join.span else join.trace) or ""
    return trace_id.lower() if len(trace_id) == 32 else trace_id


def _evaluation_id(item: EvaluationItem, source: str, submitter: str, value: str, is_page: bool) -> str:
    """Names the verdict: the same delivery again gives the same id.

    A server's later verdict of the same judge takes the place of the earlier one. A page's never does: its
    key is public, so what it says is part of the name, and no page can name a row of the server's.
    """
    own = item.evaluation_id
    if own and not is_page:
        return own
    named: list[Any] = [item.label, item.join_on, source, submitter]
    if is_page:
        named += [own, item.timestamp_ms, value, item.assessment, item.reasoning]
    digest = blake2b(_encode(named), digest_size=HASH_BYTES).hexdigest()
    return f"page-{digest}" if is_page else digest


def _precedence(ts_ms: int, value: str) -> int:
    tie = int.from_bytes(blake2b(value.encode(), digest_size=4).digest(), "big") >> (32 - TIE_BITS)
    return (ts_ms << TIE_BITS) | tie


def _tags(tags: dict[str, str | int | float | bool] | list[str] | None) -> dict[str, str]:
    if isinstance(tags, list):
        return dict(tag.partition(":")[::2] for tag in tags if tag)
    return {
        key: cut(value if isinstance(value, str) else _encode(value).decode())
        for key, value in (tags or {}).items()
    }
