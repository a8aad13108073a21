"""`POST /api/v1/evaluations`: what a colleague makes of a span, trace, session or answer, from the UI."""

from time import time_ns
from typing import Annotated, Literal

import msgspec
from litestar import post
from litestar.params import SkipValidation

from diptych_server.app.gate import Caller, require_person
from diptych_server.app.services import Services
from diptych_server.errors import BadRequest
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.evaluation import evaluation_row, fault_of
from diptych_server.wire.comment import Author
from diptych_server.wire.evaluation import EvaluationItem, JoinOn, Label, MetricType, SpanKey
from diptych_server.wire.rum import Id


class Judged(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What is judged: one of these; a span with its trace."""

    session_id: Id | None = None
    trace_id: Id | None = None
    span_id: Id | None = None
    turn_id: Id | None = None


class NewEvaluation(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A judgement of a person of the team; a later one of the same label, person and thing replaces it."""

    submitter: Author
    """As the person calls themselves: a sign-in has no name yet."""
    target: Judged
    label: Label
    metric_type: MetricType = "categorical"
    value: str | int | float | bool
    assessment: Literal["pass", "fail"] | None = None
    reasoning: Annotated[str, msgspec.Meta(max_length=10_000)] | None = None


class EvaluationStored(msgspec.Struct, kw_only=True):
    """The id that the judgement has for ever."""

    evaluation_id: str


@post("/api/v1/evaluations", tags=["Evaluations"], summary="Judge something by hand")
async def post_evaluation(
    services: SkipValidation[Services], caller: SkipValidation[Caller], data: NewEvaluation
) -> EvaluationStored:
    """By people who are signed in, source `human`; programs send theirs to `/v1/evaluations`."""
    require_person(caller)
    item = EvaluationItem(
        label=data.label,
        metric_type=data.metric_type,
        value=data.value,
        join_on=_join(data.target),
        assessment=data.assessment,
        reasoning=data.reasoning or None,
        source="human",
        submitter=data.submitter,
    )
    if (fault := fault_of(item)) is not None:
        where, expected, got = fault
        raise BadRequest(f"expected {expected}, got {got}", where=where.removeprefix("$."))
    now_ms = time_ns() // 1_000_000
    delivery = Delivery(
        project_id=caller.project_id,
        key_kind="server",
        received_at_ms=now_ms,
        clock_offset_ms=None,
        retention_days=services.settings.retention_days,
    )
    row = evaluation_row(item, delivery)
    await services.batch.add([row])
    return EvaluationStored(evaluation_id=row.evaluation_id)


def _join(target: Judged) -> JoinOn:
    """What the judgement is joined to.

    Raises:
        BadRequest: nothing, or several things.
    """
    match target:
        case Judged(trace_id=str(trace_id), span_id=str(span_id), session_id=None, turn_id=None):
            if len(span_id) <= 32:
                return JoinOn(span=SpanKey(span_id=span_id, trace_id=trace_id))
        case Judged(trace_id=str(trace_id), span_id=None, session_id=None, turn_id=None):
            return JoinOn(trace=trace_id)
        case Judged(trace_id=None, span_id=None, session_id=str(session_id), turn_id=None):
            return JoinOn(session=session_id)
        case Judged(trace_id=None, span_id=None, session_id=None, turn_id=str(turn_id)):
            return JoinOn(turn=turn_id)
    raise BadRequest("expected session_id, trace_id, turn_id, or span_id with its trace_id", where="target")
