"""docs/migration-from-opentelemetry.md: its programs, as they stand, and what a server has of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from .environment import FOREIGN
from .real_server import RealServer

GUIDE = Path(__file__).parents[4] / "docs/migration-from-opentelemetry.md"
PROGRAMS = dict(re.findall(r"```python\n# \d ([^\n]+)\n(.*?)```", GUIDE.read_text(), re.DOTALL))
ASK = """
import sys
headers = {"traceparent": sys.argv[1], "baggage": sys.argv[2]}
assert answer("What does the lamp cost?", headers) == "Forty euros."
"""
STORED_SECONDS = 20


def run(server: RealServer, program: str) -> tuple[dict[str, Any], str]:
    """The trace of one question of a page, and the page's session."""
    session_id, trace_id = f"session-{uuid4().hex}", uuid4().hex
    server.open_session(session_id)
    own = {name: value for name, value in os.environ.items() if not name.startswith(FOREIGN)}
    own |= {
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": f"{server.url}/v1/traces",
        "OTEL_EXPORTER_OTLP_TRACES_HEADERS": f"Authorization=Bearer%20{server.keys['server']}",
        "DIPTYCH_URL": server.url,
        "DIPTYCH_KEY": server.keys["server"],
    }
    page = [f"00-{trace_id}-b7ad6b7169203331-01", f"session.id={session_id},user.id=u1"]
    subprocess.run([sys.executable, "-c", program + ASK, *page], check=True, timeout=60, env=own)
    deadline_s = time.monotonic() + STORED_SECONDS
    while not server.get("/traces", q=f"trace_id:{trace_id}")["items"]:
        assert time.monotonic() < deadline_s, "no trace came"
        time.sleep(0.1)
    return server.trace(trace_id), session_id


def test_the_guide_has_three_programs() -> None:
    assert list(PROGRAMS) == ["keep all", "beside it", "instead"]


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_call_is_there_with_its_session_texts_and_tokens(server: RealServer, name: str) -> None:
    trace, session_id = run(server, PROGRAMS[name])
    [call] = [span for span in trace["spans"] if span["kind"] == "llm"]
    assert call["model"] == "my-model"
    assert call["tokens"]["input"] == 21
    sources = {session["session_id"]: session["source"] for session in trace["sessions"]}
    assert sources == {session_id: "claim" if name == "keep all" else "baggage"}
    assert call["user_id"] == "u1"
    assert "What does the lamp cost?" in str(call["input"] or call["input_messages"])
    assert "Forty euros." in str(call["output"] or call["output_messages"])
