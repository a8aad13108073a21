"""`/v1/traces`: OTLP spans become rows of `spans`."""

from typing import NamedTuple

import msgspec
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from diptych_server.intake import otlp_json, otlp_protobuf
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.otlp import JSON
from diptych_server.intake.reasons import Reasons
from diptych_server.intake.span import Sender, row
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import SpanRow
from diptych_server.wire.otlp import ExportAnswer, PartialSuccess


class TracesRead(NamedTuple):
    """Rows to store, and the answer to give once they are stored."""

    rows: list[SpanRow]
    answer: bytes


class TraceIntake:
    """Makes rows of the spans of one request."""

    def __init__(self, rules: Rules, drops: Drops) -> None:
        self._rules = rules
        self._drops = drops

    def read(self, body: bytes, content_type: str, delivery: Delivery) -> TracesRead:
        """Rows of the good spans; a bad span costs no other span anything.

        Raises:
            BadRequest: the body is no request of OTLP.
        """
        reasons = Reasons()
        encoding = otlp_json if content_type == JSON else otlp_protobuf
        groups = encoding.span_groups(body, reasons)
        rows = []
        for group in groups:
            sender = Sender(group)
            rows += [row(span, sender, delivery) for span in group.spans]
        self._drops.lost("trace.malformed", reasons.rejected)
        return TracesRead(rows, _answer(reasons, content_type))


def _answer(reasons: Reasons, content_type: str) -> bytes:
    message = "; ".join(
        f"span {reason.index}: {reason.where}: expected {reason.expected}, got {reason.got}"
        for reason in reasons.items[:10]
    )
    if content_type == JSON:
        partial = PartialSuccess(rejected_spans=str(reasons.rejected), error_message=message)
        return msgspec.json.encode(ExportAnswer(partial_success=partial if reasons.rejected else None))
    answer = ExportTraceServiceResponse()
    if reasons.rejected:
        answer.partial_success.rejected_spans = reasons.rejected
        answer.partial_success.error_message = message
    return answer.SerializeToString()
