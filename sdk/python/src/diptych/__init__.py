"""LLM Observability for Python, joined to the browser session of the person who asked."""

from ._finished_span import LLMObsSpan
from ._problems import DiptychError
from ._span import Span
from ._version import __version__
from .llmobs import LLMObs

__all__ = ["DiptychError", "LLMObs", "LLMObsSpan", "Span", "__version__"]
