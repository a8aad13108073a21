"""What people do with answers becomes judgements: by rules, once, and never as human feedback."""

from typing import Any

import pytest

from diptych_server.intake.behaviour import Behaviour
from diptych_server.store.rows import RumEventRow, first_wins

from .conftest import Sender, lines
from .samples import event, sample

COLUMNS = (
    "evaluation_id, label, metric_type, value, score, assessment, source, submitter, turn_id, session_id"
)
ANSWER = "7c1f1c36-8d3e-4f4b-9df1-5f3c3c9f0a10"


def reaction(kind: str, **changes: Any) -> dict[str, Any]:
    sent: dict[str, Any] = sample("rum-reaction.json")
    return sent | {"reaction": sent["reaction"] | {"kind": kind, "id": f"a-{kind}"} | changes}


@pytest.mark.parametrize(
    ("kind", "label", "value", "verdict", "source", "submitter"),
    [
        ("thumbs_up", "thumbs", "up", "pass", "human", "u-42"),
        ("thumbs_down", "thumbs", "down", "fail", "human", "u-42"),
        ("copy", "behaviour.copy", "copy", "pass", "behaviour", ""),
        ("retry", "behaviour.retry", "retry", "fail", "behaviour", ""),
        ("rephrase", "behaviour.rephrase", "rephrase", "fail", "behaviour", ""),
        ("edit", "behaviour.edit", "edit", "fail", "behaviour", ""),
        ("stop", "behaviour.stop", "stop", "fail", "behaviour", ""),
        ("rage_click", "behaviour.rage_click", "rage_click", "fail", "behaviour", ""),
        ("leave", "behaviour.leave", "leave", "fail", "behaviour", ""),
    ],
)
async def test_each_kind_has_its_label_verdict_and_source(
    sender: Sender, kind: str, label: str, value: str, verdict: str, source: str, submitter: str
) -> None:
    sent = lines(reaction(kind))
    # The same delivery again changes nothing.
    for _ in range(2):
        assert sender.rum(sent).json() == {"accepted": 1, "rejected": 0, "reasons": []}
    [row] = await sender.rows("(SELECT * FROM evaluations LIMIT 1 BY project_id, evaluation_id)", COLUMNS)
    assert row == {
        "evaluation_id": f"reaction:a-{kind}",
        "label": label,
        "metric_type": "categorical",
        "value": f'"{value}"',
        "score": 0.8,
        "assessment": verdict,
        "source": source,
        "submitter": submitter,
        "turn_id": ANSWER,
        "session_id": "2ac6be95-a9a7-4690-98f0-19c958e83e96",
    }


async def test_datadogs_door_makes_the_same(sender: Sender) -> None:
    path = "/datadog/api/v2/rum"
    key: dict[str, Any] = {"dd-api-key": sender.client_key}
    assert sender.post(path, lines(reaction("retry")), **key).status_code == 202
    [row] = await sender.rows("evaluations", COLUMNS)
    assert row["label"] == "behaviour.retry"


async def test_what_names_no_answer_or_no_known_kind_is_an_event_and_no_judgement(sender: Sender) -> None:
    events = [
        reaction("sing"),
        reaction("copy", answer_id=""),
        reaction("retry", answer_id=None),
        event("reaction", reaction=None),
    ]
    found = sender.rum(lines(*events)).json()
    assert found["accepted"] + found["rejected"] == len(events)
    assert found["accepted"] >= 2
    assert await sender.rows("evaluations") == []


@pytest.mark.parametrize(("sent", "kept"), [(2, 1.0), (-1, 0.0), ("sure", None), (True, None), (None, None)])
async def test_confidence_lies_between_0_and_1_or_is_not_known(
    sender: Sender, sent: object, kept: float | None
) -> None:
    sender.rum(lines(reaction("copy", confidence=sent)))
    [row] = await sender.rows("evaluations", COLUMNS)
    assert row["score"] == kept


def test_a_project_can_do_without_and_keeps_what_people_say_themselves() -> None:
    def made(off: tuple[str, ...], project_id: str) -> list[str]:
        raw = '{"reaction":{"kind":"%s","answer_id":"a"}}'
        events = [
            RumEventRow(
                project_id, kind, first_wins(1), "reaction", 1, 1, 1, None, 30, "shop", "s", "v",
                reaction=kind, raw=raw % kind,
            )
            for kind in ("copy", "thumbs_up")
        ]  # fmt: skip
        return [row.label for row in Behaviour(off).judgements(events)]

    assert made((), "shop") == ["behaviour.copy", "thumbs"]
    assert made(("shop",), "shop") == ["thumbs"]
    assert made(("*",), "shop") == ["thumbs"]
    assert made(("other",), "shop") == ["behaviour.copy", "thumbs"]


async def test_no_page_can_name_a_judgement_of_a_servers(sender: Sender) -> None:
    judged = {
        "evaluation_id": "a-copy",
        "label": "helpful",
        "metric_type": "boolean",
        "value": False,
        "join_on": {"turn": ANSWER},
    }
    sender.post("/v1/evaluations", lines({"evaluations": [judged]}), key=sender.server_key)
    sender.rum(lines(reaction("copy")))
    rows = await sender.rows("evaluations", COLUMNS, order="evaluation_id")
    assert [row["evaluation_id"] for row in rows] == ["a-copy", "reaction:a-copy"]
