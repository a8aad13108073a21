"""`/v1/logs`: what instrumentations tell of model calls as log records, beside or instead of their spans.

Kept are the events of the GenAI conventions: messages (joined to their span when read, in whichever order the
two arrive) and evaluation results. This is no store of logs: other records are refused, and said to be.
"""

from collections import Counter
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from diptych_server.intake import otlp_json, otlp_protobuf
from diptych_server.intake.cutting import cut_value
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.evaluation import evaluation_row
from diptych_server.intake.event_messages import told_in
from diptych_server.intake.export_answer import logs_answer
from diptych_server.intake.genai import EVALUATION_EVENT
from diptych_server.intake.judgement import judgement
from diptych_server.intake.messages import Message
from diptych_server.intake.otlp import JSON, LogRecord
from diptych_server.intake.reasons import Reasons
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import EvaluationRow, SpanMessagesRow, last_wins

NS_MS = 1_000_000
HASH_BYTES = 16

EVENT_NAME = "event.name"
"""The attribute that named an event before log records had a field for it."""

_encode = msgspec.json.encode


class LogsRead(NamedTuple):
    """Rows to store, and the answer to give once they are stored."""

    messages: list[SpanMessagesRow]
    evaluations: list[EvaluationRow]
    answer: bytes


class LogIntake:
    """Makes rows of the records of one request."""

    def __init__(self, rules: Rules, drops: Drops) -> None:
        self._rules = rules
        self._drops = drops

    def read(self, body: bytes, content_type: str, delivery: Delivery) -> LogsRead:
        """Rows of the records that tell of a model call; a bad record costs no other record anything.

        Raises:
            BadRequest: the body is no request of OTLP.
        """
        reasons = Reasons()
        encoding = otlp_json if content_type == JSON else otlp_protobuf
        messages: list[SpanMessagesRow] = []
        evaluations: list[EvaluationRow] = []
        refused: Counter[str] = Counter()
        for record in encoding.log_records(body, reasons):
            made = _row(self._cleaned(record), delivery)
            if isinstance(made, SpanMessagesRow):
                messages.append(made)
            elif isinstance(made, EvaluationRow):
                evaluations.append(made)
            else:
                refused[made] += 1
        self._drops.lost("log.malformed", reasons.rejected)
        for why, count in refused.items():
            self._drops.lost(f"log.{why.replace(' ', '_')}", count)
        return LogsRead(messages, evaluations, logs_answer(reasons, refused, content_type))

    def _cleaned(self, record: LogRecord) -> LogRecord:
        if not self._rules:
            return record
        return record._replace(
            body=self._rules.value(record.body), attributes=self._rules.value(record.attributes)
        )


def _row(record: LogRecord, delivery: Delivery) -> SpanMessagesRow | EvaluationRow | str:
    """The row of a record, or why there is none."""
    held = {**record.attributes, **record.body} if isinstance(record.body, dict) else record.attributes
    name = record.event_name or str(held.get(EVENT_NAME, ""))
    if name == EVALUATION_EVENT:
        item = judgement(record.trace_id, record.span_id, record.time_ns, held)
        return evaluation_row(item, delivery) if item else "evaluation without name, result or span"
    told = told_in(name, held)
    if not (told.input or told.output):
        return "no event of a model call"
    if not (record.trace_id and record.span_id):
        return "no span"
    entered, came = _json(told.input), _json(told.output)
    digest = blake2b(f"{record.time_ns}\n{name}\n{entered}\n{came}".encode(), digest_size=HASH_BYTES)
    return SpanMessagesRow(
        project_id=delivery.project_id,
        trace_id=record.trace_id,
        span_id=record.span_id,
        record_id=digest.hexdigest(),
        precedence=last_wins(delivery.received_at_ms),
        time_ns=record.time_ns,
        seen_at=delivery.seen_at(record.time_ns // NS_MS or delivery.received_at_ms),
        received_at=delivery.received_at_ms,
        retention_days=delivery.retention_days,
        event_name=name,
        input=entered,
        output=came,
    )


def _json(found: list[Message]) -> str:
    kept = [message for message in found if message["parts"]]
    return _encode(cut_value(kept)).decode() if kept else ""
