"""The golden payloads of contracts/samples, and small variations of them."""

import time
from pathlib import Path
from typing import Any

import msgspec

FOLDER = Path(__file__).parents[3] / "contracts" / "samples"

RUM_TYPES = ("view", "action", "resource", "error", "long_task", "vital", "answer", "reaction")

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"


def sample(name: str) -> Any:
    """A JSON sample, decoded."""
    return msgspec.json.decode((FOLDER / name).read_bytes())


def sample_bytes(name: str) -> bytes:
    """A sample as it is."""
    return (FOLDER / name).read_bytes()


def event(kind: str = "action", /, **changes: Any) -> dict[str, Any]:
    """A RUM event of now, as the sample of its type, with top-level fields changed."""
    made: dict[str, Any] = sample(f"rum-{kind}.json")
    return made | {"date": time.time_ns() // 1_000_000} | changes


def segment_lines(**changes: Any) -> list[Any]:
    """The sample segment: its header with fields changed, then its records."""
    header, *records = (
        msgspec.json.decode(line) for line in sample_bytes("replay-segment.ndjson").splitlines()
    )
    return [header | changes, *records]


def attribute(key: str, value: Any) -> dict[str, Any]:
    """One attribute in the JSON mapping of OTLP."""
    if isinstance(value, bool):
        return {"key": key, "value": {"boolValue": value}}
    if isinstance(value, int):
        return {"key": key, "value": {"intValue": str(value)}}
    if isinstance(value, float):
        return {"key": key, "value": {"doubleValue": value}}
    if isinstance(value, list):
        return {
            "key": key,
            "value": {"arrayValue": {"values": [attribute("", item)["value"] for item in value]}},
        }
    if isinstance(value, dict):
        return {"key": key, "value": {"kvlistValue": {"values": [attribute(k, v) for k, v in value.items()]}}}
    return {"key": key, "value": {"stringValue": value}}


def span(attributes: dict[str, Any] | None = None, /, **fields: Any) -> dict[str, Any]:
    """One span of now in the JSON mapping of OTLP."""
    now_ns = time.time_ns()
    made: dict[str, Any] = {
        "traceId": TRACE_ID,
        "spanId": "00f067aa0ba902b7",
        "name": "work",
        "startTimeUnixNano": str(now_ns - 1_000_000_000),
        "endTimeUnixNano": str(now_ns),
        "attributes": [attribute(key, value) for key, value in (attributes or {}).items()],
    }
    return made | fields


def span_event(name: str, attributes: dict[str, Any], time_ns: int = 0) -> dict[str, Any]:
    """One event on a span."""
    listed = [attribute(key, value) for key, value in attributes.items()]
    return {"name": name, "timeUnixNano": str(time_ns or time.time_ns()), "attributes": listed}


def otlp(*spans: dict[str, Any], scope: str = "tests", resource: dict[str, Any] | None = None) -> bytes:
    """A request of `/v1/traces` in JSON."""
    attributes = [attribute(key, value) for key, value in (resource or {"service.name": "svc"}).items()]
    return msgspec.json.encode(
        {
            "resourceSpans": [
                {
                    "resource": {"attributes": attributes},
                    "scopeSpans": [{"scope": {"name": scope}, "spans": list(spans)}],
                }
            ]
        }
    )
