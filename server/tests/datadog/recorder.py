"""A recorder and a player in miniature: what Datadog's SDK writes, and what rrweb makes of events.

`Page` is a document that writes the flat format (browser-rum 7) of every change that is made to it; `Player`
applies rrweb events as rrweb's own player does, and refuses what that one would only warn of.
"""

from dataclasses import dataclass, field
from typing import Any

ROLE = 0


@dataclass(eq=False)
class Element:
    """A node of the page; `#text` nodes have text, others children and attributes."""

    name: str
    text: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Element"] = field(default_factory=list)
    parent: "Element | None" = None
    id: int = -1

    def shown(self) -> Any:
        """The node as plain values, to compare with a player's."""
        if self.name == "#text":
            return self.text
        children = [child.shown() for child in self.children if child.name != "#shadow-root"]
        # A shadow root without anything in it is none to rrweb.
        roots = [child for child in self.children if child.name == "#shadow-root" and child.children]
        shadow = [child.shown()[2] for child in roots]
        return (self.name.lower(), dict(self.attributes), children, *shadow)


class Page:
    """A document and the records of it."""

    def __init__(self) -> None:
        self.document = Element("#document")
        self.body = Element("BODY")
        html = Element("HTML", children=[self.body], parent=self.document)
        self.body.parent = html
        self.document.children = [html]
        self._strings: dict[str, int] = {}
        self._new_strings: list[str] = []
        self._next_id = 0

    def snapshot(self, at_ms: int) -> dict[str, Any]:
        """A full snapshot; ids and strings begin anew."""
        self._strings.clear()
        self._next_id = 0
        changes = self._recorded([[1, *self._added(self.document, None)]])
        return {"type": 2, "format": 1, "timestamp": at_ms, "data": changes}

    def change(self, at_ms: int, *changes: list[Any]) -> dict[str, Any]:
        """One record of changes."""
        return {"type": 12, "timestamp": at_ms, "data": self._recorded(list(changes))}

    def add(self, node: Element, parent: Element, before: Element | None = None) -> list[Any]:
        """Put a node into the page; the change that says so."""
        at = len(parent.children) if before is None else parent.children.index(before)
        parent.children.insert(at, node)
        node.parent = parent
        place = (lambda own: own - parent.id) if before is None else (lambda own: before.id - own)
        return [1, *self._added(node, place)]

    def remove(self, node: Element) -> list[Any]:
        """Take a node out of the page."""
        assert node.parent is not None
        node.parent.children.remove(node)
        return [2, node.id]

    def set(self, node: Element, name: str, value: str | None) -> list[Any]:
        """Set or delete an attribute."""
        if value is None:
            node.attributes.pop(name, None)
            return [3, [node.id, [self._string(name)]]]
        node.attributes[name] = value
        return [3, [node.id, [self._string(name), self._string(value)]]]

    def write(self, node: Element, text: str) -> list[Any]:
        """Change the text of a text node."""
        node.text = text
        return [4, [node.id, self._string(text)]]

    def _added(self, node: Element, place: Any) -> list[Any]:
        node.id = self._next_id
        self._next_id += 1
        items = [self._item(node, place(node.id) if place else None)]
        previous = None
        for child in node.children:
            # The recorder's own preference: behind the node before it where that is its sibling.
            follows = previous is not None and previous.id == self._next_id - 1
            items += self._added(
                child, (lambda _: 0) if follows else (lambda own, parent=node.id: own - parent)
            )
            previous = child
        return items

    def _item(self, node: Element, place: int | None) -> list[Any]:
        if node.name == "#text":
            return [place, self._string("#text"), self._string(node.text)]
        pairs = [[self._string(name), self._string(value)] for name, value in node.attributes.items()]
        return [place, self._string(node.name), *pairs]

    def _string(self, text: str) -> int:
        if text not in self._strings:
            self._strings[text] = len(self._strings)
            self._new_strings.append(text)
        return self._strings[text]

    def _recorded(self, changes: list[list[Any]]) -> list[list[Any]]:
        told, self._new_strings = self._new_strings, []
        # The recorder writes additions before removals, whatever came first.
        changes.sort(key=lambda change: change[0])
        return [[11, [ROLE, *told]], *changes]


class Player:
    """What stands on the stage after some rrweb events."""

    def __init__(self) -> None:
        self._nodes: dict[int, dict[str, Any]] = {}
        self._root: dict[str, Any] = {}
        self.inputs: dict[int, tuple[str, bool]] = {}
        self.adopted: dict[int, list[str]] = {}

    def play(self, events: list[dict[str, Any]]) -> None:
        """Apply events in their order."""
        for event in events:
            if event["type"] == 2:
                self._nodes.clear()
                self._root = self._grow(event["data"]["node"], None)
            elif event["type"] == 3:
                self._apply(event["data"])

    def shown(self) -> Any:
        """The document as plain values, as `Element.shown` has them."""
        return self._shown(self._root)

    def _shown(self, node: dict[str, Any]) -> Any:
        if node["type"] == 3:
            return node["textContent"]
        name = "#document" if node["type"] == 0 else node["tagName"]
        light = [self._shown(child) for child in node["children"] if not child.get("isShadow")]
        shadow = [self._shown(child) for child in node["children"] if child.get("isShadow")]
        whole = (name, dict(node.get("attributes", {})), light)
        return (*whole, shadow) if shadow else whole

    def _grow(self, data: dict[str, Any], parent: dict[str, Any] | None) -> dict[str, Any]:
        assert data["id"] > 0, "rrweb has no id 0"
        assert data["id"] not in self._nodes, "an id stands for one node"
        node = {**data, "parent": parent, "children": []}
        self._nodes[data["id"]] = node
        node["children"] = [self._grow(child, node) for child in data.get("childNodes", [])]
        return node

    def _apply(self, data: dict[str, Any]) -> None:
        if data["source"] == 5:
            self.inputs[data["id"]] = (data["text"], data["isChecked"])
        elif data["source"] == 15:
            self.adopted[data["id"]] = [rule["rule"] for style in data["styles"] for rule in style["rules"]]
        elif data["source"] == 0:
            self._mutate(data)

    def _mutate(self, data: dict[str, Any]) -> None:
        for removed in data["removes"]:
            node = self._nodes[removed["id"]]
            assert node["parent"]["id"] == removed["parentId"]
            assert node.get("isShadow", False) == removed.get("isShadow", False)
            node["parent"]["children"].remove(node)
            self._forget(node)
        for added in data["adds"]:
            parent = self._nodes[added["parentId"]]
            assert not added["node"].get("childNodes"), "rrweb's player looks at no children here"
            node = self._grow(added["node"], parent)
            if node.get("isShadow"):
                parent["isShadowHost"] = True
            siblings = parent["children"]
            following = None if added["nextId"] is None else self._nodes[added["nextId"]]
            assert following is None or following["parent"] is parent
            siblings.insert(len(siblings) if following is None else siblings.index(following), node)
        for changed in data["texts"]:
            self._nodes[changed["id"]]["textContent"] = changed["value"]
        for changed in data["attributes"]:
            attributes = self._nodes[changed["id"]]["attributes"]
            for name, value in changed["attributes"].items():
                if value is None:
                    attributes.pop(name, None)
                else:
                    attributes[name] = value

    def _forget(self, node: dict[str, Any]) -> None:
        del self._nodes[node["id"]]
        for child in node["children"]:
            self._forget(child)
