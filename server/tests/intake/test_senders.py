"""AI spans of every sender we know, in the same words: one case a manner of speaking."""

import json
from typing import Any

import pytest

from . import sender_cases_conventions, sender_cases_vendors
from .conftest import Sender
from .samples import otlp, span, span_event
from .sender_case import Case

START_NS = 1795375280_000000000

CASES = sender_cases_conventions.CASES | sender_cases_vendors.CASES

RENAMED = (".role", "message_content.type", "mime_type", "gen_ai.system", "ai.model.provider")
"""Ends of attributes whose value is put into words of ours."""


@pytest.mark.parametrize("name", CASES)
async def test_a_sender_is_understood_and_nothing_it_said_is_lost(sender: Sender, name: str) -> None:
    case = CASES[name]
    sent = span(
        case.attributes,
        startTimeUnixNano=str(START_NS),
        endTimeUnixNano=str(START_NS + 2_000_000_000),
        events=[span_event(*event) for event in case.events],
    )
    assert sender.traces(otlp(sent)).json() == {}
    (row,) = await sender.rows("spans")
    raw = json.loads(row["raw"])
    assert {column: row[column] for column in case.row} == case.row
    assert _side(row["input"], raw.get("input_messages", False)) == case.input
    assert _side(row["output"], raw.get("output_messages", False)) == case.output
    assert {part: raw.get(part) for part in case.raw} == case.raw
    assert _lost(case, json.dumps(row, default=str, ensure_ascii=False)) == []


def _side(text: str, is_messages: bool) -> Any:
    return json.loads(text) if is_messages else text


def _lost(case: Case, stored: str) -> list[str]:
    """Attributes whose text stands nowhere in the row, whatever we made of it."""
    return [
        key
        for key, value in case.attributes.items()
        if isinstance(value, str) and value.isalnum() and not key.endswith(RENAMED) and value not in stored
    ]
