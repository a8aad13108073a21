"""What was said before, per conversation, in the memory of this process and within bounds."""

from collections import OrderedDict
from dataclasses import dataclass, field

from anthropic.types import MessageParam

from .catalogue import products

KEPT_CONVERSATIONS = 500
"""The one not used for longest goes first."""

KEPT_MESSAGES = 12


@dataclass
class Conversation:
    """The questions and answers of one chat window, oldest first."""

    id: str
    messages: list[MessageParam] = field(default_factory=list)

    def topic(self) -> str | None:
        """The sku of the product that was named last, so that "it" can be looked up."""
        said = "\n".join(str(message["content"]) for message in self.messages)
        spoken = {said.rfind(product.name): product.sku for product in products().values()}
        last = max(spoken)
        return spoken[last] if last >= 0 else None

    def remember(self, question: str, answer: str) -> None:
        """Adds a finished turn; the oldest turns leave beyond `KEPT_MESSAGES`."""
        said: list[MessageParam] = [
            {"role": "user", "content": question},
            {"role": "assistant", "content": answer},
        ]
        self.messages = [*self.messages, *said][-KEPT_MESSAGES:]


class Conversations:
    """All conversations of this process."""

    def __init__(self) -> None:
        self._by_id: OrderedDict[str, Conversation] = OrderedDict()

    def get(self, conversation_id: str) -> Conversation:
        """The conversation of this id, a new one if there is none."""
        conversation = self._by_id.pop(conversation_id, None) or Conversation(conversation_id)
        self._by_id[conversation_id] = conversation
        if len(self._by_id) > KEPT_CONVERSATIONS:
            self._by_id.popitem(last=False)
        return conversation
