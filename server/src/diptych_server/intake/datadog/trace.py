"""`/v0.4/traces` and `/v0.5/traces`: chunks of APM spans, some of which carry an LLM Observability event.

Only those become spans here. An APM span without an event is another product's, or one whose event came by
another way or was dropped by the program itself: it is never made into an LLM span, and counted.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from diptych_server.errors import BadRequest
from diptych_server.intake import loose_json
from diptych_server.intake.batch import Batch
from diptych_server.intake.datadog.llm_span import ChunkContext, SpanMaker
from diptych_server.intake.delivery import Delivery
from diptych_server.intake.door import Parcel, work
from diptych_server.intake.drops import Drops
from diptych_server.intake.reasons import DECODE_ERRORS, explain
from diptych_server.intake.reply import Reply
from diptych_server.privacy.rules import Rules
from diptych_server.store.rows import SpanRow
from diptych_server.wire.datadog_span import ApmSpan, LlmEvent

Made = TypeVar("Made")

ANSWER = b'{"rate_by_service":{"service:,env:":1.0}}'
"""An empty body makes the client say that the agent answered nothing, and count the traces as dropped."""

APM_SPAN = "datadog.apm_span"
"""Counts APM spans without an event."""

EVENT = "_llmobs"

_decode_chunks = msgspec.msgpack.Decoder(list[list[ApmSpan]]).decode
_decode_loose = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_decode_span = msgspec.msgpack.Decoder(ApmSpan).decode
_decode_any = msgspec.msgpack.Decoder().decode
_decode_v05 = msgspec.msgpack.Decoder(tuple[list[msgspec.Raw], list[list[msgspec.Raw]]]).decode


class TracesDoor:
    """Stores the LLM Observability spans among the spans of a tracer."""

    def __init__(self, batch: Batch, drops: Drops, rules: Rules) -> None:
        self._batch = batch
        self._drops = drops
        self._rules = rules

    async def take_v04(self, parcel: Parcel) -> Reply:
        """Store one payload.

        Raises:
            BadRequest: it is no array of chunks.
        """
        await self._batch.add(await work(parcel.body, self.read, parcel.body, parcel.delivery))
        return Reply(200, ANSWER)

    async def take_v05(self, parcel: Parcel) -> Reply:
        """Count one payload: this format has no place for an event.

        Raises:
            BadRequest: it is no table of strings with chunks.
        """
        try:
            _, chunks = _decode_v05(parcel.body)
        except DECODE_ERRORS as exc:
            raise _bad(exc) from exc
        self._drops.lost(APM_SPAN, sum(len(chunk) for chunk in chunks))
        return Reply(200, ANSWER)

    def read(self, body: bytes, delivery: Delivery) -> list[SpanRow]:
        """Rows of the spans that carry an event; a bad span costs no other anything."""
        make = SpanMaker(delivery, self._drops)
        return [row for chunk in self._chunks(body) for row in self._rows(chunk, make)]

    def _rows(self, chunk: list[ApmSpan], make: SpanMaker) -> list[SpanRow]:
        context = ChunkContext.of(chunk)
        rows: list[SpanRow] = []
        for span in chunk:
            if (packed := (span.meta_struct or {}).get(EVENT)) is None:
                self._drops.lost(APM_SPAN)
                continue
            try:
                value = self._rules.value(loose_json.plain(_decode_any(packed)))
                event = msgspec.convert(whole(value, span, context), LlmEvent, strict=False)
            except DECODE_ERRORS:
                self._drops.lost("trace.malformed")
                continue
            if (row := make.row(event, context)) is not None:
                rows.append(row)
        if context.session_claim and not any(row.session_claim for row in rows):
            return [row._replace(session_claim=context.session_claim) for row in rows]
        return rows

    def _chunks(self, body: bytes) -> list[list[ApmSpan]]:
        try:
            return _decode_chunks(body)
        except DECODE_ERRORS:
            return self._good_spans(body)

    def _good_spans(self, body: bytes) -> list[list[ApmSpan]]:
        """The spans that can be read, where some cannot."""
        try:
            chunks = _decode_loose(body)
        except DECODE_ERRORS as exc:
            raise _bad(exc) from exc
        good = []
        for chunk in chunks:
            spans = self._good(chunk, _decode_loose) or []
            good.append([span for raw in spans if (span := self._good(raw, _decode_span)) is not None])
        return good

    def _good(self, raw: msgspec.Raw, decode: Callable[[msgspec.Raw], Made]) -> Made | None:
        """One chunk or span; None where it cannot be read, which is counted."""
        try:
            return decode(raw)
        except DECODE_ERRORS:
            self._drops.lost("trace.malformed")
            return None


def whole(value: Any, span: ApmSpan, context: ChunkContext) -> Any:
    """An event with what its outer span says, as the JSON transport would have sent it."""
    if not isinstance(value, dict):
        return value
    outer = span.meta or {}
    is_error = bool(span.error)
    meta = value.get("meta")
    if is_error and isinstance(meta, dict) and not meta.get("error"):
        told = {part: outer.get(f"error.{part}") for part in ("message", "type", "stack")}
        value["meta"] = meta | {"error": told}
    tags = value.get("tags")
    if isinstance(tags, dict):
        value["tags"] = tags | {"error": "1" if is_error else "0"}
        if is_error and outer.get("error.type"):
            value["tags"]["error_type"] = outer["error.type"]
    internal = value.get("_dd")
    value["_dd"] = (internal if isinstance(internal, dict) else {}) | {"apm_trace_id": context.trace_id}
    return value | {
        "span_id": str(span.span_id),
        "start_ns": span.start,
        "duration": span.duration,
        "status": "error" if is_error else "ok",
        "name": value.get("name") or span.name or "",
        "service": span.service,
    }


def _bad(error: Exception) -> BadRequest:
    where, expected, got = explain(error)
    return BadRequest(f"msgpack: expected {expected}, got {got}", where=where)
