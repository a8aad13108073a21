"""What the Python SDK tells of its losses in a header is counted once, and bounded."""

import pytest

from diptych_server.intake.drops import Drops
from diptych_server.intake.losses import MAX_REASONS, MAX_SENDERS, Losses

from .conftest import Sender

PROCESS = "0123456789abcdef"


def lost(sender: Sender) -> dict[str, int]:
    counts = sender.house.drops.counts()
    return {reason: count for reason, count in counts.items() if reason.startswith("python_sdk.")}


def test_only_what_is_new_is_counted(sender: Sender) -> None:
    before = lost(sender)
    for report in ("queue_full=3", "queue_full=3", "queue_full=5, http_413=1", "queue_full=4"):
        told = {"diptych-dropped": f"{PROCESS}; {report}"}
        assert sender.traces(b'{"resourceSpans":[]}', headers=told).status_code == 200
    another = {"diptych-dropped": f"{PROCESS[::-1]}; queue_full=1"}
    assert sender.traces(b"no json", headers=another).status_code == 400
    now = lost(sender)
    new = {reason: now[reason] - before.get(reason, 0) for reason in now}
    assert {reason: count for reason, count in new.items() if count} == {
        "python_sdk.queue_full": 6,
        "python_sdk.http_413": 1,
    }


def test_a_page_and_a_stranger_tell_nothing(sender: Sender) -> None:
    before = lost(sender)
    told = {"diptych-dropped": f"{PROCESS}; queue_full=3"}
    sender.rum(b"{}", told)
    sender.post("/v1/traces", b"{}", {**told, "authorization": "Bearer dip_server_wrong"})
    assert lost(sender) == before


@pytest.mark.parametrize(
    "report",
    [
        "",
        PROCESS,
        f"{PROCESS}; ",
        f"{PROCESS}; A=1",
        f"{PROCESS}; a=-1",
        f"{PROCESS}; a=1e9",
        f"{PROCESS}; a={10**12}",
        f"{PROCESS}; a=1\r\nx: y",
        f"{PROCESS}; {'a=1, ' * 300}a=1",
        "x; a=1",
    ],
)
def test_what_is_no_report_is_ignored(report: str) -> None:
    drops = Drops()
    Losses(drops).told("key", report)
    assert drops.counts() == {}


def test_what_is_remembered_is_bounded() -> None:
    drops = Drops()
    losses = Losses(drops)
    losses.told("key", f"{PROCESS}; " + ", ".join(f"r{number}=1" for number in range(60)))
    assert len(drops.counts()) == MAX_REASONS
    for number in range(MAX_SENDERS):
        losses.told("key", f"{number:016x}; queue_full=1")
    losses.told("key", f"{MAX_SENDERS - 1:016x}; queue_full=1")
    assert drops.counts()["python_sdk.queue_full"] == MAX_SENDERS
