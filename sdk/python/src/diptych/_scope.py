"""The request that the current context serves, carried in the OpenTelemetry context."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import TYPE_CHECKING, cast

from opentelemetry.context import Context, attach, create_key, get_current, set_value

from ._correlation import Request

if TYPE_CHECKING:
    from opentelemetry.util.types import AttributeValue

_REQUEST_KEY = create_key("diptych-request")


def current_request(context: Context | None = None) -> Request | None:
    """The request of `context` (None: the current one), or None outside any."""
    return cast("Request | None", (get_current() if context is None else context).get(_REQUEST_KEY))


def with_request(request: Request | None, context: Context | None = None) -> Context:
    """A copy of `context` (None: the current one) that serves `request`."""
    return set_value(_REQUEST_KEY, request, context)


class Activation:
    """A context that was made current; `close()`, or leaving a `with` block, goes back to the one before.

    Left open, it lasts as long as the execution context it was made in: the asyncio task, the isolated
    request of a server, else the thread, until the next activation there.
    """

    __slots__ = ("_before", "_is_closed")

    def __init__(self, context: Context) -> None:
        self._before = get_current()
        self._is_closed = False
        attach(context)

    def close(self) -> None:
        """Makes the context before current again, with all that was annotated since. Works only once."""
        if not self._is_closed:
            self._is_closed = True
            # Setting the old context, and not resetting a token, also works from a copy of this context.
            attach(self._before)

    def __enter__(self) -> Activation:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Activation:
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AnnotationContext:
    """What `annotation_context` adds: to the spans that start between enter and exit, and in their tasks."""

    def __init__(
        self,
        tags: Mapping[str, str],
        prompt: str | None,
        name: str | None,
        agent: Mapping[str, AttributeValue],
    ) -> None:
        self._added = (tags, prompt, name, agent)
        self._activation: Activation | None = None

    def __enter__(self) -> AnnotationContext:
        request = current_request() or Request()
        self._activation = Activation(with_request(request.adding(*self._added)))
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._activation is not None:
            self._activation.close()

    async def __aenter__(self) -> AnnotationContext:
        return self.__enter__()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.__exit__(exc_type, exc, traceback)
