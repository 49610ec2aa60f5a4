"""The outbox with its log, where cards were shown, and how fast each account may be called."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_OPEN = sa.text("state NOT IN ('PUBLISHED', 'FAILED', 'CANCELLED')")
_ALIVE = sa.text("state <> 'CANCELLED'")
_LEASED = sa.text("lease_until IS NOT NULL")


def upgrade() -> None:
    """Add what sending needs; the desk's rows stay as they are."""
    _deliveries()
    _indexes()
    _log()
    _cards()
    op.create_table(
        "budgets",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("window", sa.Text(), nullable=False),
        sa.Column("tat", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "window", name="pk_budgets"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("undo_until", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("first_claimed_at", sa.BigInteger()),
        sa.Column("sending_at", sa.BigInteger()),
        sa.Column("handles", sa.Text(), nullable=False),
        sa.Column("receipts", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.ForeignKeyConstraint(["draft_id"], ["drafts.id"], name="fk_deliveries_draft_id"),
    )


def _indexes() -> None:
    op.create_index("ix_deliveries_draft_id", "deliveries", ["draft_id"])
    op.create_index("ix_deliveries_state_id", "deliveries", ["state", "id"])
    op.create_index(
        "uq_deliveries_draft_id_revision_account_id",
        "deliveries",
        ["draft_id", "revision", "account_id"],
        unique=True,
        sqlite_where=_ALIVE,
        postgresql_where=_ALIVE,
    )
    op.create_index("ix_deliveries_next_at", "deliveries", ["next_at"], sqlite_where=_OPEN, postgresql_where=_OPEN)
    op.create_index(
        "ix_deliveries_lease_until", "deliveries", ["lease_until"], sqlite_where=_LEASED, postgresql_where=_LEASED
    )


def _log() -> None:
    op.create_table(
        "delivery_log",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("delivery_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("from_state", sa.Text()),
        sa.Column("to_state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_delivery_log"),
        sa.ForeignKeyConstraint(["delivery_id"], ["deliveries.id"], name="fk_delivery_log_delivery_id"),
    )
    op.create_index("ix_delivery_log_delivery_id", "delivery_log", ["delivery_id"])


def _cards() -> None:
    op.create_table(
        "cards",
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("delivery_id", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("card_id", "surface", "place", name="pk_cards"),
    )
    op.create_index("ix_cards_draft_id", "cards", ["draft_id"])
    op.create_index("ix_cards_surface_created_at", "cards", ["surface", "created_at"])
