"""`/api/v1/saved-views`: lists as people left them."""

import asyncio
from typing import Annotated

from litestar import delete, get, patch, post
from litestar.params import PathParameter, SkipValidation

from diptych_server.app.gate import Caller, require_person
from diptych_server.app.services import Services
from diptych_server.query.instants import rfc3339_of_ns
from diptych_server.store.saved_views import StoredView, add_view, change_view, list_views, remove_view
from diptych_server.wire.explore import NewSavedView, SavedView, SavedViewChange, SavedViews

MS_NS = 1_000_000

ViewId = Annotated[str, PathParameter(description="Its id.", max_length=64)]


@get("/api/v1/saved-views", tags=["Saved views"], summary="Saved views of a project")
async def saved_views(services: SkipValidation[Services], caller: SkipValidation[Caller]) -> SavedViews:
    """Of all lists, by list and name."""
    found = await asyncio.to_thread(list_views, services.accounts, caller.project_id)
    return SavedViews(items=[_view(each) for each in found])


@post("/api/v1/saved-views", tags=["Saved views"], summary="Save a view")
async def post_saved_view(
    services: SkipValidation[Services], caller: SkipValidation[Caller], data: NewSavedView
) -> SavedView:
    """By people who are signed in; a read key may not. 400 where the list has a view of this name."""
    require_person(caller)
    stored = await asyncio.to_thread(
        add_view,
        services.accounts,
        caller.project_id,
        signal=data.signal,
        name=data.name.strip(),
        search=data.search,
        is_default=data.is_default,
    )
    return _view(stored)


@patch("/api/v1/saved-views/{view_id:str}", tags=["Saved views"], summary="Change a saved view")
async def patch_saved_view(
    services: SkipValidation[Services],
    caller: SkipValidation[Caller],
    view_id: ViewId,
    data: SavedViewChange,
) -> SavedView:
    """Its name, what it shows, or whether the list opens with it."""
    require_person(caller)
    stored = await asyncio.to_thread(
        change_view,
        services.accounts,
        caller.project_id,
        view_id,
        name=data.name.strip() if data.name else None,
        search=data.search,
        is_default=data.is_default,
    )
    return _view(stored)


@delete("/api/v1/saved-views/{view_id:str}", tags=["Saved views"], summary="Delete a saved view")
async def delete_saved_view(
    services: SkipValidation[Services], caller: SkipValidation[Caller], view_id: ViewId
) -> None:
    """For everyone in the project."""
    require_person(caller)
    await asyncio.to_thread(remove_view, services.accounts, caller.project_id, view_id)


def _view(stored: StoredView) -> SavedView:
    return SavedView(
        id=stored.id,
        name=stored.name,
        signal=stored.signal,  # type: ignore[arg-type]  # written by `post_saved_view` alone
        search=stored.search,
        is_default=stored.is_default,
        created_at=rfc3339_of_ns(stored.created_at_ms * MS_NS),
    )
