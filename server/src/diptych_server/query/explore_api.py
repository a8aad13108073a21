"""Routes beside the lists: facets, series over time, and what completes a search."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromQuery, QueryParameter
from litestar.response import Stream

from diptych_server.query.completion import get_search_fields, get_search_values
from diptych_server.query.export import MAX_ROWS, MEDIA_TYPES, Export, ExportFormat, export_file
from diptych_server.query.facets import DEFAULT_VALUES, MAX_FIELDS, MAX_VALUES, get_facets
from diptych_server.query.instants import Period, day_of, epoch_ms
from diptych_server.query.matching import Question
from diptych_server.query.overview import get_overview
from diptych_server.query.prepared import prepared
from diptych_server.query.timeseries import MAX_BUCKETS, get_timeseries
from diptych_server.store.database import Database
from diptych_server.wire.explore import Facets, Overview, SearchFields, SearchValues, Signal, Timeseries

Store = NamedDependency[Database]
ProjectId = NamedDependency[str]

From = Annotated[
    str | None,
    QueryParameter(
        name="from", description="Start, included: RFC 3339 or epoch ms. Default: 24 hours before the end."
    ),
]
To = Annotated[
    str | None,
    QueryParameter(name="to", description="End, excluded: RFC 3339 or epoch ms. Default: now."),
]
Search = Annotated[
    str | None,
    QueryParameter(name="query", description="A search: words, phrases and fields; see docs/search.md."),
]


@get("/api/v1/facets", summary="Values of fields among what a search finds")
async def facets(
    database: Store,
    project_id: ProjectId,
    signal: FromQuery[Signal],
    from_: From = None,
    to: To = None,
    search: Search = None,
    fields: Annotated[
        list[str] | None,
        QueryParameter(
            name="field",
            max_items=MAX_FIELDS,
            description="May be repeated. Default: those that stand beside the list.",
        ),
    ] = None,
    limit: Annotated[
        int, QueryParameter(ge=1, le=MAX_VALUES, description="Values of a field.")
    ] = DEFAULT_VALUES,
) -> Facets:
    """The commonest values with how many of what is listed have them; of numbers the ends."""
    return await get_facets(
        database,
        await prepared(database, Question(project_id, Period.of(from_, to), signal, search)),
        fields=fields or (),
        limit=limit,
    )


@get("/api/v1/timeseries", summary="A measure of what a search finds, over time")
async def timeseries(
    database: Store,
    project_id: ProjectId,
    signal: FromQuery[Signal],
    from_: From = None,
    to: To = None,
    search: Search = None,
    measure: Annotated[
        str,
        QueryParameter(
            name="measure",
            description="count, errors, or avg, sum, min, max or p0 to p99 of the duration or, after a"
            " colon, of another number: `p95:ttft`.",
        ),
    ] = "count",
    by: Annotated[
        str | None, QueryParameter(name="by", description="A field of text: one series a value.")
    ] = None,
    buckets: Annotated[
        int, QueryParameter(ge=1, le=MAX_BUCKETS, description="Steps at most, give or take one.")
    ] = 60,
) -> Timeseries:
    """Steps of a readable length, aligned to the epoch; `count` is the histogram of a list."""
    return await get_timeseries(
        database,
        await prepared(database, Question(project_id, Period.of(from_, to), signal, search)),
        measure=measure,
        by=by,
        buckets=buckets,
    )


@get("/api/v1/search/fields", summary="Fields of the search language")
async def search_fields(signal: FromQuery[Signal]) -> SearchFields:
    """A name that ends with a dot is completed by the user: `evaluation.` by a label."""
    return get_search_fields(signal)


@get("/api/v1/search/values", summary="Values of a field")
async def search_values(
    database: Store,
    project_id: ProjectId,
    signal: FromQuery[Signal],
    field: Annotated[str, QueryParameter(name="field", max_length=200)],
    from_: From = None,
    to: To = None,
    prefix: Annotated[str, QueryParameter(name="prefix", max_length=200)] = "",
    limit: Annotated[int, QueryParameter(ge=1, le=MAX_VALUES)] = 20,
) -> SearchValues:
    """The commonest ones that begin with `prefix`, no case; of a family's bare name its labels or keys."""
    return await get_search_values(
        database,
        project_id,
        Period.of(from_, to),
        signal=signal,
        field=field,
        prefix=prefix,
        limit=limit,
    )


@get("/api/v1/overview", summary="The figures of a period")
async def overview(database: Store, project_id: ProjectId, from_: From = None, to: To = None) -> Overview:
    """Each with its course, and what it was in the period of the same length before."""
    return await get_overview(database, project_id, Period.of(from_, to))


@get("/api/v1/export", summary="What a list shows, as a file", media_type="application/octet-stream")
async def export(
    database: Store,
    project_id: ProjectId,
    signal: FromQuery[Signal],
    from_: From = None,
    to: To = None,
    search: Search = None,
    format: Annotated[  # noqa: A002 - the parameter's own name, which a refusal tells
        ExportFormat, QueryParameter(description="CSV or Parquet.")
    ] = "csv",
    limit: Annotated[
        int, QueryParameter(ge=1, le=MAX_ROWS, description="Rows at most, the newest first.")
    ] = MAX_ROWS,
) -> Stream:
    """Every column of the list, units in their names. In CSV, formulas begin with `'`."""
    period = Period.of(from_, to)
    file = await export_file(Export(database, project_id, period, signal, search, limit), format)
    name = f"diptych-{signal}-{day_of(epoch_ms())}.{format}"
    return Stream(
        file,
        headers={
            # As a header: of a stream, the handler's media type wins over the response's own.
            "content-type": MEDIA_TYPES[format],
            "content-disposition": f'attachment; filename="{name}"',
            "cache-control": "no-store",
        },
    )


HANDLERS = [facets, timeseries, search_fields, search_values, overview, export]
"""Every route of this file."""
