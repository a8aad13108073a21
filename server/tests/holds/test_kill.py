"""kill -9 in the middle of a load: after the restart all that was acknowledged is there, and once."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_args

from .load import SESSION_ID, USED, Kind, Load, Record
from .project import Project, new_project

if TYPE_CHECKING:
    from server.tests.conftest import RunningServer

ROUNDS = int(os.environ.get("HOLDS_KILL_ROUNDS", "2"))
LOAD_S = (0.0, 1.0)
"""The shortest and the longest time from the first acknowledgement of each door to the kill."""

MOST = 1_000
"""Items of one page of a list."""

KINDS: tuple[Kind, ...] = get_args(Kind)


def test_nothing_acknowledged_is_lost_by_kill_9(start_server: "Callable[..., RunningServer]") -> None:
    server = start_server()
    for number in range(ROUNDS):
        project = new_project(server.url, server.data)
        load = Load(project)
        load.wait_for_every_door()
        time.sleep(random.uniform(*LOAD_S))
        server.stop(signal.SIGKILL)
        load.stop()
        server = start_server()
        with project.at(server.url) as project:
            check_round(project, load.record, f"round {number} of {ROUNDS}")


def check_round(project: Project, record: Record, which: str) -> None:
    """Compare what is found with what was sent; then let the senders retry, as they do, and compare again."""
    found = {kind: found_ids(project, kind) for kind in KINDS}
    for kind, ids in found.items():
        acknowledged, sent = (record.ids(kind, acknowledged_only=only) for only in (True, False))
        assert not acknowledged - ids.keys(), f"{which}: lost {kind} {sorted(acknowledged - ids.keys())[:5]}"
        assert not ids.keys() - sent, f"{which}: {kind} that nobody sent"
        assert max(ids.values(), default=1) == 1, f"{which}: {kind} listed twice"

    for shipment in [*record.unanswered, *record.acknowledged[-20:]]:
        answer = shipment.parcel.send(project)
        assert answer.is_success, f"{which}: {answer.status_code} {answer.text}"
    for kind in KINDS:
        assert found_ids(project, kind).keys() == record.ids(kind, acknowledged_only=False), which
    check_totals(project, record, which)


def found_ids(project: Project, kind: Kind) -> Counter[str]:
    """Every id of a kind, and how often it is listed."""
    if kind == "segment":
        replay = project.get(f"/sessions/{SESSION_ID}/replay").json()
        return Counter(
            f"{view['view_id']} {segment['index']}"
            for view in replay["views"]
            for segment in view["segments"]
        )
    if kind == "event":
        return Counter(each["event_id"] for each in whole_list(project, f"/sessions/{SESSION_ID}/events"))
    if kind == "span":
        return Counter(f"{each['trace_id']} {each['span_id']}" for each in whole_list(project, "/spans"))
    return Counter(each["evaluation_id"] for each in whole_list(project, "/evaluations"))


def whole_list(project: Project, path: str) -> list[Any]:
    """All pages of a list."""
    items: list[Any] = []
    cursor = None
    while True:
        answer = project.get(path, limit=MOST, cursor=cursor)
        assert answer.status_code == 200, f"{path}: {answer.text}"
        page = answer.json()
        items += page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return items


def check_totals(project: Project, record: Record, which: str) -> None:
    """What is counted, and not listed, must agree: roll-ups are fed by the same inserts."""
    actions = record.ids("event", acknowledged_only=False)
    spans = record.ids("span", acknowledged_only=False)
    session = project.get(f"/sessions/{SESSION_ID}").json()
    traces = len(spans) // 2
    assert session["actions"] == len(actions), which
    assert session["traces"] == traces, which
    assert session["tokens"]["input"] == traces * USED.input, which
    assert session["tokens"]["output"] == traces * USED.output, which
