"""Standing choices: what the options of every new draft for an account begin with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Accounts begin without any."""
    op.add_column("accounts", sa.Column("options", sa.Text(), nullable=False, server_default=sa.text("'{}'")))
