"""WSGI: each request's trace, browser session and user, from its headers.

    app.wsgi_app = DiptychMiddleware(app.wsgi_app)  # Flask
    application = DiptychMiddleware(application)    # Django, any other

With Flask and Django it is not needed: `LLMObs.enable()` does the same for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextvars import Context, copy_context
from typing import Any

from ._incoming import from_wsgi
from .llmobs import LLMObs

__all__ = ["DiptychMiddleware"]

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]

_END = object()


class DiptychMiddleware:
    """Makes a request's trace, session and user current while the application answers it.

    The request runs in a context of its own, and so does the iteration of its body: nothing of it is left in
    the thread.
    """

    def __init__(self, app: Application) -> None:
        self.app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Answers one request."""
        context = copy_context()
        context.run(LLMObs.activate_distributed_headers, from_wsgi(environ))
        return Body(context.run(self.app, environ, start_response), context)


class Body:
    """The body of a response, iterated in the context of its request."""

    def __init__(self, chunks: Iterable[bytes], context: Context) -> None:
        self._chunks = chunks
        self._context = context
        self._iterator: Iterator[bytes] | None = None

    def __iter__(self) -> Body:
        self._iterator = self._context.run(iter, self._chunks)
        return self

    def __next__(self) -> bytes:
        if self._iterator is None:
            self._iterator = self._context.run(iter, self._chunks)
        # StopIteration does not pass through Context.run unharmed in a generator, hence the mark.
        chunk: Any = self._context.run(next, self._iterator, _END)
        if chunk is _END:
            raise StopIteration
        return bytes(chunk) if not isinstance(chunk, bytes) else chunk

    def close(self) -> None:
        """Closes the application's iterable, as PEP 3333 asks."""
        close = getattr(self._chunks, "close", None)
        if close is not None:
            self._context.run(close)
