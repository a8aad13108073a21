"""`/api/v1/me`, sign-in and sign-out of people."""

import asyncio
from typing import Annotated, Any, cast

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.params import SkipValidation

from diptych_server.access.sign_in import SIGN_IN_LIFETIME_MS, sign_in, sign_out
from diptych_server.app.gate import COOKIE, Caller, cookie_token, require_own_origin
from diptych_server.app.requests import Scope
from diptych_server.app.services import Services
from diptych_server.app.version import VERSION
from diptych_server.wire.answers import Me


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """What the sign-in page posts."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    """The `token` of the sign-in link."""


@get("/api/v1/me", tags=["People"], summary="Who asks, and the projects they may see")
async def me(services: SkipValidation[Services], caller: SkipValidation[Caller]) -> Me:
    """Say who asks."""
    return Me(
        projects=list(caller.projects),
        project=caller.project_id,
        public_url=services.settings.public_url,
        version=VERSION,
    )


@post("/api/v1/sign-in", status_code=204, tags=["People"], summary="Use a sign-in link up and get a cookie")
async def post_sign_in(
    request: Request[Any, Any, Any], services: SkipValidation[Services], data: SignIn
) -> Response[None]:
    """Sign a browser in."""
    require_own_origin(services, _scope(request), may_be_absent=True)
    token = await asyncio.to_thread(sign_in, services.accounts, data.token)
    return Response(None, cookies=[_cookie(services, token, SIGN_IN_LIFETIME_MS // 1000)])


@post("/api/v1/sign-out", status_code=204, tags=["People"], summary="Sign this browser out")
async def post_sign_out(
    request: Request[Any, Any, Any], services: SkipValidation[Services]
) -> Response[None]:
    """Sign a browser out; a program with a key has nothing to sign out of."""
    await asyncio.to_thread(sign_out, services.accounts, cookie_token(_scope(request)))
    return Response(None, cookies=[_cookie(services, "", 0)])


def _scope(request: Request[Any, Any, Any]) -> Scope:
    return cast("Scope", request.scope)


def _cookie(services: Services, token: str, max_age_s: int) -> Cookie:
    return Cookie(
        key=COOKIE,
        value=token,
        max_age=max_age_s,
        path="/",
        httponly=True,
        samesite="lax",
        secure=services.settings.is_tls,
    )
