"""Keys of a project: what is asked for and what `/api/v1/keys` tells."""

from typing import Annotated, Literal

import msgspec


class NewKey(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`POST /api/v1/keys`. Keys that read are made by `diptych keys create read` alone."""

    kind: Literal["client", "server"]
    """`client`: public, in pages; `server`: secret, of agents and jobs."""


class ProjectKey(msgspec.Struct, kw_only=True):
    """One key, without its secret."""

    id: str
    kind: Literal["client", "server", "read"]
    prefix: str
    """How its secret begins, to tell keys apart."""
    origins: list[str]
    """Sites whose pages may use it; empty where any may."""
    created_at: str
    revoked_at: str | None


class ProjectKeys(msgspec.Struct, kw_only=True):
    """Oldest first, revoked ones too."""

    items: list[ProjectKey]


class MadeKey(msgspec.Struct, kw_only=True):
    """A key that was just made. Only its hash is stored: nobody can ask for the secret again."""

    secret: Annotated[str, msgspec.Meta(min_length=1)]
    key: ProjectKey
