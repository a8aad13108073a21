"""`/datadog/api/v2/rum`: the lines of Datadog's browser SDK, which are the public RUM format already."""

import asyncio

import msgspec

from diptych_server.access.keys import Keyring
from diptych_server.intake.batch import Batch
from diptych_server.intake.behaviour import Behaviour
from diptych_server.intake.door import Parcel, work
from diptych_server.intake.drops import Drops
from diptych_server.intake.quota import Quota
from diptych_server.intake.reply import Reply, accepted
from diptych_server.intake.rum import RumIntake
from diptych_server.privacy.rules import Rules
from diptych_server.wire.acceptance import Acceptance

TELEMETRY = "telemetry"
_MARK = b'"telemetry"'


class _Kind(msgspec.Struct):
    type: str


_decode_kind = msgspec.json.Decoder(_Kind).decode


class RumDoor:
    """Stores RUM events; what the SDK says of itself is counted and let go."""

    def __init__(
        self, keyring: Keyring, batch: Batch, drops: Drops, rules: Rules, quota: Quota, behaviour: Behaviour
    ) -> None:
        self._rum = RumIntake(keyring, rules, quota, drops)
        self._behaviour = behaviour
        self._batch = batch
        self._drops = drops

    async def take(self, parcel: Parcel) -> Reply:
        """Store one batch."""
        body = self._without_telemetry(parcel.body)
        found, reasons = await work(body, self._rum.decode, body)
        for line in found:
            line.event.ddtags = line.event.ddtags or parcel.tags
        rows = self._rum.rows(found, reasons, parcel.delivery)
        await asyncio.gather(self._batch.add(rows), self._batch.add(self._behaviour.judgements(rows)))
        return accepted(Acceptance(accepted=len(rows), rejected=reasons.rejected, reasons=reasons.items))

    def _without_telemetry(self, body: bytes) -> bytes:
        """The body without the SDK's telemetry, which shares its track; a line that is none stays."""
        if _MARK not in body:
            return body
        lines = body.split(b"\n")
        kept = [line for line in lines if not _is_telemetry(line)]
        self._drops.lost("datadog.rum_telemetry", len(lines) - len(kept))
        return b"\n".join(kept)


def _is_telemetry(line: bytes) -> bool:
    if _MARK not in line:
        return False
    try:
        return _decode_kind(line).type == TELEMETRY
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
