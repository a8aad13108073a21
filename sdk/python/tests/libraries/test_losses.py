"""What the SDK loses is seen where the server shows its own losses: /health, and the settings page."""

from __future__ import annotations

from diptych import LLMObs

from .real_server import RealServer


def test_the_server_shows_what_the_sdk_lost(server: RealServer) -> None:
    LLMObs.enable(ml_app="lossy", url=server.url, key=server.keys["server"], queue_bytes=2_000)
    try:
        for _ in range(3):
            with LLMObs.task("too large for the queue"):
                LLMObs.annotate(input_data="x" * 2_000)
        with LLMObs.task("small"):
            pass
        assert LLMObs.flush(30)
        assert LLMObs.dropped() == {"queue_full": 3}
        assert server.health()["dropped"]["python_sdk.queue_full"] == 3
    finally:
        LLMObs.disable()
