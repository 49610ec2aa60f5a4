"""Videos and documents: what only they have, and the picture that stands for each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns; pictures have neither."""
    op.add_column("media", sa.Column("facts", sa.Text()))
    op.add_column("media", sa.Column("poster", sa.Text()))
