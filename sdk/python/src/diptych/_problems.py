"""What happens when the host calls us wrongly: one log line, never an exception, unless it is strict."""

import logging
import threading

logger = logging.getLogger("diptych")

_MAX_TOLD = 1_000
"""How many different problems are remembered, so that a generated message cannot fill the memory."""


class DiptychError(ValueError):
    """A call of the SDK was wrong. Raised only with `DIPTYCH_STRICT=1` or `enable(strict=True)`."""


class _Teller:
    """Tells each problem once."""

    def __init__(self) -> None:
        self.strict = False
        self._told: set[tuple[str, str]] = set()
        self._lock = threading.RLock()  # reentrant: a span may end while the garbage collector runs in here

    def first_time(self, where: str, what: str) -> bool:
        with self._lock:
            if (where, what) in self._told or len(self._told) >= _MAX_TOLD:
                return False
            self._told.add((where, what))
            return True

    def forget(self) -> None:
        with self._lock:
            self._told.clear()


_teller = _Teller()


def be_strict(strict: bool) -> None:
    """Whether problems raise `DiptychError`; also starts telling from anew."""
    _teller.strict = strict
    _teller.forget()


def is_strict() -> bool:
    """Whether problems raise."""
    return _teller.strict


def problem(where: str, expected: str, got: object) -> None:
    """Tells once that call `where` expected something else than it `got`.

    Raises:
        DiptychError: only when strict.
    """
    if _teller.strict:
        raise DiptychError(f"{where}: expected {expected}, got {_short(got)}")
    if _teller.first_time(where, expected):
        logger.warning("%s: expected %s, got %s (told once)", where, expected, _short(got))


def failure(where: str, error: BaseException) -> None:
    """Tells once, with the traceback, that the SDK itself failed inside `where`; raises it when strict."""
    if _teller.strict:
        raise error
    if _teller.first_time(where, type(error).__name__):
        logger.error("%s: failed inside diptych; the application goes on (told once)", where, exc_info=error)


def notice(where: str, what: str) -> None:
    """Tells once something that the operator should know and that is nobody's wrong call."""
    if _teller.first_time(where, what):
        logger.warning("%s: %s (told once)", where, what)


def _short(got: object, limit: int = 80) -> str:
    """Type and beginning of a value, for a log line."""
    if got is None:
        return "None"
    try:
        text = repr(got)
    except Exception as error:  # a host's __repr__ may do anything
        text = f"<repr failed: {type(error).__name__}>"
    return f"{type(got).__name__} {text if len(text) <= limit else text[:limit] + '…'}"
