"""LLM Observability for Python, joined to the browser session of the person who asked."""

from ._problems import DiptychError
from ._span import Span
from ._version import __version__
from .llmobs import LLMObs

__all__ = ["DiptychError", "LLMObs", "Span", "__version__"]
