"""OpenAI's client, through `opentelemetry-instrumentation-openai`, with what that leaves undone (0.62.4)."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from . import instrumentors
from ._patching import patch

if TYPE_CHECKING:
    from diptych._client import Client

_PACKAGE = "opentelemetry.instrumentation.openai"

_MOST_RESPONSES = 200
"""Responses that are remembered, for calls that ask for one by its id; the instrumentation forgets none."""

_LEFT_OUT = frozenset({"Omit", "NotGiven"})
"""Types of the client that stand for an argument that was not given."""


def start(client: Client) -> Callable[[], None] | None:
    """Instruments the client library as soon as it is imported; None where nothing is installed for it."""
    return instrumentors.start(client, "openai", _mend)


def _mend(instrumentor: Any) -> list[Callable[[], None]]:
    if type(instrumentor).__module__ != _PACKAGE:
        return []  # another package's of the same name
    wrappers = [_part(name) for name in ("shared", "shared.chat_wrappers", "v1.responses_wrappers")]
    stream = wrappers[-1].ResponseStream
    return [
        _keep_images(),
        *(patch(module, "_set_span_attribute", _set) for module in wrappers),
        _bound(wrappers[-1]),
        patch(stream, "_process_complete_response", _ended),
        patch(stream, "_ensure_cleanup", _ended),
        patch(stream, "_handle_exception", _failed),
    ]


def _part(name: str) -> Any:
    return import_module(f"{_PACKAGE}.{name}")


def _keep_images() -> Callable[[], None]:
    """Records a question with an image: without a place to upload it to, the whole question is lost."""
    config = _part("shared.config").Config
    before = config.upload_base64_image
    config.upload_base64_image = None

    def undo() -> None:
        config.upload_base64_image = before

    return undo


def _set(original: Callable[..., Any], span: Any, name: str, value: Any) -> None:
    if type(value).__name__ not in _LEFT_OUT:  # each would be a warning in the host's log
        original(span, name, value)


class _Remembered(OrderedDict[str, Any]):
    """The last responses, by their ids."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        while len(self) > _MOST_RESPONSES:
            self.popitem(last=False)


def _bound(wrappers: Any) -> Callable[[], None]:
    before = wrappers.responses
    wrappers.responses = _Remembered(before)

    def undo() -> None:
        wrappers.responses = before

    return undo


def _ended(original: Callable[..., Any], stream: Any) -> Any:
    _note_what_came(stream)
    return original(stream)


def _failed(original: Callable[..., Any], stream: Any, error: BaseException) -> Any:
    if not stream._cleanup_completed and stream._span.is_recording():
        _note_what_came(stream)
        _part("v1.responses_wrappers").set_data_attributes(stream._traced_data, stream._span)
    return original(stream, error)


def _note_what_came(stream: Any) -> None:
    """Lets the text of a stream that is not read to its end stand for its answer."""
    told = stream._traced_data
    if stream._output_text and not told.output_blocks:
        told.output_text = stream._output_text
        told.output_blocks = {"": {"type": "message"}}
