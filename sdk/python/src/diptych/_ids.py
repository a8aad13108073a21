"""Ids of the spans of our own TracerProvider: random, or counted while `diptych.testing` records."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator


class CountedIds(IdGenerator):
    """1, 2, 3 …, for spans and for traces."""

    def __init__(self) -> None:
        self._spans: Iterator[int] = itertools.count(1)
        self._traces: Iterator[int] = itertools.count(1)

    def generate_span_id(self) -> int:
        """The next span id."""
        return next(self._spans)

    def generate_trace_id(self) -> int:
        """The next trace id."""
        return next(self._traces)


class Ids(IdGenerator):
    """Asks the generator in force: a tracer keeps the one it was made with."""

    def __init__(self) -> None:
        self.generator: IdGenerator = RandomIdGenerator()

    def generate_span_id(self) -> int:
        """A span id."""
        return self.generator.generate_span_id()

    def generate_trace_id(self) -> int:
        """A trace id."""
        return self.generator.generate_trace_id()

    def is_trace_id_random(self) -> bool:
        """Whether the W3C flag of random trace ids may be set."""
        return isinstance(self.generator, RandomIdGenerator)


ids = Ids()
"""Those of our own provider."""
