"""What an OTLP exporter is answered, in the encoding in which it asked."""

from collections.abc import Mapping

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from diptych_server.intake.otlp import JSON
from diptych_server.intake.reasons import Reasons
from diptych_server.wire.otlp import ExportAnswer, PartialSuccess

MAX_REASONS = 10


def traces_answer(reasons: Reasons, content_type: str) -> bytes:
    """ExportTraceServiceResponse: empty, or how many spans were refused and why; 0 with what all do without.

    https://opentelemetry.io/docs/specs/otlp/#partial-success-1
    """
    without = [f"kept without {part}" for part in reasons.without[:MAX_REASONS]]
    count, message = reasons.rejected, "; ".join(filter(None, [_listed("span", reasons), *without]))
    if content_type == JSON:
        return _json(PartialSuccess(rejected_spans=str(count) if count else "", error_message=message))
    answer = ExportTraceServiceResponse()
    if message:
        answer.partial_success.rejected_spans = count
        answer.partial_success.error_message = message
    return answer.SerializeToString()


def logs_answer(reasons: Reasons, refused: Mapping[str, int], content_type: str) -> bytes:
    """ExportLogsServiceResponse: empty, or how many records were refused and why.

    Args:
        reasons: records that could not be read.
        refused: counts of records that are none of ours, by reason.
    """
    count = reasons.rejected + sum(refused.values())
    told = [f"{why}: {number}" for why, number in refused.items()]
    message = "; ".join(filter(None, [*told, _listed("record", reasons)]))
    if content_type == JSON:
        return _json(PartialSuccess(rejected_log_records=str(count) if count else "", error_message=message))
    answer = ExportLogsServiceResponse()
    if count:
        answer.partial_success.rejected_log_records = count
        answer.partial_success.error_message = message
    return answer.SerializeToString()


def _json(partial: PartialSuccess) -> bytes:
    return msgspec.json.encode(ExportAnswer(partial_success=partial if partial.error_message else None))


def _listed(what: str, reasons: Reasons) -> str:
    return "; ".join(
        f"{what} {reason.index}: {reason.where}: expected {reason.expected}, got {reason.got}"
        for reason in reasons.items[:MAX_REASONS]
    )
