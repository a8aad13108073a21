"""The questions that the UI's pages ask, as requests, over what is stored in a folder."""

from collections.abc import Sequence
from typing import NamedTuple

from bench.http_reader import Reader
from bench.population import COMMON_WORD, RARE_WORD

MANY = 50
"""Things that a question is asked of in turns, so that no answer is only a warm page."""

ROWS = 30
"""Rows of a list that a screen shows."""

WENT_WRONG = "verdict.human:fail OR verdict.judge:fail OR verdict.code:fail"
"""What the Overview lists, as the interface asks for it."""


class Asked(NamedTuple):
    """One question, with the paths that ask it."""

    name: str
    paths: Sequence[str]
    is_scan: bool = False
    """Counts all that a search finds, where the others read a page of it."""


def _ids(reader: Reader, path: str, name: str) -> list[str]:
    items = reader.answer(path)["items"]
    found = [item[name] for item in items if item[name]]
    if not found:
        raise RuntimeError(f"{path}: nothing is stored that the questions could be asked of")
    return found


def questions(reader: Reader) -> list[Asked]:
    """Every question, of ids that are stored."""
    sessions = _ids(reader, f"/sessions?limit={MANY}&sort=first_seen&query=traces:>3", "session_id")
    traces = _ids(reader, f"/traces?limit={MANY}", "trace_id")
    turns = _ids(reader, f"/turns?limit={MANY}", "turn_id")

    def of_each(form: str, ids: Sequence[str]) -> list[str]:
        return [form.format(one) for one in ids]

    return [
        Asked("sessions, first page of 50", ["/sessions?limit=50"]),
        Asked("traces, first page of 50", ["/traces?limit=50"]),
        Asked("spans, first page of 50", ["/spans?limit=50"]),
        Asked("turns, first page of 50", ["/turns?limit=50"]),
        Asked("evaluations, first page of 50", ["/evaluations?limit=50"]),
        Asked(
            "verdicts on 30 sessions",
            [f"/verdicts?{'&'.join(f'session_id={one}' for one in sessions[:ROWS])}"],
        ),
        Asked("verdicts on 30 traces", [f"/verdicts?{'&'.join(f'trace_id={one}' for one in traces[:ROWS])}"]),
        Asked("one session", of_each("/sessions/{}", sessions)),
        Asked("events of a session", of_each("/sessions/{}/events?limit=200", sessions)),
        Asked("traces of a session", of_each("/sessions/{}/traces", sessions)),
        Asked("turns of a session", of_each("/turns?session_id={}", sessions)),
        Asked("replay index of a session", of_each("/sessions/{}/replay", sessions)),
        Asked("one trace, whole", of_each("/traces/{}", traces)),
        Asked("one turn", of_each("/turns/{}", turns)),
        Asked("traces with a rare word", [f"/traces?query={RARE_WORD}&limit=50"]),
        Asked("traces with a common word", [f"/traces?query={COMMON_WORD}&limit=50"]),
        Asked("spans with a rare word", [f"/spans?query={RARE_WORD}&limit=50"]),
        Asked(
            "sessions with errors and clicks", ["/sessions?query=error.count:>2 action.count:>10&limit=50"]
        ),
        Asked("sessions by their traces' model", ["/sessions?query=trace.model:gpt*&limit=50"]),
        Asked("traces by a verdict", ["/traces?query=evaluation.grounded:fail&limit=50"]),
        Asked("turns with a rare word", [f"/turns?query={RARE_WORD}&limit=50"]),
        Asked("turns that were copied", ["/turns?query=reaction:copy&limit=50"]),
        Asked("turns that went wrong", [f"/turns?query={WENT_WRONG}&limit=10"]),
        Asked("facets of sessions", ["/facets?signal=sessions"], is_scan=True),
        Asked("facets of traces", ["/facets?signal=traces"], is_scan=True),
        Asked("facets of spans", ["/facets?signal=spans"], is_scan=True),
        Asked("facets of turns", ["/facets?signal=turns"], is_scan=True),
        Asked("histogram of sessions", ["/timeseries?signal=sessions"], is_scan=True),
        Asked("histogram of traces", ["/timeseries?signal=traces"], is_scan=True),
        Asked("histogram of spans", ["/timeseries?signal=spans"], is_scan=True),
        Asked("histogram of turns", ["/timeseries?signal=turns"], is_scan=True),
        Asked("summary of evaluations", ["/evaluations/summary"], is_scan=True),
        Asked("overview", ["/overview"], is_scan=True),
    ]
