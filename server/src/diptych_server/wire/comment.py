"""Comments of the team: what is posted and what `GET /api/v1/comments` tells."""

from typing import Annotated

import msgspec

from diptych_server.wire.rum import MAX_DATE_MS, Id

MAX_TEXT_CHARACTERS = 10_000

Author = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS, pattern=r"\S")]


class CommentTarget(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a comment stands at: one of these; a span with its trace."""

    session_id: Id | None = None
    trace_id: Id | None = None
    span_id: Id | None = None
    turn_id: Id | None = None


class NewComment(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/v1/comments`."""

    author: Author
    """As the person calls themselves: a sign-in has no name yet."""
    target: CommentTarget
    text: Text
    moment_ms: Annotated[int, msgspec.Meta(ge=0, le=MAX_DATE_MS)] | None = None
    """Of a session: the moment that is meant, page clock, epoch ms, as `t` of a link has it."""


class Comment(msgspec.Struct, kw_only=True):
    """One comment."""

    comment_id: str
    author: str
    target: CommentTarget
    text: str
    moment_ms: int | None
    created_at: str
