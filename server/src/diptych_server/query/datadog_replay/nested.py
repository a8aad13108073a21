"""Datadog's older format (browser-rum 4 to 6): nodes nested as rrweb 1 had them, and rrweb's own mutations.

It differs from today's rrweb in shadow roots (nodes of their own, type 11), in adopted style sheets (on the
document and on shadow roots), and in additions that hold their children.
"""

from typing import Any

from diptych_server.query.datadog_replay.changes import under_media
from diptych_server.query.datadog_replay.outcome import Outcome, checkbox_text
from diptych_server.query.datadog_replay.tree import Broken, Kind, Node, Sheet, Tree

KINDS: dict[int, Kind] = {
    0: "document",
    1: "doctype",
    2: "element",
    3: "text",
    4: "text",
    11: "fragment",
}
"""NodeType of the format; 4 is a CDATA section, of which no text is recorded."""


class Nested:
    """Applies records of this format to a tree."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._next_sheet = 0

    def snapshot(self, data: Any) -> Outcome:
        """The whole page.

        Raises:
            Broken: it is no snapshot.
        """
        outcome = Outcome()
        try:
            self._tree.root = self._grow(data["node"], outcome)
        except (TypeError, ValueError, KeyError, AttributeError) as exc:
            raise Broken("a snapshot is not of its format") from exc
        offset = data.get("initialOffset") or {}
        outcome.scroll(self._tree.root, offset.get("left", 0), offset.get("top", 0))
        return outcome

    def mutation(self, data: Any) -> Outcome:
        """What a mutation changed; what refers to nodes that do not exist is passed over.

        Raises:
            Broken: it is no mutation.
        """
        outcome = Outcome()
        try:
            for removed in data.get("removes") or []:
                if (node := self._tree.node(removed["id"] + 1)) is not None:
                    outcome.remove(node)
                    self._tree.remove(node)
            for added in data.get("adds") or []:
                self._add(added, outcome)
            for changed in data.get("texts") or []:
                if (node := self._tree.node(changed["id"] + 1)) is not None:
                    outcome.set_text(node, changed["value"] or "")
            for changed in data.get("attributes") or []:
                if (node := self._tree.node(changed["id"] + 1)) is not None:
                    for name, value in changed["attributes"].items():
                        outcome.set_attribute(node, name, value)
        except (TypeError, ValueError, KeyError, AttributeError) as exc:
            raise Broken("a mutation is not of its format") from exc
        return outcome

    def input(self, data: dict[str, Any]) -> dict[str, Any] | None:
        """A change of a field; rrweb wants text and tick in one."""
        node = self._tree.node(data["id"] + 1)
        if node is None:
            return None
        told = {"source": data["source"], "id": node.id}
        if "isChecked" in data:
            return told | {"text": checkbox_text(node), "isChecked": bool(data["isChecked"])}
        return told | {"text": str(data.get("text", "")), "isChecked": False}

    def _add(self, added: dict[str, Any], outcome: Outcome) -> None:
        parent = self._tree.node(added["parentId"] + 1)
        if parent is None:
            return
        next_id = added.get("nextId")
        following = None if next_id is None else self._tree.node(next_id + 1)
        if (former := self._tree.node(added["node"]["id"] + 1)) is not None:
            outcome.remove(former)  # a node that moves is told once, without its removal
            self._tree.remove(former)
        node = self._grow(added["node"], outcome)
        if following is not None and following.parent is parent:
            self._tree.insert(following, node, after=False)
        else:
            self._tree.append(parent, node)

    def _grow(self, data: dict[str, Any], outcome: Outcome) -> Node:
        """A node with all below it, not yet in its place."""
        top = self._made(data, outcome)
        self._tree.nodes[top.id] = top
        waiting = [(top, data)]
        while waiting:
            parent, told = waiting.pop()
            for child in told.get("childNodes") or []:
                node = self._made(child, outcome)
                self._tree.append(parent, node)
                waiting.append((node, child))
        return top

    def _made(self, data: dict[str, Any], outcome: Outcome) -> Node:
        kind = KINDS[data["type"]]
        if data.get("isShadowRoot"):
            kind = "shadow"
        node = Node(data["id"] + 1, kind, text=data.get("textContent") or "")
        if kind == "doctype":
            node.name = data.get("name") or ""
            node.attributes = {
                "publicId": data.get("publicId") or "",
                "systemId": data.get("systemId") or "",
            }
        elif kind == "element":
            node.name = data["tagName"]
            node.attributes = dict(data.get("attributes") or {})
            node.is_svg = bool(data.get("isSVG"))
        outcome.added[node] = None
        if sheets := data.get("adoptedStyleSheets"):
            node.sheets = [self._sheet(sheet) for sheet in sheets]
            outcome.adopted[node] = None
        return node

    def _sheet(self, data: dict[str, Any]) -> Sheet:
        self._next_sheet += 1
        rules = (
            [] if data.get("disabled") else under_media(data.get("cssRules") or [], data.get("media") or [])
        )
        return Sheet(self._next_sheet, rules)
