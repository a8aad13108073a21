"""What Datadog's clients call, brought to one canonical path a door.

POST /datadog?ddforward=%2Fapi%2Fv2%2Frum%3F…    `proxy` as a string    → /datadog/api/v2/rum
POST /datadog/api/v2/rum?…                       `proxy` as a function  → /datadog/api/v2/rum
POST /evp_proxy/v2/api/v2/llmobs                 through the agent      → /api/v2/llmobs
POST /api/v2/llmobs                              agentless, overridden  → /api/v2/llmobs
"""

import re
from urllib.parse import urlsplit

from diptych_server.intake.request import Request, query_of

BROWSER = "/datadog"

RUM = f"{BROWSER}/api/v2/rum"
REPLAY = f"{BROWSER}/api/v2/replay"
QUOTA = f"{BROWSER}/api/v2/profiling/quota"
TRACKS = tuple(f"{BROWSER}/api/v2/{track}" for track in ("profile", "logs", "exposures", "flagevaluation"))
"""What the browser SDKs send besides; a 5xx would make them try it again for ever."""

INFO = "/info"
TRACES_V04 = "/v0.4/traces"
TRACES_V05 = "/v0.5/traces"
LLMOBS = "/api/v2/llmobs"
EVALUATIONS = "/api/intake/llm-obs/v2/eval-metric"
TELEMETRY = "/telemetry/proxy/api/v2/apmtelemetry"
REMOTE_CONFIG = "/v0.7/config"

ABSENT = (
    "/api/v2/llm-obs",
    "/api/unstable/llm-obs",
    "/api/intake/llm-obs",
    "/v0.6/stats",
    "/v0.1/pipeline_stats",
    "/debugger",
    "/profiling",
    "/evp_proxy",
    "/telemetry/proxy",
)
"""Datasets, experiments, prompts, and what the agent's other products use: 501, with all below."""

BUILT = (INFO, TRACES_V04, TRACES_V05, LLMOBS, EVALUATIONS, TELEMETRY, REMOTE_CONFIG)

_EVP_PROXY = re.compile(r"/evp_proxy/v\d+(?=/)")

MAX_FORWARD_CHARACTERS = 8_192


def serves(path: str) -> bool:
    """Whether a path (without `/k/<key>`) is one of these doors; what is absent is told elsewhere."""
    return path == BROWSER or path.startswith(f"{BROWSER}/") or path in BUILT


def unwrapped(request: Request) -> Request:
    """The request with its canonical path, and key, encoding and send time as our own doors have them."""
    if request.path == BROWSER or request.path.startswith(f"{BROWSER}/"):
        _unwrap_browser(request)
    elif (proxied := _EVP_PROXY.match(request.path)) is not None:
        request.path = request.path[proxied.end() :]
    return request


def _unwrap_browser(request: Request) -> None:
    forward = request.query.get("ddforward", "")[:MAX_FORWARD_CHARACTERS]
    if forward:
        path, query_string = _target(forward)
        request.path = BROWSER + path
        request.query = {**request.query, **query_of(query_string.encode())}
    query = request.query
    request.secret = request.secret or query.get("dd-api-key", "") or request.header("dd-client-token")
    query.setdefault("encoding", query.get("dd-evp-encoding", ""))
    query.setdefault("sent_at", query.get("batch_time", ""))


def _target(forward: str) -> tuple[str, str]:
    """Path and query alone: a host in it would make us a proxy to anywhere."""
    try:
        target = urlsplit(forward)
    except ValueError:
        return "", ""
    return target.path if target.path.startswith("/") else f"/{target.path}", target.query
