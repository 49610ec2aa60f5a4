"""Connected from chat: in which channel somebody asked for it, so that it hears when it is done."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Whoever is on the way now began on the page as far as anybody knows."""
    for name in ("surface", "channel"):
        op.add_column("passages", sa.Column(name, sa.Text(), nullable=False, server_default=sa.text("''")))
