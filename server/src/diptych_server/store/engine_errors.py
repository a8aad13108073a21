"""What the engine says when it fails."""


def first_line(exc: BaseException) -> str:
    """The first line of an error, 300 characters at most: what follows it is the engine's own stack."""
    return str(exc).strip().split("\n", 1)[0][:300]
