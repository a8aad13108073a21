"""What the browser SDK costs its page, against Datadog's and none."""

import json
import statistics
import subprocess
from pathlib import Path

import msgspec

SCRIPT = Path(__file__).with_name("browser_sdk.mjs")
ROUNDS = 5


class Visit(msgspec.Struct, kw_only=True):
    """One visit of a page; milliseconds of its main thread."""

    name: str
    init_ms: float
    load_ms: float
    chat_ms: float
    sent_bytes: int


def measure(rounds: int = ROUNDS) -> list[Visit]:
    """Visits with no SDK, ours and Datadog's in turns; needs `npm run build -w @diptych/browser` before."""
    out = subprocess.run(
        ["node", str(SCRIPT), str(rounds)], check=True, capture_output=True, text=True
    ).stdout
    return msgspec.convert(json.loads(out)["visits"], list[Visit])


def section() -> str:
    """Measure; medians, beyond a page without an SDK, as Markdown."""
    visits = measure()

    def median(name: str, field: str) -> float:
        return float(statistics.median(getattr(visit, field) for visit in visits if visit.name == name))

    lines = [
        "## Browser SDK",
        "",
        "Main thread, CPU (`init()`: wall), medians, beyond no SDK; 5,000 elements, 200 streamed tokens.",
        "",
        "| | diptych ms | datadog ms | **ratio** |",
        "| --- | --- | --- | --- |",
    ]
    for field, title, suffix in (
        ("init_ms", "init() call", ""),
        ("load_ms", "load", ""),
        ("load_ms", "load, no replay", "_no_replay"),
        ("chat_ms", "streaming chat", ""),
        ("chat_ms", "streaming chat, no replay", "_no_replay"),
    ):
        ours, theirs = (
            median(name + suffix, field) - median("none", field) for name in ("diptych", "datadog")
        )
        lines.append(f"| {title} | {ours:.1f} | {theirs:.1f} | **{ours / theirs:.2f}** |")
    return "\n".join(lines)
