"""The message that answers a request: its blocks, why it ended and what it cost."""

from dataclasses import dataclass

from .reading import read
from .reply import Reply, reply_to
from .request import Block, MessagesRequest
from .tokens import CHARACTERS_PER_TOKEN, count


@dataclass(frozen=True)
class Message:
    """A finished message of the assistant. The ids say that a stand-in wrote it."""

    digest: str
    model: str
    blocks: list[Block]
    stop_reason: str
    stop_sequence: str | None
    input_tokens: int

    @property
    def request_id(self) -> str:
        """The id that the `request-id` header carries."""
        return f"req_offline_{self.digest}"

    @property
    def output_tokens(self) -> int:
        """Estimated tokens of all blocks."""
        return sum(
            count(block["text"] if block["type"] == "text" else block["input"]) for block in self.blocks
        )

    def text(self) -> str:
        """The text blocks, joined."""
        return "".join(block["text"] for block in self.blocks if block["type"] == "text")

    def head(self) -> dict[str, object]:
        """The message before its first word, for `message_start`."""
        return self._shaped(content=[], stop_reason=None, stop_sequence=None, output_tokens=1)

    def body(self) -> dict[str, object]:
        """The whole message, for an answer that is not streamed."""
        return self._shaped(self.blocks, self.stop_reason, self.stop_sequence, self.output_tokens)

    def _shaped(
        self, content: list[Block], stop_reason: str | None, stop_sequence: str | None, output_tokens: int
    ) -> dict[str, object]:
        return {
            "id": f"msg_offline_{self.digest}",
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop_reason,
            "stop_sequence": stop_sequence,
            "usage": {
                "input_tokens": self.input_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 0,
                "output_tokens": output_tokens,
                "service_tier": "standard",
            },
        }


def compose(request: MessagesRequest, digest: str) -> Message:
    """Answers a request. `digest` makes the ids: the same request gets the same message, ids and all."""
    reply = reply_to(read(request))
    text, stop_sequence = _stopped(reply.text, request.stop_sequences)
    fits = text[: request.max_tokens * CHARACTERS_PER_TOKEN]
    cut = len(fits) < len(text)
    calls = [] if cut or stop_sequence else _calls(reply, digest)
    reason = (
        "max_tokens" if cut else "stop_sequence" if stop_sequence else "tool_use" if calls else "end_turn"
    )
    return Message(
        digest=digest,
        model=request.model,
        blocks=[{"type": "text", "text": fits}, *calls],
        stop_reason=reason,
        stop_sequence=None if cut else stop_sequence,
        input_tokens=request.input_tokens(),
    )


def _stopped(text: str, stop_sequences: list[str]) -> tuple[str, str | None]:
    """The text up to the first stop sequence, and which one it was."""
    hits = [(text.find(sequence), sequence) for sequence in stop_sequences if sequence and sequence in text]
    at, sequence = min(hits, default=(len(text), None))
    return text[:at], sequence


def _calls(reply: Reply, digest: str) -> list[Block]:
    return [
        {"type": "tool_use", "id": f"toolu_offline_{digest}{index}", "name": call.name, "input": call.input}
        for index, call in enumerate(reply.calls)
    ]
