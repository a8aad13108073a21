"""The tables of the accounts database; `accounts_migrations/` makes them, a test holds the two together.

All times are epoch milliseconds, all secrets are SHA-256 hashes: what is shown once is never stored.
"""

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Constraints have names from the start, so that a later migration can change them on every database."""

PROJECTS = sa.Table(
    "projects",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("name", sa.String(200), nullable=False, unique=True),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
)
"""A project owns its data; its `id` is made from its first name and never changes."""

APPLICATIONS = sa.Table(
    "applications",
    METADATA,
    sa.Column("project_id", sa.ForeignKey("projects.id"), primary_key=True),
    sa.Column("id", sa.String(128), primary_key=True),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
)
"""An application id of a page, as `init({ applicationId })` names it."""

KEYS = sa.Table(
    "keys",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False, index=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("secret_hash", sa.String(64), nullable=False, unique=True),
    sa.Column("prefix", sa.String(32), nullable=False),
    sa.Column("origins", sa.JSON, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("revoked_at_ms", sa.BigInteger, nullable=True),
)
"""A key of a sender or a reader; `prefix` is the part of the secret that lists show."""

SIGN_IN_LINKS = sa.Table(
    "sign_in_links",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False),
)
"""A link that signs one browser in; its row goes when it is used."""

SIGN_INS = sa.Table(
    "sign_ins",
    METADATA,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Column("expires_at_ms", sa.BigInteger, nullable=False, index=True),
)
"""A signed-in browser: the hash of its cookie."""

COMMENTS = sa.Table(
    "comments",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("author", sa.String(100), nullable=False),
    sa.Column("session_id", sa.String(128), nullable=False),
    sa.Column("trace_id", sa.String(128), nullable=False),
    sa.Column("span_id", sa.String(128), nullable=False),
    sa.Column("turn_id", sa.String(128), nullable=False),
    sa.Column("moment_ms", sa.BigInteger, nullable=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.Index("ix_comments_project_id_session_id", "project_id", "session_id"),
    sa.Index("ix_comments_project_id_trace_id", "project_id", "trace_id"),
    sa.Index("ix_comments_project_id_turn_id", "project_id", "turn_id"),
)
"""A comment of the team at a session, trace, span or turn: ids that do not name it are empty."""

SAVED_VIEWS = sa.Table(
    "saved_views",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("project_id", sa.ForeignKey("projects.id"), nullable=False),
    sa.Column("signal", sa.String(16), nullable=False),
    sa.Column("name", sa.String(80), nullable=False),
    sa.Column("search", sa.String(4000), nullable=False),
    sa.Column("is_default", sa.Boolean, nullable=False),
    sa.Column("created_at_ms", sa.BigInteger, nullable=False),
    sa.UniqueConstraint("project_id", "signal", "name"),
)
"""A list as somebody left it, under a name; of a list's views one at most is what it opens with."""
