"""Whatever stands in the fields of a RUM event, its line becomes a row or a reason, never an error."""

from typing import Any

import msgspec
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from diptych_server.intake.delivery import Delivery
from diptych_server.intake.drops import Drops
from diptych_server.intake.quota import Quota
from diptych_server.intake.rum import RumIntake
from diptych_server.privacy.rules import NO_RULES, Rules

from .conftest import House
from .samples import RUM_TYPES, sample

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False)
    | st.text(max_size=140)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
SAMPLES = [sample(f"rum-{kind}.json") for kind in RUM_TYPES]


def paths_of(event: dict[str, Any]) -> list[tuple[str, str]]:
    """Every part of an event, and every field of it."""
    return [
        (part, field)
        for part, held in event.items()
        for field in ("", *(held if isinstance(held, dict) else ()))
    ]


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """A sample event with some of its fields replaced by anything."""
    event: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(draw(st.sampled_from(SAMPLES))))
    for part, field in draw(st.lists(st.sampled_from(paths_of(event)), min_size=1, max_size=4)):
        held = event[part]
        if field and isinstance(held, dict):
            held[field] = draw(VALUES)
        else:
            event[part] = draw(VALUES)
    return event


BOUNDS = {
    "status_code": 2**16,
    "document_version": 2**32,
    "first_byte_ms": 2**32,
    "first_paint_ms": 2**32,
    "done_ms": 2**32,
    "duration_ns": 2**63,
    "ts": 10**13,
    "precedence": 2**63,
}


@settings(
    max_examples=300,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(events(), min_size=1, max_size=3), st.booleans())
def test_any_event(house: House, batch: list[dict[str, Any]], is_strict: bool) -> None:
    project_id = house.accounts.ensure_project("any-event").id
    rules = Rules.parse(["email", "card"]) if is_strict else NO_RULES
    intake = RumIntake(house.keyring, rules, Quota(10**9, 10**12), Drops())
    body = b"\n".join(msgspec.json.encode(event) for event in batch)
    found, reasons = intake.decode(body)
    rows = intake.rows(found, reasons, Delivery(project_id, "client", 1795375280000, 5, 30, "x"))
    assert len(rows) + reasons.rejected == len(batch)
    for row in rows:
        msgspec.json.decode(row.raw)
        for name, bound in BOUNDS.items():
            value = getattr(row, name)
            assert value is None or 0 <= value < bound, name
        assert all(value is not None for name, value in row._asdict().items() if not name.endswith("_ms"))
        assert 1 <= len(row.session_id) <= 128
        assert row.event_id
        for value in row:
            assert not isinstance(value, str) or value.encode() is not None
