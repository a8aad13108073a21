"""Imported by each interpreter below `diptych-run` when it starts: switches LLM Observability on.

Another `sitecustomize` that this one hides is imported, too.
"""

import importlib.util
import sys
from importlib.machinery import PathFinder
from pathlib import Path

_HERE = str(Path(__file__).parent)


def _import_hidden() -> None:
    others = [entry for entry in sys.path if entry != _HERE]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        spec.loader.exec_module(importlib.util.module_from_spec(spec))


def _enable() -> None:
    try:
        from diptych import LLMObs
    except ImportError:  # an interpreter of another environment: nothing to switch on
        return
    LLMObs.enable()


_import_hidden()
_enable()
