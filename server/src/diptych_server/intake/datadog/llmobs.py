"""`/api/v2/llmobs` (by the EVP proxy or agentless): LLM Observability spans as JSON."""

from typing import Any

import msgspec

from diptych_server.errors import BadRequest
from diptych_server.intake import loose_json
from diptych_server.intake.batch import Batch
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
        """Rows of the good spans, and reasons of the others; an envelope that is none is one of these."""
        make = SpanMaker(delivery, self._drops)
        reasons = Reasons()
        rows: list[SpanRow] = []
        index = 0
        for place, sent in enumerate(_envelopes(body)):
            try:
                events = msgspec.convert(sent, Envelope).spans
            except msgspec.ValidationError as exc:
                where, expected, got = explain(exc)
                reasons.add(index, f"$[{place}]{where.removeprefix('$')}", expected, got)
                index += 1
                continue
            for event in events:
                try:
                    row = make.row(msgspec.convert(self._rules.value(event), LlmEvent, strict=False))
                    rows += [row] if row is not None else []
                except msgspec.ValidationError as exc:
                    reasons.add_error(index, exc)
                index += 1
        self._drops.lost("trace.malformed", reasons.rejected)
        return rows, reasons


def _envelopes(body: bytes) -> list[Any]:
    """What stands where envelopes do."""
    try:
        value = loose_json.decode(body)
        envelopes = value if isinstance(value, list) else [value]
        if envelopes and not any(isinstance(each, dict) for each in envelopes):
            msgspec.convert(envelopes, list[Envelope])
    except DECODE_ERRORS as exc:
        where, expected, got = explain(exc)
        raise BadRequest(f"expected {expected}, got {got}", where=where) from exc
    return envelopes
