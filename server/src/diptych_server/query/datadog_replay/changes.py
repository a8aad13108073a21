"""Datadog's flat format (browser-rum 7): a record is a list of changes, each `[kind, item…]`.

Strings are numbers into a table that grows over the view; nodes and style sheets have no id but their place
in the order in which they were added. A full snapshot starts both anew.
Source: the public rum-events-format, session-replay/browser/changes.
"""

from collections.abc import Callable
from typing import Any

from diptych_server.query.datadog_replay.outcome import Outcome
from diptych_server.query.datadog_replay.tree import Broken, Node, Sheet, Tree

OLD_STRINGS, CLEAR_STRINGS = 0, 14
"""Kinds of changes whose items are no changes of their own."""

SVG_PREFIX = "svg>"
MEDIA_STATES = {0: "played", 1: "paused"}
SELECTED, DESELECTED = 0, 1
FLAGS = frozenset({"checked", "selected"})
"""Attributes that rrweb has as true, not as an empty text."""

MAX_STRINGS = 4_000_000
"""Four times what the recorder allows itself before it clears the table."""


class Changes:
    """Applies records of this format to a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._strings: list[str] = []
        self._next_node = 0
        self._sheets: list[list[str]] = []
        self._outcome = Outcome()
        # 10 (visual viewport) and 15 (content of a canvas) have nothing to show.
        self._kinds: dict[int, Callable[[Any], None]] = {
            1: self._add_node,
            2: self._remove_node,
            3: self._set_attributes,
            4: self._set_text,
            5: self._set_size,
            6: self._set_scroll,
            7: self._add_sheet,
            8: self._attach_sheets,
            9: self._set_media_state,
            11: lambda item: self._add_strings(item[1:]),
            12: self._set_value,
            13: self._select,
        }

    def apply(self, data: Any) -> Outcome:
        """What a record changed.

        Raises:
            Broken: an addition stands at a place that does not exist, or the record is no list of changes.
        """
        self._outcome = Outcome()
        try:
            for kind, *items in data:
                self._apply(kind, items)
        except (TypeError, ValueError, IndexError, KeyError, AttributeError) as exc:
            raise Broken("a change is not of its format") from exc
        return self._outcome

    def _apply(self, kind: int, items: list[Any]) -> None:
        if kind == OLD_STRINGS:
            self._add_strings(items)
        elif kind == CLEAR_STRINGS:
            self._strings.clear()
        elif (change := self._kinds.get(kind)) is not None:
            for item in items:
                change(item)

    def _add_strings(self, strings: list[Any]) -> None:
        self._strings.extend(str(string) for string in strings)
        if len(self._strings) > MAX_STRINGS:
            raise Broken("more strings than a recorder makes")

    def _string(self, value: Any) -> str:
        if isinstance(value, int):
            if not 0 <= value < len(self._strings):
                raise Broken(f"string {value} was never told")
            return self._strings[value]
        return str(value["string"]) if isinstance(value, dict) else str(value)

    def _known(self, node_id: int) -> Node | None:
        """A node by the sender's id; what refers to one that does not exist is passed over."""
        return self._tree.node(node_id + 1)

    def _add_node(self, item: list[Any]) -> None:
        place, name, *rest = item
        self._next_node += 1
        node = self._made(self._next_node, self._string(name), rest)
        self._outcome.added[node] = None
        self._place(node, place)

    def _place(self, node: Node, place: int | None) -> None:
        if place is None:
            self._tree.root = self._tree.nodes[node.id] = node
            return
        # 0: behind the node before it; n: last child of the one n before it; -n: in front of the one n before
        reference = self._tree.node(node.id - (abs(place) or 1))
        if reference is None:
            raise Broken(f"node {node.id} has its place by a node that does not exist")
        if place > 0:
            self._tree.append(reference, node)
        else:
            self._tree.insert(reference, node, after=place == 0)

    def _made(self, node_id: int, name: str, rest: list[Any]) -> Node:
        if name == "#text":
            return Node(node_id, "text", text=self._string(rest[0]))
        if name == "#document":
            return Node(node_id, "document")
        if name == "#doctype":
            doctype, public_id, system_id = (self._string(part) for part in rest)
            return Node(
                node_id, "doctype", doctype, attributes={"publicId": public_id, "systemId": system_id}
            )
        if name == "#shadow-root":
            return Node(node_id, "shadow")
        if name == "#document-fragment":
            return Node(node_id, "fragment")
        if name == "#cdata-section":
            return Node(node_id, "text")  # no HTML document may make one, and its text is never recorded
        is_svg = name.startswith(SVG_PREFIX)
        tag = name[len(SVG_PREFIX) :] if is_svg else name.lower()
        attributes = {self._string(attribute): self._string(value) for attribute, value in rest}
        for flag in FLAGS & attributes.keys():
            attributes[flag] = True  # type: ignore[assignment]  # rrweb's own way to say it
        return Node(node_id, "element", tag, attributes=dict(attributes), is_svg=is_svg)

    def _remove_node(self, node_id: int) -> None:
        if (node := self._known(node_id)) is not None:
            self._outcome.remove(node)
            self._tree.remove(node)

    def _set_attributes(self, item: list[Any]) -> None:
        node_id, *pairs = item
        if (node := self._known(node_id)) is None:
            return
        for attribute, *value in pairs:
            self._outcome.set_attribute(
                node, self._string(attribute), self._string(value[0]) if value else None
            )

    def _set_text(self, item: list[Any]) -> None:
        if (node := self._known(item[0])) is not None:
            self._outcome.set_text(node, self._string(item[1]))

    def _set_size(self, item: list[Any]) -> None:
        """Of a hidden element's box; it is known when the element is added, and does not change."""
        node_id, width, height = item
        if (node := self._known(node_id)) is not None:
            node.attributes |= {"rr_width": f"{width}px", "rr_height": f"{height}px"}

    def _set_scroll(self, item: list[Any]) -> None:
        node_id, left, top = item
        if (node := self._known(node_id)) is not None:
            self._outcome.scroll(node, left, top)

    def _add_sheet(self, item: list[Any]) -> None:
        rules, *more = item
        media = [self._string(medium) for medium in more[0]] if more else []
        texts = [self._string(rule) for rule in (rules if isinstance(rules, list) else [rules])]
        is_disabled = len(more) > 1 and bool(more[1])
        self._sheets.append([] if is_disabled else under_media(texts, media))

    def _attach_sheets(self, item: list[Any]) -> None:
        node_id, *sheet_ids = item
        if (node := self._known(node_id)) is None:
            return
        if any(not 0 <= sheet_id < len(self._sheets) for sheet_id in sheet_ids):
            raise Broken("a style sheet was never told")
        if node.kind == "element":
            css = "".join(rule for sheet_id in sheet_ids for rule in self._sheets[sheet_id])
            self._outcome.set_attribute(node, "_cssText", css)
        else:
            node.sheets = [Sheet(sheet_id + 1, self._sheets[sheet_id]) for sheet_id in sheet_ids]
            self._outcome.adopted[node] = None

    def _set_media_state(self, item: list[Any]) -> None:
        node_id, state = item
        if (node := self._known(node_id)) is not None:
            self._outcome.media(node, MEDIA_STATES[state], state)

    def _set_value(self, item: list[Any]) -> None:
        if (node := self._known(item[0])) is not None:
            self._outcome.input(node, self._string(item[1]))

    def _select(self, item: list[Any]) -> None:
        state, *node_ids = item
        for node_id in node_ids:
            if (node := self._known(node_id)) is not None:
                self._outcome.check(node, is_on=state == SELECTED)


def under_media(rules: list[str], media: list[str]) -> list[str]:
    """Rules as they hold for these media alone; rrweb's sheets have no media of their own."""
    if not media or not rules:
        return rules
    return [f"@media {', '.join(media)} {{ {' '.join(rules)} }}"]
