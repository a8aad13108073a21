"""Settings of the demo, all from the environment."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from . import __version__

DEFAULT_MODEL = "claude-haiku-5-5"
"""Asked of the real API, and named to the offline stand-in, so that its tokens get this model's price."""


@dataclass(frozen=True)
class Settings:
    """One field a variable; `from_env` says which."""

    host: str = "127.0.0.1"
    """CONCIERGE_HOST"""
    port: int = 8401
    """CONCIERGE_PORT"""
    model: str = DEFAULT_MODEL
    """CONCIERGE_MODEL"""
    speed: float = 1.0
    """CONCIERGE_SPEED: pace of the offline stand-in; 1 is a small hosted model's, 0 does not wait."""
    trouble: str = ""
    """CONCIERGE_TROUBLE: what ails the stand-in: `stalls`, `overloaded` or nothing."""
    prompt: str = "v3"
    """CONCIERGE_PROMPT: version of the instructions that the agent gives the model; see `prompts.py`."""
    service: str = "concierge-shop"
    """CONCIERGE_SERVICE: the page's name in Diptych."""
    env: str = "demo"
    """CONCIERGE_ENV"""
    version: str = __version__
    """CONCIERGE_VERSION: of the page and of the agent, as Diptych is told."""
    replay_sample_rate: float = 100
    """CONCIERGE_REPLAY_SAMPLE_RATE: share of sessions with a replay, 0 to 100."""
    anthropic_api_key: str = ""
    """ANTHROPIC_API_KEY: with it, the real API answers and the stand-in is not started."""
    diptych_url: str = "http://127.0.0.1:8400"
    """DIPTYCH_URL"""
    diptych_key: str = ""
    """DIPTYCH_KEY: a key of the server kind; without it the agent is not traced."""
    diptych_client_key: str = ""
    """DIPTYCH_CLIENT_KEY: a key of the client kind, public; without it the page is not measured."""

    @property
    def offline(self) -> bool:
        """Whether the stand-in answers."""
        return not self.anthropic_api_key

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        """Reads the variables; one that is set but empty counts as not set."""
        found = {name: value for name, value in env.items() if value}
        return cls(
            host=found.get("CONCIERGE_HOST", cls.host),
            port=int(found.get("CONCIERGE_PORT", cls.port)),
            model=found.get("CONCIERGE_MODEL", cls.model),
            speed=float(found.get("CONCIERGE_SPEED", cls.speed)),
            trouble=found.get("CONCIERGE_TROUBLE", cls.trouble),
            prompt=found.get("CONCIERGE_PROMPT", cls.prompt),
            service=found.get("CONCIERGE_SERVICE", cls.service),
            env=found.get("CONCIERGE_ENV", cls.env),
            version=found.get("CONCIERGE_VERSION", cls.version),
            replay_sample_rate=float(found.get("CONCIERGE_REPLAY_SAMPLE_RATE", cls.replay_sample_rate)),
            anthropic_api_key=found.get("ANTHROPIC_API_KEY", ""),
            diptych_url=found.get("DIPTYCH_URL", cls.diptych_url).rstrip("/"),
            diptych_key=found.get("DIPTYCH_KEY", ""),
            diptych_client_key=found.get("DIPTYCH_CLIENT_KEY", ""),
        )
