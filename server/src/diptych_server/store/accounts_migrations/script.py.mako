"""${message}"""

import sqlalchemy as sa
from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    """Go one version up; there is no way down, restore a copy instead."""
    ${upgrades if upgrades else "pass"}
