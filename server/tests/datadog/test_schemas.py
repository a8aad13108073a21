"""Events of every official schema are accepted, and every field of them can be read back.

The schemas are not copied here: DIPTYCH_RUM_SCHEMAS names the folder of a checkout of
https://github.com/DataDog/rum-events-format (its `schemas`); without it these tests are skipped.
"""

import json
import os
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from .conftest import Door
from .schema_events import Schemas

FOLDER = os.environ.get("DIPTYCH_RUM_SCHEMAS", "")
CHOICES = 12
"""Events a schema: more than any enumeration that matters has values."""

pytestmark = pytest.mark.skipif(
    not FOLDER, reason="DIPTYCH_RUM_SCHEMAS names no folder of the official schemas"
)

SCHEMAS = Schemas(Path(FOLDER) / "rum") if FOLDER else None


def placed(event: dict[str, Any], session_id: str) -> dict[str, Any]:
    """The event now, in one session, on a view of its own."""
    event["date"] = time.time_ns() // 1_000_000
    event["application"]["id"] = "shop"
    event["session"]["id"] = session_id
    event["view"]["id"] = str(uuid4())
    return event


@pytest.mark.parametrize("name", SCHEMAS.names() if SCHEMAS else [])
def test_every_field_of_every_event_is_read_back(door: Door, name: str) -> None:
    assert SCHEMAS is not None
    session_id = str(uuid4())
    events = [SCHEMAS.smallest(name), *(SCHEMAS.whole(name, choice) for choice in range(CHOICES))]
    sent = [placed(event, session_id) for event in events]
    body = "\n".join(json.dumps(event) for event in sent).encode()
    answer = door.post("/datadog/api/v2/rum", body, "text/plain")
    assert answer.json() == {"accepted": len(sent), "rejected": 0, "reasons": []}

    found = door.get(f"/sessions/{session_id}/events", limit=1000)["items"]
    by_view = {event["view_id"]: event for event in found}
    assert len(found) == len(by_view) == len(sent)
    for event in sent:
        read = by_view[event["view"]["id"]]
        assert read["type"] == event["type"].removesuffix("_update")
        assert read["attributes"] == {
            key: value for key, value in event.items() if key not in ("type", "date")
        }
