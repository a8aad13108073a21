"""What the engine says when it fails."""

import re

from diptych_server.errors import Unavailable

BUSY_CODES = frozenset({74, 75, 76, 77, 159, 173, 202, 241, 243, 252, 439})
"""Engine errors of its own state, which pass: cannot read, write, open or close a file (74 to 77), timeout,
memory (173, 241), too many queries, disk full, too many parts, no thread."""

SYSTEM_ERROR = "filesystem error"
"""In the text of what the engine did not foresee (code 1001): the system's doing, not that of the rows."""

_ERROR_CODE = re.compile(r"Code: (\d+)")


def first_line(exc: BaseException) -> str:
    """The first line of an error, 300 characters at most: what follows it is the engine's own stack."""
    return str(exc).strip().split("\n", 1)[0][:300]


def unavailable(exc: BaseException) -> Unavailable | None:
    """What is told of an error that passes; None of one that is due to what was asked."""
    match = _ERROR_CODE.search(str(exc))
    if match and (int(match[1]) in BUSY_CODES or SYSTEM_ERROR in str(exc)):
        return Unavailable(f"the store cannot do this now: {first_line(exc)}", retry_after_s=5)
    return None
