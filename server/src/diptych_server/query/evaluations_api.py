"""Routes of evaluations."""

import asyncio
from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from diptych_server.query.evaluation_summary import get_evaluation_summary
from diptych_server.query.explore_api import From, To
from diptych_server.query.instants import Period
from diptych_server.query.verdicts import verdicts_of_sessions, verdicts_of_traces
from diptych_server.store.database import Database
from diptych_server.wire.answers import Page
from diptych_server.wire.evaluation_summary import EvaluationSummary, Group
from diptych_server.wire.verdicts import Verdicts

Store = NamedDependency[Database]
ProjectId = NamedDependency[str]

MAX_IDS = 100
"""Of one request: two pages of a list."""


@get("/api/v1/evaluations/summary", summary="How it was judged, by whom, and how far they agree")
async def evaluation_summary(
    database: Store,
    project_id: ProjectId,
    from_: From = None,
    to: To = None,
    label: Annotated[str, QueryParameter(max_length=200, description="Only this label.")] = "",
    by: Annotated[Group, QueryParameter(description="What pass rates are told by.")] = "model",
) -> EvaluationSummary:
    """Labels over time, pass rates by group, agreement of sources, behaviour held against thumbs."""
    return await get_evaluation_summary(database, project_id, Period.of(from_, to), label=label, by=by)


@get("/api/v1/verdicts", summary="How the sessions or traces of a list were judged")
async def verdicts(
    database: Store,
    project_id: ProjectId,
    session_id: Annotated[
        list[str] | None,
        QueryParameter(name="session_id", max_items=MAX_IDS, description="May be repeated."),
    ] = None,
    trace_id: Annotated[
        list[str] | None,
        QueryParameter(name="trace_id", max_items=MAX_IDS, description="May be repeated."),
    ] = None,
) -> Page[Verdicts]:
    """One item for each id, in their order; of one that was not judged, or is not known, without verdicts."""
    of_sessions, of_traces = await asyncio.gather(
        verdicts_of_sessions(database, project_id, session_id or []),
        verdicts_of_traces(database, project_id, trace_id or []),
    )
    return Page(items=[*of_sessions, *of_traces])


HANDLERS = [evaluation_summary, verdicts]
