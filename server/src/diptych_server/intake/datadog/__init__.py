"""Datadog's clients, unchanged: `@datadog/browser-rum` by its `proxy`, `ddtrace` by its agent's URL.

    addresses   what they call → one canonical path a door, with key, encoding and time where ours look
    rum, replay, tracks      of pages       agent, trace, llmobs, evaluation      of agents

Ids stay as the sender has them: a span's are decimal, a trace is the 32 hex digits of its LLMObs trace.
"""

from diptych_server.intake.datadog.addresses import ABSENT, serves, unwrapped
from diptych_server.intake.datadog.doors import doors

__all__ = ["ABSENT", "doors", "serves", "unwrapped"]
