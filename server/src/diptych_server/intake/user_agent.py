"""Browser, operating system and kind of device, from the User-Agent header."""

from functools import lru_cache
from typing import NamedTuple

import ua_parser

MAX_CHARACTERS = 512
"""Of a User-Agent that is read; honest ones have some 150."""

MOBILE_SYSTEMS = frozenset({"iOS", "Android", "Windows Phone", "KaiOS", "BlackBerry OS", "HarmonyOS"})


class Agent(NamedTuple):
    """Words for people; empty where unknown."""

    browser: str = ""
    """Family and major version: `Chrome 131`."""
    os: str = ""
    device: str = ""
    """desktop, mobile, tablet or bot."""


@lru_cache(maxsize=4096)
def agent_of(user_agent: str) -> Agent:
    """Read a User-Agent header; a few hundred different ones cover a day of most sites."""
    text = user_agent[:MAX_CHARACTERS]
    if not text:
        return Agent()
    found = ua_parser.parse(text)
    family = found.user_agent.family if found.user_agent else ""
    major = found.user_agent.major if found.user_agent else None
    system = found.os.family if found.os else ""
    device = found.device.family if found.device else ""
    return Agent(f"{family} {major}" if family and major else family, system, _kind(device, system, text))


def _kind(device: str, system: str, text: str) -> str:
    if device == "Spider":
        return "bot"
    if "iPad" in text or "Tablet" in text or (system == "Android" and "Mobile" not in text):
        return "tablet"
    if system in MOBILE_SYSTEMS or "Mobile" in text:
        return "mobile"
    return "desktop" if system else ""
