"""The table of these doors: which key opens each, and what it takes."""

from collections.abc import Awaitable, Callable

from diptych_server.access.keys import Keyring
from diptych_server.intake.batch import Batch
from diptych_server.intake.behaviour import Behaviour
from diptych_server.intake.datadog import addresses, agent, tracks
from diptych_server.intake.datadog.evaluation import EvaluationsDoor
from diptych_server.intake.datadog.llmobs import LlmObsDoor
from diptych_server.intake.datadog.replay import ReplayDoor
from diptych_server.intake.datadog.rum import RumDoor
from diptych_server.intake.datadog.trace import TracesDoor
from diptych_server.intake.door import ANY_TYPE, CLIENT, NO_KEY, SERVER, TEXT_TYPES, Door, Parcel
from diptych_server.intake.drops import Drops
from diptych_server.intake.limits import MIB, Limits
from diptych_server.intake.quota import Quota
from diptych_server.intake.reply import Reply
from diptych_server.privacy.rules import Rules
from diptych_server.store.blobs import Blobs

MULTIPART = frozenset({"multipart/form-data"})
MSGPACK = frozenset({"application/msgpack", "application/octet-stream"})
JSON = frozenset({"application/json", "text/plain", ""})

GET = frozenset({"GET"})
GET_OR_POST = frozenset({"GET", "POST"})
PUT_OR_POST = frozenset({"PUT", "POST"})

PAYLOAD_BYTES = 24 * MIB
"""Of `/v0.4/traces`: the client's own ceiling is 20 MiB before its framing."""

Take = Callable[[Parcel], Awaitable[Reply]]


def doors(
    keyring: Keyring,
    batch: Batch,
    blobs: Blobs,
    drops: Drops,
    limits: Limits,
    rules: Rules,
    quota: Quota,
    behaviour: Behaviour,
) -> dict[str, Door]:
    """Every door by its canonical path."""
    rum = RumDoor(keyring, batch, drops, rules, quota, behaviour)
    replay = ReplayDoor(keyring, batch, blobs, drops, rules, quota, limits.browser_inflated_bytes)
    return _browser_doors(rum, replay, drops, limits) | _agent_doors(batch, drops, limits, rules)


def _browser_doors(rum: RumDoor, replay: ReplayDoor, drops: Drops, limits: Limits) -> dict[str, Door]:
    size = (limits.browser_body_bytes, limits.browser_inflated_bytes)

    def door(take: Take, types: frozenset[str], methods: frozenset[str] = frozenset({"POST"})) -> Door:
        return Door(CLIENT, types, *size, take, has_cors=True, methods=methods)

    return {
        addresses.RUM: door(rum.take, TEXT_TYPES),
        addresses.REPLAY: door(replay.take, MULTIPART),
        addresses.QUOTA: door(tracks.quota, ANY_TYPE, GET),
        **{
            path: door(tracks.Track(path.rpartition("/")[2], drops).take, ANY_TYPE)
            for path in addresses.TRACKS
        },
    }


def _agent_doors(batch: Batch, drops: Drops, limits: Limits, rules: Rules) -> dict[str, Door]:
    body_bytes = max(limits.server_body_bytes, PAYLOAD_BYTES)
    size = (body_bytes, max(limits.server_inflated_bytes, body_bytes))
    small = (limits.browser_body_bytes, limits.browser_inflated_bytes)
    traces = TracesDoor(batch, drops, rules)
    return {
        addresses.TRACES_V04: Door(SERVER, MSGPACK, *size, traces.take_v04, methods=PUT_OR_POST),
        addresses.TRACES_V05: Door(SERVER, MSGPACK, *size, traces.take_v05, methods=PUT_OR_POST),
        addresses.LLMOBS: Door(SERVER, JSON, *size, LlmObsDoor(batch, drops, rules).take),
        addresses.EVALUATIONS: Door(SERVER, JSON, *size, EvaluationsDoor(batch, drops, rules).take),
        # The client leaves the key's prefix out where it sends these; they tell and store nothing.
        addresses.INFO: Door(NO_KEY, ANY_TYPE, *small, agent.info, methods=GET_OR_POST),
        addresses.TELEMETRY: Door(NO_KEY, ANY_TYPE, *small, agent.telemetry),
        addresses.REMOTE_CONFIG: Door(NO_KEY, ANY_TYPE, *small, agent.remote_config, methods=GET_OR_POST),
    }
