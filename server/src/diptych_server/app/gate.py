"""Who asks the query API: a program with a read key, or a browser that is signed in."""

import asyncio
from typing import NamedTuple
from urllib.parse import parse_qs

from diptych_server.access.sign_in import is_signed_in
from diptych_server.app.requests import Scope, header
from diptych_server.app.services import Services
from diptych_server.errors import BadRequest, Forbidden, NotFound, Unauthorized
from diptych_server.store.accounts import DEFAULT_PROJECT

COOKIE = "diptych_sign_in"

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Caller(NamedTuple):
    """Who asks, and for which project."""

    project_id: str
    projects: tuple[str, ...]
    """Ids of all projects that the caller may see."""
    is_person: bool = False
    """Signed in by cookie, not a program with a key."""


async def find_caller(services: Services, scope: Scope) -> Caller:
    """Say who asks.

    Raises:
        Unauthorized: neither a key nor a cookie of ours, or one that is not good any more.
        Forbidden: a key of another kind or project; or a change asked by cookie from another origin.
        NotFound: `?project=` names none.
    """
    asked = _asked_project(scope)
    scheme, _, secret = header(scope, b"authorization").partition(" ")
    # Another scheme is not for us: a proxy may ask for Basic in front, and browsers send that along.
    if scheme.lower() == "bearer":
        return _key_caller(services, secret.strip(), asked)
    projects = await asyncio.to_thread(_projects_of_person, services, cookie_token(scope))
    if scope["method"] not in SAFE_METHODS:
        require_own_origin(services, scope, may_be_absent=False)
    if (asked or DEFAULT_PROJECT) not in projects:
        raise NotFound("there is no such project", where="project")
    return Caller(asked or DEFAULT_PROJECT, projects, is_person=True)


def require_person(caller: Caller) -> None:
    """Check that a person asks: what changes something is not for read keys.

    Raises:
        Forbidden: it is a program with a read key.
    """
    if not caller.is_person:
        raise Forbidden("this is for people who are signed in; a read key may read only")


def cookie_token(scope: Scope) -> str:
    """Give the token of our cookie, or an empty text."""
    for cookie in header(scope, b"cookie").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == COOKIE:
            return value
    return ""


def require_own_origin(services: Services, scope: Scope, *, may_be_absent: bool) -> None:
    """Check that the page that asks is ours; browsers send Origin with each request that changes something.

    Raises:
        Forbidden: it is another's, or absent where it must not be.
    """
    origin = header(scope, b"origin")
    own = {services.settings.public_url, f"{scope['scheme']}://{header(scope, b'host')}"}
    if origin in own or (may_be_absent and not origin):
        return
    raise Forbidden("A change by cookie must come from a page of this server", where="Origin")


def _projects_of_person(services: Services, token: str) -> tuple[str, ...]:
    """Ids of all projects, for who is signed in; blocks."""
    if not token or not is_signed_in(services.accounts, token):
        raise Unauthorized("sign in first, or send a read key as Authorization: Bearer")
    return tuple(project.id for project in services.accounts.projects())


def _key_caller(services: Services, secret: str, asked: str | None) -> Caller:
    key = services.keyring.find(secret)
    if key is None:
        raise Unauthorized("this key is not known, or was revoked")
    if key.kind != "read":
        raise Forbidden(f"this is a {key.kind} key; the query API wants a read key")
    if asked not in (None, key.project_id):
        raise Forbidden("this key is of another project", where="project")
    return Caller(key.project_id, (key.project_id,))


def _asked_project(scope: Scope) -> str | None:
    asked = parse_qs(scope["query_string"].decode("latin-1")).get("project", [])
    if len(asked) > 1:
        raise BadRequest("expected one project, got several", where="project")
    return asked[0] if asked else None
