"""Errors as answers: RFC 9457 problem details, the same from every part of the app."""

import logging
from http import HTTPStatus
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException, NotFoundException

from diptych_server.app.requests import Send
from diptych_server.errors import BadRequest, ProblemError, Unauthorized
from diptych_server.wire.acceptance import Position, Problem

LOG = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"

UNEXPECTED = "an error of ours; the server's log says more"


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """Give the problem and the headers that an error becomes; an unexpected one tells nothing of itself."""
    if isinstance(error, ProblemError):
        problem = _problem(error.status, error.title, error.detail, error.where)
        if isinstance(error, BadRequest) and error.position:
            problem.position = Position(start=error.position[0], end=error.position[1])
        return problem, _headers_of(error)
    if isinstance(error, HTTPException) and error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
        detail, where = _said(error)
        title = HTTPStatus(error.status_code).phrase.capitalize()
        return _problem(error.status_code, title, detail, where), _headers(error)
    LOG.error("unexpected error: %s", type(error).__name__, exc_info=error)
    return _problem(500, "Internal error", UNEXPECTED, None), {}


async def send_problem(send: Send, error: Exception) -> None:
    """Answer a bare ASGI request with a problem."""
    problem, headers = problem_of(error)
    body = msgspec.json.encode(problem)
    headers |= {"content-type": PROBLEM_TYPE, "content-length": str(len(body))}
    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": problem.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": False})


def problem_response(_request: Request[Any, Any, Any], error: Exception) -> Response[Problem]:
    """Answer a Litestar request with a problem."""
    problem, headers = problem_of(error)
    return Response(problem, status_code=problem.status, media_type=PROBLEM_TYPE, headers=headers)


def _problem(status: int, title: str, detail: str, where: str | None) -> Problem:
    return Problem(type="about:blank", title=title, status=status, detail=detail, where=where)


def _headers_of(error: ProblemError) -> dict[str, str]:
    if isinstance(error, Unauthorized):
        return {"www-authenticate": "Bearer"}
    return {} if error.retry_after_s is None else {"retry-after": str(error.retry_after_s)}


def _headers(error: HTTPException) -> dict[str, str]:
    return {name.lower(): value for name, value in (error.headers or {}).items()}


def _said(error: HTTPException) -> tuple[str, str | None]:
    """What a Litestar error says: for a parameter or body at fault, the first fault and its place."""
    faults = error.extra if isinstance(error.extra, list) else []
    if faults and isinstance(faults[0], dict):
        fault = faults[0]
        return str(fault.get("message", error.detail)), str(fault.get("key") or "") or None
    if isinstance(error, NotFoundException):
        return "there is nothing at this path", None
    return error.detail[:1].lower() + error.detail[1:], None
