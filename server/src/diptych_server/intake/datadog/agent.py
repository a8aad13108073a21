"""What ddtrace asks the agent that it thinks we are."""

import msgspec

from diptych_server.intake.datadog import addresses
from diptych_server.intake.door import Parcel
from diptych_server.intake.reply import Reply

ENDPOINTS = (
    addresses.TRACES_V04,
    addresses.TRACES_V05,
    "/evp_proxy/v2/",
    "/evp_proxy/v4/",
    addresses.REMOTE_CONFIG,
    "/telemetry/proxy/",
)

INFO_ANSWER = msgspec.json.encode(
    {"endpoints": ENDPOINTS, "client_drop_p0s": False, "span_meta_structs": True}
)
"""`/info`. Without `/evp_proxy/v2` in it ddtrace goes to the vendor's own site; `client_drop_p0s` off keeps
every trace coming, whatever its sampling."""


async def info(_: Parcel) -> Reply:
    """What this agent can do."""
    return Reply(200, INFO_ANSWER)


async def telemetry(_: Parcel) -> Reply:
    """What the client says of itself: accepted, so that it is quiet, and not kept."""
    return Reply(202, b"{}")


async def remote_config(_: Parcel) -> Reply:
    """No configuration from here."""
    return Reply(200, b"{}")
