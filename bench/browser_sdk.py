"""What the browser SDK costs its page, against Datadog's and none."""

import statistics
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

SCRIPT = Path(__file__).with_name("browser_sdk.mjs")
LOADS = 5
CHATS = 15
STARTS = 20
NO_REPLAY = ("diptych_no_replay", "datadog_no_replay")
NOTE = (
    "Milliseconds of the main thread's CPU; `init()` by the clock, which waits for the browser's cookies. "
    "Medians ± half of what the middle half spans, beyond the page without an SDK of the same round. "
    "A list of 5,000 elements loads; 100 tokens stream into a chat in 4 s, on all pages at the same time. "
    "A chat counts until all that was seen of it has left: before and after it the pages go out of sight, "
    "when both SDKs send what they hold; the server has to have been told of each chat by each. "
    "Ours follows how an answer streams, where Datadog's sees its request alone; `trackAnswers: false` does "
    "as well. "
    "No ratio where one side is within the noise."
)


class Start(msgspec.Struct, kw_only=True):
    """One load of a page, as far as the SDK's start."""

    round: int
    name: str
    init_ms: float
    """`init()` by the clock."""
    script_ms: float
    """CPU of the script that holds the SDK and calls `init()`."""


class Visit(msgspec.Struct, kw_only=True):
    """One load of a page, or one chat on it."""

    round: int
    name: str
    task_ms: float
    """CPU of the page's main thread."""


class Measured(msgspec.Struct, kw_only=True):
    """What the script prints."""

    starts: list[Start]
    loads: list[Visit]
    chats: list[Visit]


class Spread(NamedTuple):
    """Where the middle half of some figures lies."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        """The median, and half of what the middle half spans."""
        return f"{self.median:.1f} ± {(self.high - self.low) / 2:.1f}"


def spread(figures: Iterable[float]) -> Spread:
    """Quartiles."""
    return Spread(*statistics.quantiles(figures, n=4, method="inclusive"))


def measure(loads: int = LOADS, chats: int = CHATS, starts: int = STARTS) -> Measured:
    """With no SDK, ours and Datadog's; needs `npm run build -w @diptych/browser` before.

    Args:
        loads: Rounds of loads of the list.
        chats: Rounds of chats, on all pages at once.
        starts: Rounds of starts.
    """
    out = subprocess.run(
        ["node", str(SCRIPT), str(loads), str(chats), str(starts)], check=True, capture_output=True, text=True
    ).stdout
    return msgspec.json.decode(out, type=Measured)


def ratio(ours: Spread, theirs: Spread) -> str:
    """Ours to theirs; none where the middle half of either goes down to 0."""
    return f"**{ours.median / theirs.median:.2f}**" if min(ours.low, theirs.low) > 0 else "—"


def section() -> str:
    """Measure; what a page takes without an SDK, and what ours and Datadog's take beyond it, as Markdown."""
    measured = measure()
    lines = [
        "## Browser SDK",
        "",
        NOTE,
        "",
        "| | no SDK | diptych | datadog | **ratio** |",
        "| --- | --- | --- | --- | --- |",
    ]
    for field, title in (("init_ms", "init() call"), ("script_ms", "the SDK's script, with init()")):
        ours, theirs = (
            spread(getattr(start, field) for start in measured.starts if start.name == name)
            for name in ("diptych", "datadog")
        )
        lines.append(f"| {title} | | {ours} | {theirs} | {ratio(ours, theirs)} |")
    for visits, title, names in (
        (measured.loads, "load", ("diptych", "datadog")),
        (measured.loads, "load, no replay", NO_REPLAY),
        (measured.chats, "streaming chat", ("diptych", "datadog")),
        (measured.chats, "streaming chat, no replay", NO_REPLAY),
        (measured.chats, "the same, answers not followed", ("diptych_not_followed", "datadog_no_replay")),
    ):
        of = {(visit.round, visit.name): visit.task_ms for visit in visits}
        rounds = sorted({visit.round for visit in visits})
        ours, theirs = (spread(of[number, name] - of[number, "none"] for number in rounds) for name in names)
        none = spread(of[number, "none"] for number in rounds)
        lines.append(f"| {title} | {none} | {ours} | {theirs} | {ratio(ours, theirs)} |")
    return "\n".join(lines)
