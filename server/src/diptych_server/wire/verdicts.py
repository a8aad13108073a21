"""`GET /api/v1/verdicts`: how the sessions or traces of a list were judged."""

import msgspec


class Verdict(msgspec.Struct, kw_only=True):
    """What one source found of one label."""

    label: str
    source: str
    """human, judge or code: what a person did is evidence, and no verdict."""
    passed: int
    failed: int


class Verdicts(msgspec.Struct, kw_only=True):
    """Those of one session or trace."""

    id: str
    verdicts: list[Verdict]
    """The worst first: what failed before what did not, and people before programs."""
