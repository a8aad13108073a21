"""Every door that clients and senders write through, as one bare ASGI application.

    request → door by path → gate (key, kind, origin, rate) → body (size, time, inflate) → signal → answer

Each answer of a door that pages use carries CORS headers, the errors too: a page must be able to read why.
"""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from diptych_server.access.keys import Key, Keyring
from diptych_server.errors import NotBuilt, ProblemError, RowsRefused, UnsupportedType
from diptych_server.intake import datadog
from diptych_server.intake.batch import Batch
from diptych_server.intake.behaviour import Behaviour
from diptych_server.intake.body import Body, BodyRoom, Disconnected, Receive
from diptych_server.intake.delivery import Delivery, clock_offset_ms
from diptych_server.intake.door import BOTH, CLIENT, OTLP_TYPES, SERVER, TEXT_TYPES, Door, Parcel, work
from diptych_server.intake.drops import Drops
from diptych_server.intake.evaluation import EvaluationIntake
from diptych_server.intake.gate import Gate, cors, preflight
from diptych_server.intake.limits import MIB, Limits
from diptych_server.intake.log import LogIntake
from diptych_server.intake.losses import HEADER as LOSSES_HEADER
from diptych_server.intake.losses import Losses
from diptych_server.intake.quota import Quota
from diptych_server.intake.replay import ReplayIntake, read_header
from diptych_server.intake.reply import Header, Reply, accepted, problem, problem_of
from diptych_server.intake.request import Request, split_key
from diptych_server.intake.rum import RumIntake
from diptych_server.intake.trace import TraceIntake
from diptych_server.privacy.rules import NO_RULES, Rules
from diptych_server.store.blobs import Blobs
from diptych_server.wire.acceptance import Acceptance

log = logging.getLogger(__name__)

Send = Callable[[Mapping[str, Any]], Awaitable[None]]

ABSENT = ("/v1/metrics", *datadog.ABSENT)
"""Doors that senders know and that are not built yet: they and all below them answer 501."""

TURN_BYTES = MIB // 8
"""To decode more takes a millisecond and longer: one such body a turn of the event loop, so that twenty which
came at once do not hold up what is to be stored or answered meanwhile.
"""

NO_ONE = Key(id="", kind="client", project_id="", origins=())
"""Who comes through a door that asks for no key."""


REFUSED: dict[int, str] = {
    400: "unreadable",
    401: "unknown_key",
    403: "forbidden",
    408: "too_slow",
    413: "too_large",
    415: "unsupported_type",
    429: "over_rate",
    503: "store_unavailable",
}
"""What a whole request that was refused is counted as: one, since nobody looked at what was in it."""


class Doors:
    """Answers requests for the paths that `serves` says yes to."""

    def __init__(
        self,
        keyring: Keyring,
        batch: Batch,
        blobs: Blobs,
        drops: Drops,
        limits: Limits | None = None,
        rules: Rules = NO_RULES,
        behaviour: Behaviour | None = None,
        *,
        now_ns: Callable[[], int] = time.time_ns,
    ) -> None:
        limits = limits or Limits()
        quota = Quota(limits.session_events, limits.session_bytes)
        self._limits = limits
        self._now_ns = now_ns
        self._batch = batch
        self._blobs = blobs
        self._drops = drops
        self._losses = Losses(drops)
        self._gate = Gate(keyring, limits.requests_per_second)
        self._room = BodyRoom(limits.bodies_in_memory_bytes)
        self._turns = asyncio.Lock()
        self._rum = RumIntake(keyring, rules, quota, drops)
        self._behaviour = behaviour or Behaviour()
        self._replay = ReplayIntake(keyring, rules, quota, drops)
        self._evaluation = EvaluationIntake(rules, drops)
        self._trace = TraceIntake(rules, drops)
        self._log = LogIntake(rules, drops)
        browser = (limits.browser_body_bytes, limits.browser_inflated_bytes)
        server = (limits.server_body_bytes, limits.server_inflated_bytes)
        self._doors: dict[str, Door] = {
            "/v1/rum": Door(CLIENT, TEXT_TYPES, *browser, self._take_rum, has_cors=True),
            "/v1/replay": Door(CLIENT, TEXT_TYPES, *browser, self._take_replay, has_cors=True),
            "/v1/evaluations": Door(BOTH, TEXT_TYPES, *server, self._take_evaluations, has_cors=True),
            "/v1/traces": Door(SERVER, OTLP_TYPES, *server, self._take_traces),
            "/v1/logs": Door(SERVER, OTLP_TYPES, *server, self._take_logs),
            **datadog.doors(keyring, batch, blobs, drops, limits, rules, quota, self._behaviour),
        }

    @staticmethod
    def serves(path: str) -> bool:
        """Whether the path is a door's, built or known and absent."""
        path, _ = split_key(path)
        return path.startswith("/v1/") or datadog.serves(path) or _is_absent(path)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        request = datadog.unwrapped(Request(scope))
        door = self._doors.get(request.path)
        headers: list[Header] = []
        if door is None or door.has_cors:
            headers = cors(request.header("origin"))
        try:
            reply = await self._answer(request, door, receive)
        except Disconnected:
            return
        except ProblemError as error:
            if door is not None:
                self._drops.lost(f"{_signal(request.path)}.{REFUSED.get(error.status, 'refused')}")
            reply = problem(error)
        except RowsRefused as error:
            log.error("the store refused rows that passed every check: %s", error)
            self._drops.lost("store.refused")
            reply = problem_of(422, "Unprocessable content", "the store cannot hold a value of this request")
        except Exception:
            log.exception("%s failed", request.path)
            reply = problem_of(500, "Internal error", "an error of ours; the server's log says more")
        await reply.send(send, headers)

    async def _answer(self, request: Request, door: Door | None, receive: Receive) -> Reply:
        if door is None:
            return _no_door(request.path)
        allowed = ", ".join((*sorted(door.methods), "OPTIONS"))
        if request.method == "OPTIONS":
            return Reply(204, headers=preflight(request) if door.has_cors else [(b"allow", allowed.encode())])
        if request.method not in door.methods:
            reply = problem_of(405, "Method not allowed", f"expected {allowed}, got {request.method}")
            reply.headers.append((b"allow", allowed.encode()))
            return reply
        key = self._gate.admit(request, door.kinds) if door.kinds else NO_ONE
        if key.kind == "server" and (report := request.header(LOSSES_HEADER)):
            self._losses.told(key.id, report)
        content_type = request.header("content-type").partition(";")[0].strip().lower()
        if door.content_types and content_type not in door.content_types:
            supported = ", ".join(sorted(filter(None, door.content_types)))
            raise UnsupportedType(f"content type: expected {supported}, got {content_type[:80] or 'none'}")
        encoding = (request.query.get("encoding") or request.header("content-encoding")).strip().lower()
        with Body(self._room) as body:
            data = await body.read(
                receive, request.header("content-length"), door.body_bytes, self._limits.body_seconds
            )
            data = await body.inflate(data, encoding, door.inflated_bytes)
            received_at_ms = self._now_ns() // 1_000_000
            delivery = Delivery(
                project_id=key.project_id,
                key_kind=key.kind,
                received_at_ms=received_at_ms,
                clock_offset_ms=clock_offset_ms(request.query.get("sent_at", ""), received_at_ms),
                retention_days=self._limits.retention_days,
                user_agent=request.header("user-agent"),
            )
            tags = request.query.get("ddtags", "")
            if len(data) > TURN_BYTES:
                async with self._turns:
                    await asyncio.sleep(0)
            return await door.take(Parcel(delivery, data, body.size, content_type, request.boundary, tags))

    async def _take_rum(self, parcel: Parcel) -> Reply:
        found, reasons = await work(parcel.body, self._rum.decode, parcel.body)
        rows = self._rum.rows(found, reasons, parcel.delivery)
        await asyncio.gather(self._batch.add(rows), self._batch.add(self._behaviour.judgements(rows)))
        return accepted(Acceptance(accepted=len(rows), rejected=reasons.rejected, reasons=reasons.items))

    async def _take_replay(self, parcel: Parcel) -> Reply:
        header = read_header(parcel.body)
        refusal = self._replay.refusal(header, parcel.travelled_bytes, parcel.delivery.project_id)
        if refusal is not None:
            return accepted(Acceptance(accepted=0, rejected=1, reasons=[refusal]))
        segment, reasons = await work(parcel.body, self._replay.segment, header, parcel.body, parcel.delivery)
        if segment is not None:
            # The blob first: a row must never point at nothing.
            await self._blobs.put(segment.row.blob_key, segment.blob)
            await self._batch.add([segment.row])
        records = segment.records if segment else 0
        return accepted(Acceptance(accepted=records, rejected=reasons.rejected, reasons=reasons.items))

    async def _take_evaluations(self, parcel: Parcel) -> Reply:
        rows, reasons = await work(parcel.body, self._evaluation.read, parcel.body, parcel.delivery)
        await self._batch.add(rows)
        return accepted(Acceptance(accepted=len(rows), rejected=reasons.rejected, reasons=reasons.items))

    async def _take_traces(self, parcel: Parcel) -> Reply:
        read = await work(parcel.body, self._trace.read, parcel.body, parcel.content_type, parcel.delivery)
        await asyncio.gather(self._batch.add(read.rows), self._batch.add(read.evaluations))
        return Reply(200, read.answer, parcel.content_type.encode())

    async def _take_logs(self, parcel: Parcel) -> Reply:
        read = await work(parcel.body, self._log.read, parcel.body, parcel.content_type, parcel.delivery)
        await asyncio.gather(self._batch.add(read.messages), self._batch.add(read.evaluations))
        return Reply(200, read.answer, parcel.content_type.encode())


def _signal(path: str) -> str:
    """`rum`, `replay`, `trace`, `evaluation`, `llmobs`… of a door's path."""
    name = path.rpartition("/")[2]
    return name if name == "llmobs" else name.removesuffix("s")


def _is_absent(path: str) -> bool:
    return any(path == door or path.startswith(f"{door}/") for door in ABSENT)


def _no_door(path: str) -> Reply:
    if _is_absent(path):
        raise NotBuilt(f"{path.partition('?')[0][:100]} is known and not built yet")
    return problem_of(404, "Not found", "there is no such door")
