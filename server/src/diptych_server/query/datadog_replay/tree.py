"""The recorded page as a tree, and rrweb's words for its nodes.

rrweb has no node for a shadow root: its children stand under the host, marked. Ids are the sender's plus one,
since Datadog's start at 0 and rrweb's must not.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["document", "doctype", "element", "text", "shadow", "fragment"]

DOCUMENT, DOCTYPE, ELEMENT, TEXT = 0, 1, 2, 3
"""rrweb's NodeType."""

MAX_NESTED_LEVELS = 200
"""Of a rendered snapshot; what lies deeper follows as flat additions, since readers of JSON recurse."""


class Broken(Exception):
    """The recording cannot be followed from here on: it does not mean what its format says."""


@dataclass(slots=True, eq=False)
class Sheet:
    """A style sheet that a document or a shadow root has adopted."""

    style_id: int
    rules: list[str]


@dataclass(slots=True, eq=False)
class Node:
    """One node; `attributes` hold what rrweb reads besides the page's own: `_cssText`, `rr_…`."""

    id: int
    kind: Kind
    name: str = ""
    text: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    is_svg: bool = False
    parent: "Node | None" = None
    children: list["Node"] = field(default_factory=list)
    sheets: list[Sheet] = field(default_factory=list)
    is_gone: bool = False
    """Whether it, or one above it, was taken out."""

    @property
    def host(self) -> "Node | None":
        """The parent as rrweb knows it: of children of a shadow root its host."""
        parent = self.parent
        return parent.parent if parent is not None and parent.kind == "shadow" else parent

    @property
    def is_shadow(self) -> bool:
        """Whether it stands directly in a shadow root."""
        return self.parent is not None and self.parent.kind == "shadow"

    @property
    def is_shown(self) -> bool:
        """Whether rrweb has a node for it."""
        return self.kind not in ("shadow", "fragment")

    def next_shown(self) -> "Node | None":
        """The next sibling that rrweb has a node for."""
        if self.parent is None:
            return None
        siblings = self.parent.children
        at = siblings.index(self)
        return next((node for node in siblings[at + 1 :] if node.is_shown), None)

    def rendered_children(self) -> Iterator["Node"]:
        """Children as rrweb has them: those of a shadow root stand beside the host's own."""
        for child in self.children:
            if child.kind == "shadow":
                yield from (node for node in child.children if node.is_shown)
            elif child.kind != "fragment":
                yield child

    def walk(self) -> Iterator["Node"]:
        """This node and all below it, parents first."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))


class Tree:
    """All nodes by their id, the document at the top."""

    def __init__(self) -> None:
        self.nodes: dict[int, Node] = {}
        self.root: Node | None = None

    def node(self, node_id: int) -> Node | None:
        """The node of an id of ours; None when it was never told, or is gone."""
        return self.nodes.get(node_id)

    def append(self, parent: Node, node: Node) -> None:
        """Put a node behind the last child."""
        node.parent = parent
        parent.children.append(node)
        self.nodes[node.id] = node

    def insert(self, sibling: Node, node: Node, *, after: bool) -> None:
        """Put a node beside another.

        Raises:
            Broken: the other one stands nowhere.
        """
        parent = sibling.parent
        if parent is None:
            raise Broken(f"node {sibling.id} has no place that another could stand beside")
        children = parent.children
        node.parent = parent
        self.nodes[node.id] = node
        if after and children[-1] is sibling:
            children.append(node)
        else:
            children.insert(children.index(sibling) + after, node)

    def remove(self, node: Node) -> None:
        """Take a node out, with all below it."""
        if node.parent is not None:
            node.parent.children.remove(node)
        node.parent = None
        for gone in node.walk():
            gone.is_gone = True
            self.nodes.pop(gone.id, None)


def render(node: Node) -> dict[str, Any]:
    """One node without its children."""
    rendered: dict[str, Any] = {"id": node.id}
    if node.kind == "document":
        rendered |= {"type": DOCUMENT, "childNodes": []}
    elif node.kind == "doctype":
        rendered |= {"type": DOCTYPE, "name": node.name, **node.attributes}
    elif node.kind == "text":
        rendered |= {"type": TEXT, "textContent": node.text}
    else:
        rendered |= {
            "type": ELEMENT,
            "tagName": node.name,
            "attributes": dict(node.attributes),
            "childNodes": [],
        }
        if node.is_svg:
            rendered["isSVG"] = True
        if any(child.kind == "shadow" for child in node.children):
            rendered["isShadowHost"] = True
    if node.is_shadow:
        rendered["isShadow"] = True
    return rendered


def render_all(root: Node) -> tuple[dict[str, Any], list[Node]]:
    """A node with all below it, and the nodes that lie too deep and are to follow as additions."""
    top = render(root)
    deep: list[Node] = []
    waiting = [(root, top, 1)]
    while waiting:
        node, rendered, level = waiting.pop()
        for child in node.rendered_children():
            if level >= MAX_NESTED_LEVELS:
                deep.append(child)
                continue
            made = render(child)
            rendered["childNodes"].append(made)
            waiting.append((child, made, level + 1))
    return top, deep


def additions(roots: list[Node]) -> list[dict[str, Any]]:
    """Added nodes as rrweb takes them: each alone, parents first, and each before the sibling it precedes."""
    added: list[dict[str, Any]] = []
    waiting = list(roots)
    while waiting:
        node = waiting.pop()
        host = node.host
        if host is None:
            continue
        following = node.next_shown()
        added.append(
            {"parentId": host.id, "nextId": following.id if following else None, "node": render(node)}
        )
        waiting.extend(node.rendered_children())
    return added
