"""`/api/v2/llmobs` (by the EVP proxy or agentless): LLM Observability spans as JSON."""

from typing import Any

import msgspec

from diptych_server.errors import BadRequest
from diptych_server.intake.batch import Batch
from diptych_server.intake.datadog import loose_json
from diptych_server.intake.datadog.llm_span import SpanMaker
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.door import Parcel, work
from diptych_server.intake.drops import Drops
from diptych_server.intake.reasons import DECODE_ERRORS, Reasons, explain
from diptych_server.intake.reply import Reply, accepted
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import SpanRow
from diptych_server.wire.acceptance import Acceptance
from diptych_server.wire.datadog_span import Envelope, LlmEvent


class LlmObsDoor:
    """Stores the spans of envelopes."""

    def __init__(self, batch: Batch, drops: Drops, rules: Rules) -> None:
        self._batch = batch
        self._drops = drops
        self._rules = rules

    async def take(self, parcel: Parcel) -> Reply:
        """Store one request; a bad span costs no other anything.

        Raises:
            BadRequest: the body is no array of envelopes.
        """
        rows, reasons = await work(parcel.body, self.read, parcel.body, parcel.delivery)
        await self._batch.add(rows)
        return accepted(Acceptance(accepted=len(rows), rejected=reasons.rejected, reasons=reasons.items))

    def read(self, body: bytes, delivery: Delivery) -> tuple[list[SpanRow], Reasons]:
        """Rows of the good spans, and reasons of the others."""
        make = SpanMaker(delivery, self._drops)
        reasons = Reasons()
        rows: list[SpanRow] = []
        for index, value in enumerate(self._events(body)):
            try:
                event = msgspec.convert(value, LlmEvent, strict=False)
            except msgspec.ValidationError as exc:
                reasons.add_error(index, exc)
                continue
            if (row := make.row(event)) is not None:
                rows.append(row)
        self._drops.lost("trace.malformed", reasons.rejected)
        return rows, reasons

    def _events(self, body: bytes) -> list[Any]:
        try:
            value = loose_json.decode(body)
            envelopes = msgspec.convert(value if isinstance(value, list) else [value], list[Envelope])
        except DECODE_ERRORS as exc:
            where, expected, got = explain(exc)
            raise BadRequest(f"expected {expected}, got {got}", where=where) from exc
        return [self._rules.value(event) for envelope in envelopes for event in envelope.spans]
