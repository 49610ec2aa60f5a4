"""All that a version has to show, in order, beside what each network shows of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """For versions from before, it follows from what the networks show."""
    op.add_column("revisions", sa.Column("slides", sa.Text(), nullable=False, server_default=sa.text("'[]'")))
