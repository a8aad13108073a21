"""Records of one view, in their order, become rrweb events."""

from collections.abc import Callable, Iterable
from typing import Any

from diptych_server.query.datadog_replay.changes import Changes
from diptych_server.query.datadog_replay.nested import Nested
from diptych_server.query.datadog_replay.outcome import (
    INCREMENTAL,
    INPUT,
    MUTATION,
    Event,
    Outcome,
    adoptions,
)
from diptych_server.query.datadog_replay.tree import Broken, Tree, additions, render_all

FULL_SNAPSHOT, META, CUSTOM, CHANGE = 2, 4, 5, 12
"""Types of records, and of events: 12 is a record alone, 5 an event alone."""

CHANGE_FORMAT = 1
"""`format` of a full snapshot that is a list of changes."""

TAGS = {6: "focus", 7: "view_end", 8: "visual_viewport", 9: "frustration"}
"""Records that rrweb has no event for -> the tag of a custom event. rrweb's own type 6 is something else."""

POSITIONS = frozenset({1, 6})
"""Moves of mouse and finger: their ids are inside."""

PASSED = frozenset({2, 3, 7, 8})
"""Clicks, scrolling, media, rules of style sheets: one id. Datadog's 9 is not rrweb's 9 and is left out."""

RESIZE = 4


class Converter:
    """Holds the page of one view between its records; they must come whole and in order from a snapshot on.

    A record that cannot be followed ends the recording until the next full snapshot: after it, nothing means
    what it says any more.
    """

    def __init__(self) -> None:
        self._tree = Tree()
        self._changes: Changes | None = None
        self._nested = Nested(self._tree)
        self._is_told = False
        self._last_ms = 0.0
        self._kinds: dict[int, Callable[[dict[str, Any]], list[Event]]] = {
            FULL_SNAPSHOT: self._snapshot,
            INCREMENTAL: self._incremental,
            META: lambda record: [self._event(META, record["data"])],
            CHANGE: self._change,
        }

    def events(self, records: Iterable[dict[str, Any]]) -> list[Event]:
        """Events of the next records."""
        events: list[Event] = []
        for record in records:
            try:
                # A batch of changes is stamped when it is sent, so a click can stand before what it hit.
                self._last_ms = max(self._last_ms, record["timestamp"])
                events += self._converted(record)
            except Broken:
                self._is_told = False
            except (KeyError, TypeError, ValueError, AttributeError):
                continue  # of no format; nothing that follows depends on it
        return events

    def _converted(self, record: dict[str, Any]) -> list[Event]:
        kind = record["type"]
        if (tag := TAGS.get(kind)) is not None:
            return [self._event(CUSTOM, {"tag": tag, "payload": record.get("data") or {}})]
        if kind in (INCREMENTAL, CHANGE) and not self._is_told:
            return []
        convert = self._kinds.get(kind)
        return convert(record) if convert else []

    def _snapshot(self, record: dict[str, Any]) -> list[Event]:
        self._tree = Tree()
        self._nested = Nested(self._tree)
        self._changes = None
        self._is_told = False
        if record.get("format") == CHANGE_FORMAT:
            self._changes = Changes(self._tree)
            outcome = self._changes.apply(record["data"])
        else:
            outcome = self._nested.snapshot(record["data"])
        root = self._tree.root
        if root is None:
            raise Broken("a snapshot without a document")
        self._is_told = True
        offset = {
            "left": root.attributes.pop("rr_scrollLeft", 0),
            "top": root.attributes.pop("rr_scrollTop", 0),
        }
        whole, deep = render_all(root)
        events = [self._event(FULL_SNAPSHOT, {"node": whole, "initialOffset": offset})]
        if adds := additions(deep):
            data = {"source": MUTATION, "adds": adds, "removes": [], "attributes": [], "texts": []}
            events.append(self._event(INCREMENTAL, data))
        return events + adoptions(outcome.adopted, self._last_ms)

    def _change(self, record: dict[str, Any]) -> list[Event]:
        if self._changes is None:
            raise Broken("changes after a snapshot of the older format: their ids start nowhere")
        return self._told(self._changes.apply(record["data"]))

    def _incremental(self, record: dict[str, Any]) -> list[Event]:
        data = record["data"]
        source = data["source"]
        if source == MUTATION:
            return self._told(self._nested.mutation(data))
        if source == INPUT:
            told = self._nested.input(data)
            return [self._event(INCREMENTAL, told)] if told else []
        if source in POSITIONS:
            positions = [{**position, "id": position["id"] + 1} for position in data["positions"]]
            return [self._event(INCREMENTAL, {**data, "positions": positions})]
        if source in PASSED:
            return [self._event(INCREMENTAL, {**data, "id": data["id"] + 1})]
        return [self._event(INCREMENTAL, data)] if source == RESIZE else []

    def _told(self, outcome: Outcome) -> list[Event]:
        return outcome.events(self._last_ms)

    def _event(self, kind: int, data: Any) -> Event:
        return {"type": kind, "timestamp": self._last_ms, "data": data}
