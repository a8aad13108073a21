"""`/api/v1/comments`: what the team writes at sessions, traces, spans and answers."""

import asyncio
from typing import Annotated

from litestar import delete, get, post
from litestar.params import PathParameter, QueryParameter, SkipValidation

from diptych_server.app.gate import Caller, require_person
from diptych_server.app.services import Services
from diptych_server.errors import BadRequest, NotFound
from diptych_server.query.cursor import Cursor
from diptych_server.query.instants import rfc3339_of_ns
from diptych_server.store.comments import StoredComment, add_comment, list_comments, remove_comment
from diptych_server.wire.answers import Page
from diptych_server.wire.comment import Comment, CommentTarget, NewComment

LIST_NAME = "comments"
MS_NS = 1_000_000

OneId = Annotated[str | None, QueryParameter(max_length=128)]


@get("/api/v1/comments", tags=["Comments"], summary="Comments, the oldest first")
async def comments(
    services: SkipValidation[Services],
    caller: SkipValidation[Caller],
    session_id: OneId = None,
    trace_id: OneId = None,
    span_id: OneId = None,
    turn_id: OneId = None,
    limit: Annotated[int, QueryParameter(ge=1, le=1_000)] = 50,
    cursor: str | None = None,
) -> Page[Comment]:
    """Of one thing, or all; those of a trace are with those of its spans."""
    after = Cursor.decode(cursor, LIST_NAME) if cursor else None
    wanted = {"session_id": session_id, "trace_id": trace_id, "span_id": span_id, "turn_id": turn_id}
    found = await asyncio.to_thread(
        list_comments,
        services.accounts,
        caller.project_id,
        target={name: value for name, value in wanted.items() if value is not None},
        after=(after.key, after.ids[0]) if after else None,
        limit=limit + 1,
    )
    next_cursor = None
    if len(found) > limit:
        next_cursor = Cursor(LIST_NAME, found[limit - 1].created_at_ms, (found[limit - 1].id,)).encode()
    return Page(items=[_comment(each) for each in found[:limit]], next_cursor=next_cursor)


@post("/api/v1/comments", tags=["Comments"], summary="Write a comment")
async def post_comment(
    services: SkipValidation[Services], caller: SkipValidation[Caller], data: NewComment
) -> Comment:
    """By people who are signed in; a read key may not. 400 where it stands at nothing or several things."""
    require_person(caller)
    stored = await asyncio.to_thread(
        add_comment,
        services.accounts,
        caller.project_id,
        author=data.author,
        target=_ids_of(data.target),
        moment_ms=data.moment_ms,
        text=data.text,
    )
    return _comment(stored)


@delete("/api/v1/comments/{comment_id:str}", tags=["Comments"], summary="Delete a comment")
async def delete_comment(
    services: SkipValidation[Services],
    caller: SkipValidation[Caller],
    comment_id: Annotated[str, PathParameter(max_length=64)],
) -> None:
    """Anybody's, by anybody who is signed in: there are no people yet. 404 where there is none."""
    require_person(caller)
    if not await asyncio.to_thread(remove_comment, services.accounts, caller.project_id, comment_id):
        raise NotFound("there is no such comment in this project")


def _ids_of(target: CommentTarget) -> dict[str, str]:
    """The ids of one thing.

    Raises:
        BadRequest: it is none, or several.
    """
    ids = {
        name: value
        for name in ("session_id", "trace_id", "span_id", "turn_id")
        if (value := getattr(target, name)) is not None
    }
    if (len(ids) == 1 and "span_id" not in ids) or ids.keys() == {"trace_id", "span_id"}:
        return ids
    raise BadRequest(
        "expected session_id, trace_id, turn_id, or span_id with its trace_id; got"
        f" {' and '.join(ids) or 'none'}",
        where="target",
    )


def _comment(stored: StoredComment) -> Comment:
    return Comment(
        comment_id=stored.id,
        author=stored.author,
        target=CommentTarget(
            session_id=stored.session_id or None,
            trace_id=stored.trace_id or None,
            span_id=stored.span_id or None,
            turn_id=stored.turn_id or None,
        ),
        text=stored.text,
        moment_ms=stored.moment_ms,
        created_at=rfc3339_of_ns(stored.created_at_ms * MS_NS),
    )
