"""Our errors, each of which knows the HTTP answer it becomes.

DiptychError
├── RowsRefused           the engine refused rows for what they hold, not for its own state
├── ProblemError          what a client did, or what we cannot do for it: RFC 9457
│   ├── BadRequest          400   what was expected, what came, where
│   ├── Unauthorized        401   no key, or one we do not know
│   ├── Forbidden           403   a good key of the wrong kind, project or origin
│   ├── NotFound            404
│   ├── TooLarge            413   says the limit
│   ├── UnsupportedType     415   says what is supported
│   ├── TooManyRequests     429   with Retry-After
│   ├── NotBuilt            501   known, and absent for now
│   └── Unavailable         503   the store cannot take it now; with Retry-After
└── StartError            the server cannot start: its text is all that the user sees
"""

from typing import ClassVar


class DiptychError(Exception):
    """Base of all errors that we raise on purpose."""


class StartError(DiptychError):
    """The server cannot start; the message says why and what to do."""


class RowsRefused(DiptychError):
    """The engine refused these rows for what they hold; other rows of the same commit may be good."""


class ProblemError(DiptychError):
    """An error with an HTTP status; `detail` is shown to the client, so it never holds a secret."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Internal error"

    def __init__(self, detail: str, *, where: str | None = None, retry_after_s: int | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = where
        self.retry_after_s = retry_after_s


class BadRequest(ProblemError):
    """The request cannot be understood; `where` names the place, `position` the characters of a query."""

    status = 400
    title = "Bad request"

    def __init__(
        self, detail: str, *, where: str | None = None, position: tuple[int, int] | None = None
    ) -> None:
        super().__init__(detail, where=where)
        self.position = position


class Unauthorized(ProblemError):
    """There is no key, or we do not know it."""

    status = 401
    title = "Unauthorized"


class Forbidden(ProblemError):
    """The key is good, but not for this."""

    status = 403
    title = "Forbidden"


class NotFound(ProblemError):
    """What was asked for does not exist in this project."""

    status = 404
    title = "Not found"


class TooLarge(ProblemError):
    """The body, or what it inflates to, is over a limit that the detail names."""

    status = 413
    title = "Content too large"


class UnsupportedType(ProblemError):
    """The content type or encoding is none that this door reads."""

    status = 415
    title = "Unsupported media type"


class TooManyRequests(ProblemError):
    """This sender is over its share; try again after `retry_after_s`."""

    status = 429
    title = "Too many requests"


class NotBuilt(ProblemError):
    """The interface is known and absent for now."""

    status = 501
    title = "Not implemented"


class Unavailable(ProblemError):
    """The store cannot take it now (queue full, disk full, stopping); try again after `retry_after_s`."""

    status = 503
    title = "Service unavailable"
