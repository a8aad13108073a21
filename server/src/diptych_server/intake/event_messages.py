"""Messages that senders told as events: on the span, or as log records beside it."""

from typing import NamedTuple

from diptych_server.intake.genai import (
    CHOICE_EVENT,
    COMPLETION_EVENT,
    DETAILS_EVENT,
    MESSAGE_EVENTS,
    PROMPT_EVENT,
)
from diptych_server.intake.messages import Message, instruction_parts, message, messages, parse
from diptych_server.intake.otlp import Attributes, Event


class Told(NamedTuple):
    """What went in and what came out, in the order in which it was told."""

    input: list[Message]
    output: list[Message]


NOTHING_TOLD = Told([], [])


def told_by(events: list[Event]) -> Told:
    """Messages of all events of a span."""
    if not events:
        return NOTHING_TOLD
    told = [told_in(event.name, event.attributes) for event in events]
    return Told(
        [made for each in told for made in each.input], [made for each in told for made in each.output]
    )


def told_in(name: str, held: Attributes) -> Told:
    """Messages of one event, in the manners of today and of the past; none in any other event."""
    if (role := MESSAGE_EVENTS.get(name)) is not None:
        given = {"role": role, **{key: parse(value) for key, value in held.items()}}
        return Told([message(given, role)], [])
    if name == CHOICE_EVENT:
        return Told([], [message({key: parse(value) for key, value in held.items()}, "assistant")])
    if name == DETAILS_EVENT:
        system = instruction_parts(held.get("gen_ai.system_instructions"))
        before = [{"role": "system", "parts": system}] if system else []
        return Told(
            before + _listed(held, "gen_ai.input.messages", "user"),
            _listed(held, "gen_ai.output.messages", "assistant"),
        )
    if name == PROMPT_EVENT:
        return Told(_listed(held, "gen_ai.prompt", "user"), [])
    if name == COMPLETION_EVENT:
        return Told([], _listed(held, "gen_ai.completion", "assistant"))
    return NOTHING_TOLD


def _listed(held: Attributes, key: str, role: str) -> list[Message]:
    return messages(held[key], role) if key in held else []
