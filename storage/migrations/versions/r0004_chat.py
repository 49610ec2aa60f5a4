"""Chat: who is who across surfaces, who let the desk in, what was handled, and what each card's place shows."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_DEFAULT_ZONE = "UTC"


def upgrade() -> None:
    """Add what chat needs; the roles and zones that people have were given by hand and stay."""
    _people()
    op.add_column("cards", sa.Column("told", sa.Integer(), nullable=False, server_default=sa.text("0")))
    op.add_column("cards", sa.Column("drawn", sa.Text(), nullable=False, server_default=sa.text("''")))
    _identities()
    _codes()
    _installations()
    _handled()


def _people() -> None:
    op.add_column("people", sa.Column("assigned", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("zone_chosen", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("people", sa.Column("aliases", sa.Text(), nullable=False, server_default=sa.text("'[]'")))
    people = sa.table(
        "people", sa.column("assigned", sa.Boolean), sa.column("zone_chosen", sa.Boolean), sa.column("zone")
    )
    op.execute(people.update().values(assigned=sa.true()))
    op.execute(people.update().where(people.c.zone != _DEFAULT_ZONE).values(zone_chosen=sa.true()))


def _identities() -> None:
    op.create_table(
        "identities",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("linked", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "team", "user_id", name="pk_identities"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_identities_person_id"),
    )
    op.create_index("ix_identities_person_id", "identities", ["person_id"])
    op.create_table(
        "group_roles",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "team", "group_id", name="pk_group_roles"),
    )


def _codes() -> None:
    op.create_table(
        "link_codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_link_codes"),
    )
    op.create_index("ix_link_codes_person_id", "link_codes", ["person_id"])
    op.create_table(
        "link_tries",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_link_tries"),
    )
    op.create_index("ix_link_tries_at", "link_tries", ["at"])
    op.create_index("ix_link_tries_surface_team_user_id_at", "link_tries", ["surface", "team", "user_id", "at"])


def _installations() -> None:
    op.create_table(
        "installations",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("bot_user", sa.Text(), nullable=False),
        sa.Column("installed_by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "team", name="pk_installations"),
    )
    op.create_table(
        "oauth_states",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_oauth_states"),
    )


def _handled() -> None:
    op.create_table(
        "seen_events",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "event_id", name="pk_seen_events"),
    )
    op.create_index("ix_seen_events_at", "seen_events", ["at"])
    op.create_table(
        "review_channels",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "place", name="pk_review_channels"),
    )
    op.create_table(
        "uploads",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "team", "digest", name="pk_uploads"),
    )
