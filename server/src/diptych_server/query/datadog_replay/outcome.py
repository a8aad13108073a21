"""What one record changed, said as rrweb events."""

from collections.abc import Iterable, Iterator
from typing import Any

from diptych_server.query.datadog_replay.tree import Node, additions

INCREMENTAL = 3
MUTATION, SCROLL, INPUT, MEDIA, ADOPTED = 0, 3, 5, 7, 15
"""rrweb's EventType and IncrementalSource."""

CHECKABLE = frozenset({"checkbox", "radio"})

Event = dict[str, Any]


class Outcome:
    """Collects what a record changes; nodes that it adds are told whole, as they are at its end."""

    def __init__(self) -> None:
        self.added: dict[Node, None] = {}
        """In order; a dict for its look-up."""
        self.adopted: dict[Node, None] = {}
        """Documents and shadow roots whose sheets changed."""
        self._removes: list[dict[str, Any]] = []
        self._attributes: dict[Node, dict[str, Any]] = {}
        self._texts: dict[Node, str] = {}
        self._others: list[dict[str, Any]] = []

    def remove(self, node: Node) -> None:
        """Before a node leaves the tree."""
        host = node.host
        if node in self.added or host is None:
            return
        if node.kind == "fragment":
            return
        if node.kind == "shadow":
            gone = (child for child in node.children if child.is_shown)
            self._removes += [{"parentId": host.id, "id": child.id, "isShadow": True} for child in gone]
            return
        removed: dict[str, Any] = {"parentId": host.id, "id": node.id}
        self._removes.append(removed | {"isShadow": True} if node.is_shadow else removed)

    def set_attribute(self, node: Node, name: str, value: Any) -> None:
        """Set an attribute, or delete it with None."""
        if value is None:
            node.attributes.pop(name, None)
        else:
            node.attributes[name] = value
        if node not in self.added:
            self._attributes.setdefault(node, {})[name] = value

    def set_text(self, node: Node, text: str) -> None:
        """Set the text of a text node."""
        node.text = text
        if node not in self.added:
            self._texts[node] = text

    def scroll(self, node: Node, left: float, top: float) -> None:
        """Of an element, or of the document."""
        if node in self.added:
            node.attributes |= {"rr_scrollLeft": left, "rr_scrollTop": top}
        else:
            self._others.append({"source": SCROLL, "id": node.id, "x": left, "y": top})

    def media(self, node: Node, state: str, kind: int) -> None:
        """Whether a film or a sound plays."""
        if node in self.added:
            node.attributes["rr_mediaState"] = state
        else:
            self._others.append({"source": MEDIA, "id": node.id, "type": kind})

    def input(self, node: Node, text: str) -> None:
        """What a field holds now."""
        if node in self.added:
            node.attributes["value"] = text
        else:
            self._others.append(_input(node, text, is_checked=False))

    def check(self, node: Node, *, is_on: bool) -> None:
        """Whether a box is ticked or an option chosen."""
        flag = "selected" if node.name == "option" else "checked"
        if node in self.added:
            if is_on:
                node.attributes[flag] = True
            else:
                node.attributes.pop(flag, None)
        elif node.name != "option":
            self._others.append(_input(node, checkbox_text(node), is_checked=is_on))
        elif is_on and (select := _select_of(node)) is not None:
            self._others.append(_input(select, option_text(node), is_checked=False))

    def events(self, timestamp: float) -> list[Event]:
        """All of it, in the order in which a player must take it."""
        events = []
        # The last of the siblings first, since an addition is told by the sibling behind it.
        adds = additions(sorted(self._roots(), key=_place))
        attributes = [
            {"id": node.id, "attributes": held} for node, held in self._attributes.items() if not node.is_gone
        ]
        texts = [{"id": node.id, "value": text} for node, text in self._texts.items() if not node.is_gone]
        if adds or self._removes or attributes or texts:
            data = {
                "source": MUTATION,
                "adds": adds,
                "removes": self._removes,
                "attributes": attributes,
                "texts": texts,
            }
            events.append(_incremental(data, timestamp))
        events += adoptions(self.adopted, timestamp)
        events += [_incremental(data, timestamp) for data in self._others]
        return events

    def _roots(self) -> Iterator[Node]:
        """Added nodes whose parent stood already; of an added shadow root on such a host its children."""
        for node in self.added:
            if node.is_gone or node.parent in self.added:
                continue
            if node.kind == "shadow":
                yield from (child for child in node.children if child.is_shown)
            elif node.is_shown:
                yield node


def adoptions(nodes: Iterable[Node], timestamp: float) -> list[Event]:
    """The adopted style sheets of documents and shadow roots."""
    events = []
    for node in nodes:
        owner = node.parent if node.kind == "shadow" else node
        if owner is None or owner.is_gone:
            continue
        data = {
            "source": ADOPTED,
            "id": owner.id,
            "styleIds": [sheet.style_id for sheet in node.sheets],
            "styles": [
                {
                    "styleId": sheet.style_id,
                    "rules": [{"rule": rule, "index": at} for at, rule in enumerate(sheet.rules)],
                }
                for sheet in node.sheets
            ],
        }
        events.append(_incremental(data, timestamp))
    return events


def checkbox_text(node: Node) -> str:
    """The value of a box; a player that is told another would overwrite it."""
    value = node.attributes.get("value")
    return value if isinstance(value, str) and value else "on"


def option_text(node: Node) -> str:
    """The value of an option: what stands in its attribute, else its text."""
    value = node.attributes.get("value")
    if isinstance(value, str):
        return value
    return "".join(child.text for child in node.children if child.kind == "text").strip()


def _select_of(node: Node) -> Node | None:
    parent = node.parent
    while parent is not None and parent.name != "select":
        parent = parent.parent
    return parent


def _input(node: Node, text: str, *, is_checked: bool) -> dict[str, Any]:
    return {"source": INPUT, "id": node.id, "text": text, "isChecked": is_checked}


def _place(node: Node) -> int:
    """Where it stands among its siblings; `additions` takes from the end."""
    return node.parent.children.index(node) if node.parent else 0


def _incremental(data: dict[str, Any], timestamp: float) -> Event:
    return {"type": INCREMENTAL, "timestamp": timestamp, "data": data}
