"""Who comes when, with what, and what they do: the same plan in every run.

The last 23 hours of a shop on an ordinary day, told backwards from now: version 1.5.0 with the prompt v4 came
to some of the visitors nine hours ago; the model stalled for an hour, and refused work for half an hour.
"""

import json
import random
from dataclasses import asdict, dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any

SEED = 20261129
SPAN_S = 23 * 3600
"""Over how long the visits are spread: an intake places nothing more than 24 hours before it arrives."""
LATEST_S = 180
"""No visit starts later than this before the end, so that all of it is over then."""
HOURLY = (9, 14, 18, 20, 22, 19, 24, 21, 16, 12, 15, 17, 14, 9, 5, 3, 2, 2, 3, 5, 8, 12, 15)
"""How busy each hour is, the last one first."""


@dataclass(frozen=True)
class House:
    """One way in which the shop runs: its settings, and the host name that it answers to."""

    name: str
    settings: dict[str, str]
    host: str = "shop.concierge.example"


def _house(name: str, host: str = "shop.concierge.example", **settings: str) -> House:
    given = {f"CONCIERGE_{key.upper()}": value for key, value in settings.items()}
    return House(name, {"CONCIERGE_ENV": "prod", "CONCIERGE_REPLAY_SAMPLE_RATE": "45", **given}, host)


HOUSES = (
    _house("usual", speed="1.6", version="1.4.2"),
    _house("new", speed="1.8", version="1.5.0", prompt="v4"),
    _house("large-model", speed="0.7", version="1.4.2", model="claude-sonnet-5"),
    _house("slow", speed="0.3", version="1.4.2"),
    _house("stalling", speed="1.2", version="1.4.2", trouble="stalls", replay_sample_rate="70"),
    _house("overloaded", speed="1.5", version="1.4.2", trouble="overloaded", replay_sample_rate="70"),
    _house("kiosk", "kiosk.concierge.example", speed="1.5", version="0.9.1", service="concierge-kiosk"),
    _house(
        "staging", "staging.concierge.example", speed="3", version="1.6.0-rc.1", env="staging", prompt="v4"
    ),
)

CALM = {
    "browse": 24, "ask": 16, "talk": 12, "copy": 7, "thumbs_up": 8, "doubt": 8, "rephrase": 6, "returns": 9,
    "stop": 5, "leave": 4, "dead_click": 4, "rage_picture": 3, "error_click": 4, "two_tabs": 5,
    "unlinked": 4, "blocked": 2,
}  # fmt: skip
"""How often each thing is done in a shop that works; the names are those of `deeds.js`."""
TROUBLED = {"ask": 6, "impatient": 10, "stop": 6, "leave": 6, "retry": 6, "talk": 3, "browse": 4}

CROWD = json.loads(Path(__file__).with_name("crowd.json").read_text(encoding="utf-8"))
"""Devices, places and referrers with their weights, and names."""

PEOPLE = 110
SIGNED_IN = 0.55
"""Share of visits by somebody whom the shop knows; a fifth of these sign in before our eyes."""


@dataclass(frozen=True)
class Visit:
    """One visit, as `visits.js` carries it out."""

    number: int
    house: str
    deed: str
    ago_s: int
    seed: int
    width: int
    height: int
    touch: bool
    user_agent: str
    locale: str
    timezone: str
    referrer: str
    email: str
    """Empty for a stranger."""
    signs_in: bool


def visits(count: int) -> list[Visit]:
    """The plan, the earliest visit first."""
    chance = random.Random(SEED)  # noqa: S311 - a plan, no secret
    people = _people(chance)
    starts = sorted((_ago_s(chance) for _ in range(count)), reverse=True)
    return [_visit(number, ago_s, chance, people) for number, ago_s in enumerate(starts)]


def as_json(visit: Visit) -> dict[str, object]:
    """For `visits.js`."""
    return asdict(visit)


def _visit(number: int, ago_s: int, chance: random.Random, people: list[str]) -> Visit:
    house = _choose(chance, _houses_at(ago_s / 3600))
    deed = _choose(chance, TROUBLED if house in ("stalling", "overloaded", "slow") else CALM)
    device, place, referrer = (_pick(chance, CROWD[kind]) for kind in ("devices", "places", "referrers"))
    # The lower numbers come back more often.
    email = people[int(PEOPLE * chance.random() ** 2)] if chance.random() < SIGNED_IN else ""
    signs_in = bool(email) and chance.random() < 0.2
    return Visit(
        number=number,
        house=house,
        deed=deed,
        ago_s=ago_s,
        seed=chance.randrange(2**31),
        width=device["width"],
        height=device["height"],
        touch=device["touch"],
        user_agent=device["user_agent"],
        locale=place["locale"],
        timezone=place["timezone"],
        referrer=referrer["url"],
        email=email,
        signs_in=signs_in,
    )


def _houses_at(hours_ago: float) -> dict[str, float]:
    if 5 <= hours_ago < 6:
        return {"stalling": 8, "usual": 2, "new": 1}
    if 12 <= hours_ago < 12.5:
        return {"overloaded": 8, "usual": 2}
    new = 30 if hours_ago < 9 else 0
    return {"usual": 70 - new, "new": new, "large-model": 9, "slow": 4, "kiosk": 7, "staging": 4}


def _ago_s(chance: random.Random) -> int:
    (hour,) = chance.choices(range(len(HOURLY)), cum_weights=list(accumulate(HOURLY)))
    return max(LATEST_S, min(SPAN_S, int((hour + chance.random()) * 3600)))


def _people(chance: random.Random) -> list[str]:
    """Addresses, as the shop takes them; a third belong to the Trail Club, and some to its inner circle."""
    known = [f"{first}.{last}".lower() for first in CROWD["first_names"] for last in CROWD["last_names"]]
    names = chance.sample(known, PEOPLE)
    plans = chance.choices(("", "+club", "+pro"), (60, 30, 10), k=PEOPLE)
    return [f"{name}{plan}@mail.example" for name, plan in zip(names, plans, strict=True)]


def _choose(chance: random.Random, weights: dict[str, float] | dict[str, int]) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


def _pick(chance: random.Random, things: list[dict[str, Any]]) -> dict[str, Any]:
    return chance.choices(things, [thing["weight"] for thing in things])[0]
