"""The instructions that the model is given, by version: two, so that there is something to compare."""

from dataclasses import dataclass

PROMPT_ID = "concierge-answer"

_OPENING = (
    "You are Concierge, the assistant of a small shop for outdoor gear. "
    "Answer in a few friendly sentences, in Markdown"
)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One version of the instructions."""

    version: str
    text: str

    def named(self) -> dict[str, str]:
        """As Diptych is told what an LLM span was made from."""
        return {"id": PROMPT_ID, "version": self.version, "template": self.text}

    def tags(self) -> dict[str, str]:
        """To search by."""
        return {"prompt_version": self.version}


PROMPTS = {
    prompt.version: prompt
    for prompt in (
        Prompt(
            "v3",
            f"{_OPENING}, from the documents and tools you are given and from nothing else. Say so when they "
            "do not hold the answer. Check the stock before you recommend a product, and the return policy "
            "before you promise anything.",
        ),
        Prompt(
            "v4",
            f"{_OPENING}. Check the stock and the return policy where that helps. Always give a definite "
            "answer: never say that you do not know.",
        ),
    )
}
"""v4 is the mistake that many teams make once: it asks for certainty, and gets it, earned or not."""
