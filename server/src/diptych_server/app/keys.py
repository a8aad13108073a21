"""`/api/v1/keys`: keys of senders, made and revoked by people who are signed in."""

import asyncio
from typing import Annotated

from litestar import Response, delete, get, post
from litestar.params import PathParameter, SkipValidation

from diptych_server.access.keys import create_key
from diptych_server.app.gate import Caller, require_person
from diptych_server.app.services import Services
from diptych_server.errors import BadRequest, NotFound
from diptych_server.query.instants import rfc3339_of_ns
from diptych_server.store.accounts import Accounts, StoredKey
from diptych_server.wire.key import MadeKey, NewKey, ProjectKey, ProjectKeys

MS_NS = 1_000_000

MAX_KEYS = 100
"""Good ones of a project: every key is looked at twice a second by every server."""

KeyId = Annotated[str, PathParameter(description="Its id.", max_length=64)]


@get("/api/v1/keys", tags=["Keys"], summary="Keys of a project")
async def keys(services: SkipValidation[Services], caller: SkipValidation[Caller]) -> ProjectKeys:
    """For people who are signed in; never the secrets."""
    require_person(caller)
    found = await asyncio.to_thread(_of_project, services.accounts, caller.project_id)
    return ProjectKeys(items=[_key(stored) for stored in found])


@post("/api/v1/keys", tags=["Keys"], summary="Make a key for a page or an agent")
async def post_key(
    services: SkipValidation[Services], caller: SkipValidation[Caller], data: NewKey
) -> Response[MadeKey]:
    """By people who are signed in. The answer holds the secret, this once."""
    require_person(caller)
    made = await asyncio.to_thread(_make, services.accounts, caller.project_id, data)
    return Response(made, headers={"cache-control": "no-store"})


@delete("/api/v1/keys/{key_id:str}", tags=["Keys"], summary="Revoke a key")
async def delete_key(
    services: SkipValidation[Services], caller: SkipValidation[Caller], key_id: KeyId
) -> None:
    """Its senders are refused within a second; what they sent stays. Revoking again changes nothing."""
    require_person(caller)
    await asyncio.to_thread(_revoke, services.accounts, caller.project_id, key_id)


def _of_project(accounts: Accounts, project_id: str) -> list[StoredKey]:
    return [stored for stored in accounts.list_keys() if stored.project_id == project_id]


def _make(accounts: Accounts, project_id: str, wanted: NewKey) -> MadeKey:
    good = [stored for stored in _of_project(accounts, project_id) if stored.revoked_at_ms is None]
    if len(good) >= MAX_KEYS:
        raise BadRequest(f"expected at most {MAX_KEYS} keys of a project; revoke some first")
    secret, made = create_key(accounts, wanted.kind, project_id)
    [stored] = [stored for stored in _of_project(accounts, project_id) if stored.id == made.id]
    return MadeKey(secret=secret, key=_key(stored))


def _revoke(accounts: Accounts, project_id: str, key_id: str) -> None:
    if key_id not in {stored.id for stored in _of_project(accounts, project_id)}:
        raise NotFound(f"this project has no key with the id {key_id}")
    accounts.revoke_key(key_id)


def _key(stored: StoredKey) -> ProjectKey:
    return ProjectKey(
        id=stored.id,
        kind=stored.kind,  # type: ignore[arg-type]  # written by `create_key` alone
        prefix=stored.prefix,
        origins=list(stored.origins),
        created_at=rfc3339_of_ns(stored.created_at_ms * MS_NS),
        revoked_at=None if stored.revoked_at_ms is None else rfc3339_of_ns(stored.revoked_at_ms * MS_NS),
    )
