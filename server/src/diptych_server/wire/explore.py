"""What the explorers are told beside their lists: facets, series over time, tiles, fields and saved views."""

from typing import Annotated, Literal

import msgspec

Signal = Literal["sessions", "traces", "spans", "turns"]
"""What can be explored; each is a list of the same name."""

FieldType = Literal["text", "number", "duration", "bytes", "boolean", "time"]

FacetKind = Literal["term", "range"]

Point = tuple[int, float | None]
"""Epoch ms of a step's start, and the value; null where nothing was measured."""


class CountedValue(msgspec.Struct, kw_only=True):
    """A value of a field, and how many of what is listed have it."""

    value: str
    count: int


class Facet(msgspec.Struct, kw_only=True):
    """A field's values among what a search finds, the commonest first."""

    field: str
    label: str
    kind: FacetKind
    """`term`: values with counts; `range`: the ends, in the field's base unit."""
    values: list[CountedValue]
    min: float | None = None
    max: float | None = None


class Facets(msgspec.Struct, kw_only=True):
    """`GET /api/v1/facets`."""

    facets: list[Facet]


class Series(msgspec.Struct, kw_only=True):
    """One line of a chart."""

    key: str
    """Value of the field that it is by; empty without one."""
    points: list[Point]


class Timeseries(msgspec.Struct, kw_only=True):
    """`GET /api/v1/timeseries`: steps of equal length, aligned to the epoch."""

    step_ms: int
    series: list[Series]


class Tile(msgspec.Struct, kw_only=True):
    """One figure of the overview, with what it was in the period before and how it went."""

    name: str
    unit: Literal["count", "ms", "usd", "ratio"]
    value: float | None
    """Null where nothing was measured."""
    previous: float | None
    points: list[Point]
    query: str
    """The search that lists what is behind it."""
    signal: Signal


class Overview(msgspec.Struct, kw_only=True):
    """`GET /api/v1/overview`."""

    step_ms: int
    tiles: list[Tile]


class SearchField(msgspec.Struct, kw_only=True):
    """A field of the search language."""

    name: str
    type: FieldType
    description: str
    operators: list[str]
    examples: list[str]


class SearchFields(msgspec.Struct, kw_only=True):
    """`GET /api/v1/search/fields`."""

    fields: list[SearchField]


class SearchValues(msgspec.Struct, kw_only=True):
    """`GET /api/v1/search/values`: the commonest first; of a number or time none."""

    values: list[CountedValue]


ViewName = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]

ViewSearch = Annotated[str, msgspec.Meta(max_length=4_000)]
"""Search part of the URL that restores the list, without its `?`."""


class SavedView(msgspec.Struct, kw_only=True):
    """A list as somebody left it, under a name that the whole project sees."""

    id: str
    name: str
    signal: Signal
    search: str
    """Search part of the URL that restores it."""
    is_default: bool
    """What the list opens with where nothing else is asked for; one of a list's views at most."""
    created_at: str


class SavedViews(msgspec.Struct, kw_only=True):
    """`GET /api/v1/saved-views`: by list and name."""

    items: list[SavedView]


class NewSavedView(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/v1/saved-views`."""

    name: ViewName
    signal: Signal
    search: ViewSearch
    is_default: bool = False


class SavedViewChange(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`PATCH /api/v1/saved-views/{id}`: what is left out stays."""

    name: ViewName | None = None
    search: ViewSearch | None = None
    is_default: bool | None = None
