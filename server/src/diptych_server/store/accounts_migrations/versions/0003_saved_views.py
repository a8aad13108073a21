"""Saved views of lists."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the table of saved views."""
    op.create_table(
        "saved_views",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.Column("signal", sa.String(16), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("search", sa.String(4000), nullable=False),
        sa.Column("is_default", sa.Boolean, nullable=False),
        sa.Column("created_at_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_views"),
        sa.ForeignKeyConstraint(["project_id"], ["projects.id"], name="fk_saved_views_project_id"),
        sa.UniqueConstraint("project_id", "signal", "name", name="uq_saved_views_project_id_signal_name"),
    )
