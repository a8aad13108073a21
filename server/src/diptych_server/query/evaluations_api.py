"""Routes of evaluations."""

from typing import Annotated

from litestar import get
from litestar.di import NamedDependency
from litestar.params import QueryParameter

from diptych_server.query.evaluation_summary import get_evaluation_summary
from diptych_server.query.explore_api import From, To
from diptych_server.query.instants import Period
from diptych_server.store.database import Database
from diptych_server.wire.evaluation_summary import EvaluationSummary, Group

Store = NamedDependency[Database]
ProjectId = NamedDependency[str]


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


HANDLERS = [evaluation_summary]
