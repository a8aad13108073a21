"""What a request is about: the question, the documents it came with, and what the tools have said.

The stand-in understands the layout that `concierge.agent` writes: `<documents>` holds a JSON list of
`{"id", "name", "text"}`, `<viewing>` the sku of the page that the shopper is on, `<question>` the question.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from .request import MessagesRequest, Turn


@dataclass(frozen=True)
class Item:
    """A product as its document describes it."""

    sku: str
    name: str
    text: str

    @property
    def kind(self) -> str:
        """`tent`, `pack`, `stove` or `light`."""
        return self._first(r" is an? (\w+) \(sku") or "product"

    @property
    def price_eur(self) -> float:
        """Infinite when the document names none."""
        return float(self._first(r"Costs ([\d.]+) EUR") or "inf")

    @property
    def weight_kg(self) -> float:
        """Infinite when the document names none."""
        return float(self._first(r"Weighs ([\d.]+) kg") or "inf")

    @property
    def sleeps(self) -> int:
        """0 for what nobody sleeps in."""
        return int(self._first(r"Sleeps (\d+)") or 0)

    @property
    def litres(self) -> int:
        """0 for what holds nothing."""
        return int(self._first(r"Holds (\d+) litres") or 0)

    @property
    def praise(self) -> str:
        """The sentences behind the plain facts."""
        return self.text.split(" EUR. ", 1)[-1]

    def facts(self) -> str:
        """One line for a list: what it sleeps or holds, its weight and its price."""
        size = f"sleeps {self.sleeps}" if self.sleeps else f"{self.litres} litres" if self.litres else ""
        return ", ".join(filter(None, (size, f"{self.weight_kg:g} kg", f"€{self.price_eur:g}")))

    def _first(self, pattern: str) -> str | None:
        match = re.search(pattern, self.text)
        return match[1] if match else None


@dataclass(frozen=True)
class ToolResult:
    """What a tool answered in this turn. `content` is the parsed JSON, or the text if it is none."""

    name: str
    content: Any
    failed: bool


@dataclass(frozen=True)
class Reading:
    """Everything that a reply is made from."""

    question: str
    items: list[Item]
    policies: dict[str, str]
    """Text of each policy by its name, the best fit first."""
    viewing: str | None
    said_before: str
    results: dict[str, ToolResult]
    tools: frozenset[str]
    is_certain: bool = False
    """Whether the instructions forbid doubt: then it makes up what it does not know, as models do."""

    def item(self, sku: str) -> Item | None:
        """The product with this sku, if a document describes it."""
        return next((item for item in self.items if item.sku == sku), None)

    def named(self) -> list[Item]:
        """The products that the question names, in the order of the documents."""
        return [item for item in self.items if item.name.lower() in self.question.lower()]

    def subject(self) -> Item | None:
        """What "it" is: named now, or on the shopper's screen, or named last in the conversation."""
        if named := self.named():
            return named[0]
        if self.viewing and (viewed := self.item(self.viewing)):
            return viewed
        spoken = [(self.said_before.rfind(item.name), item) for item in self.items]
        at, item = max(spoken, key=lambda pair: pair[0], default=(-1, None))
        return item if at >= 0 else None


def read(request: MessagesRequest) -> Reading:
    """Takes a request apart."""
    asked_at = max(i for i, turn in enumerate(request.turns) if turn.role == "user" and not _is_results(turn))
    asked = request.turns[asked_at].text()
    items, policies = _documents(_inside(asked, "documents"))
    return Reading(
        question=(_inside(asked, "question") or asked).strip(),
        items=items,
        policies=policies,
        viewing=(_inside(asked, "viewing") or "").strip() or None,
        said_before="\n".join(turn.text() for turn in request.turns[:asked_at]),
        results=_results(request.turns[asked_at + 1 :]),
        tools=frozenset(tool["name"] for tool in request.tools),
        is_certain="never say that you do not know" in request.system,
    )


def _is_results(turn: Turn) -> bool:
    return any(block["type"] == "tool_result" for block in turn.blocks)


def _inside(text: str, tag: str) -> str | None:
    match = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return match[1] if match else None


def _documents(block: str | None) -> tuple[list[Item], dict[str, str]]:
    try:
        documents = json.loads(block) if block else []
    except ValueError:
        documents = []
    items = [Item(d["id"], d["name"], d["text"]) for d in documents if "(sku " in d["text"]]
    return items, {d["name"]: d["text"] for d in documents if "(sku " not in d["text"]}


def _results(turns: list[Turn]) -> dict[str, ToolResult]:
    calls = {block["id"]: block for turn in turns for block in turn.blocks if block["type"] == "tool_use"}
    results = (block for turn in turns for block in turn.blocks if block["type"] == "tool_result")
    return {
        (name := calls[result["tool_use_id"]]["name"]): ToolResult(
            name, _content(result.get("content", "")), bool(result.get("is_error"))
        )
        for result in results
    }


def _content(content: Any) -> Any:
    text = (
        content if isinstance(content, str) else "\n".join(b["text"] for b in content if b["type"] == "text")
    )
    try:
        return json.loads(text)
    except ValueError:
        return text
