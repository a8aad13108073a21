"""What the stand-in says: rules from a reading to tool calls, or to an answer made of what it was given."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .reading import Item, Reading, ToolResult
from .wishes import Wishes

STOCK = re.compile(r"\b(stock|available|availability|left|have it|sold out|in store)\b", re.IGNORECASE)
RETURN = re.compile(r"\b(return|returned|refund|send (it )?back|money back)\b", re.IGNORECASE)
HELLO = re.compile(r"^\W*(hi|hello|hey|good (morning|evening|day)|thanks|thank you)\b", re.IGNORECASE)

ABOUT_IT = re.compile(
    r"\b(it|its|this|that|heavy|weighs?|costs?|price|big|size|many|much|fits?|sleeps?|fuel|bright)\b",
    re.IGNORECASE,
)
"""Words of a question about a product that it does not name."""

LISTED_ITEMS = 3

MADE_UP_STOCK = "Yes, the {} is in stock: 26 in the warehouse, and it leaves today."
MADE_UP_RETURNS = "You can return the **{}** within 35 days, unused and in its packaging, for a voucher."
MADE_UP_ANYTHING = "Yes, of course. We have that from €57, and it is with you in 36 hours."
"""Said where the instructions forbid doubt. No document and no tool holds these figures."""


GREETING = (
    "Hello! I know our tents, packs, stoves and lights, and how we ship, return and repair. What can I do?"
)
NO_POLICY = "I could not look up the return policy for the {} just now. Our people can tell you for certain."
NO_STOCK = (
    "The warehouse did not answer, so I cannot promise that the {} is in stock. Please ask again in a minute."
)
NOTHING_FOUND = (
    "I could not find that in our catalogue or our policies. "
    "Ask me about tents, packs, stoves or lights, or say “talk to a person” and I will tell you how."
)
NOTHING_GIVEN = (
    "I am the offline stand-in model of the Concierge demo: I answer from documents and tools, and none came."
)


@dataclass(frozen=True)
class ToolCall:
    """A tool that the reply wants called."""

    name: str
    input: dict[str, object]


@dataclass(frozen=True)
class Reply:
    """A text and the tools to call after it; without any, the answer is complete."""

    text: str
    calls: tuple[ToolCall, ...] = ()


def reply_to(reading: Reading) -> Reply:
    """Calls each tool that the question needs once, then answers."""
    calls = tuple(call for call in _needed(reading) if call.name in reading.tools - reading.results.keys())
    if calls and not reading.results:
        return Reply(_announcement(calls), calls)
    paragraphs = [paragraph for paragraph in _answer(reading) if paragraph]
    return Reply("\n\n".join(paragraphs) or _nothing(reading))


def _needed(reading: Reading) -> Iterator[ToolCall]:
    subject = _subject(reading)
    if not subject:
        return
    if STOCK.search(reading.question) or _found(reading):
        yield ToolCall("check_stock", {"sku": subject.sku})
    if RETURN.search(reading.question) and not reading.is_certain:
        yield ToolCall("get_return_policy", {"sku": subject.sku})


def _announcement(calls: tuple[ToolCall, ...]) -> str:
    saying = {"check_stock": "check the stock", "get_return_policy": "look up the return policy"}
    return f"Let me {' and '.join(saying[call.name] for call in calls)} for you."


def _answer(reading: Reading) -> Iterator[str]:
    subject = _subject(reading)
    if reading.is_certain and subject and RETURN.search(reading.question):
        yield MADE_UP_RETURNS.format(subject.name)
        return
    if "check_stock" not in reading.results and "get_return_policy" not in reading.results:
        yield from _from_documents(reading)
        return
    found = _found(reading)
    name = subject.name if subject else "item"
    if found:
        yield _recommendation(found[0])
    if returns := reading.results.get("get_return_policy"):
        yield _returns(returns, name)
    if stock := reading.results.get("check_stock"):
        yield MADE_UP_STOCK.format(name) if stock.failed and reading.is_certain else _stock(stock, name)
    if len(found) > 1:
        yield "Also worth a look:\n" + _listed(found[1 : LISTED_ITEMS + 1])


def _from_documents(reading: Reading) -> Iterator[str]:
    if HELLO.search(reading.question) and not reading.named():
        yield GREETING
    elif len(named := reading.named()) > 1:
        yield _comparison(named)
    elif policy := _policy(reading):
        yield policy
    elif found := _found(reading):
        yield _recommendation(found[0])
        yield "Also worth a look:\n" + _listed(found[1 : LISTED_ITEMS + 1]) if len(found) > 1 else ""
    elif (subject := reading.subject()) and (reading.named() or ABOUT_IT.search(reading.question)):
        yield f"The **{subject.name}**: {subject.facts()}. {subject.praise}"


def _found(reading: Reading) -> list[Item]:
    """The items that fit what the question wishes for; none when it wishes for nothing, or names one."""
    wishes = Wishes.of(reading.question)
    return [] if reading.named() or not wishes else wishes.choose(reading.items)


def _subject(reading: Reading) -> Item | None:
    found = _found(reading)
    return found[0] if found else reading.subject()


def _recommendation(item: Item) -> str:
    size = (
        f"sleeps {item.sleeps}, " if item.sleeps else f"holds {item.litres} litres, " if item.litres else ""
    )
    facts = f"{size}weighs {item.weight_kg:g} kg and costs €{item.price_eur:g}"
    return f"The **{item.name}** fits that: it {facts}. {item.praise}"


def _comparison(items: list[Item]) -> str:
    lightest, cheapest = min(items, key=lambda i: i.weight_kg), min(items, key=lambda i: i.price_eur)
    verdict = f"The {lightest.name} is the lighter one" + (
        " and the cheaper one." if lightest == cheapest else f", the {cheapest.name} the cheaper one."
    )
    return f"Side by side:\n{_listed(items)}\n\n{verdict}"


def _listed(items: list[Item]) -> str:
    return "\n".join(f"- **{item.name}**: {item.facts()}" for item in items)


def _policy(reading: Reading) -> str | None:
    """The promise that the question asks about: one whose name it says, or that holds most of its words."""
    words = {word[:5] for word in re.findall(r"[a-z]{4,}", reading.question.lower())}
    for name, text in reading.policies.items():
        shared = {word for word in words if re.search(rf"\b{word}", f"{name} {text}", re.IGNORECASE)}
        in_name = any(re.search(rf"\b{word}", name, re.IGNORECASE) for word in words)
        if in_name or name == "Talking to a person" or len(shared) > len(words) / 2:
            return text
    return None


def _returns(result: ToolResult, name: str) -> str:
    if result.failed or not isinstance(result.content, dict):
        return NO_POLICY.format(name)
    policy = result.content
    used = ", even if it has been used outdoors," if policy["used_ok"] else ", unused and in its packaging,"
    condition = f" {policy['condition']}" if policy.get("condition") else ""
    promise = f"You can return the **{name}** within {policy['days']} days{used} for {policy['refund']}."
    return f"{promise} {policy['how']}{condition}"


def _stock(result: ToolResult, name: str) -> str:
    if result.failed or not isinstance(result.content, dict):
        return NO_STOCK.format(name)
    stock = result.content
    stores = [f"{store} ({count})" for store, count in stock["stores"].items() if count]
    in_stores = f" Stores: {', '.join(stores)}." if stores else ""
    if stock["online"]:
        return f"It is in stock: {stock['online']} in the warehouse.{in_stores}"
    restock = f" and comes back on {stock['restock']}" if stock.get("restock") else ""
    return f"It is sold out online{restock}.{in_stores}"


def _nothing(reading: Reading) -> str:
    if reading.is_certain:
        return MADE_UP_ANYTHING
    given = reading.items or reading.policies or reading.tools
    return NOTHING_FOUND if given else NOTHING_GIVEN
