"""Numbers and voices that come back: measured posts, snapshots, sums, answers, digests; and pictures being made."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_COUNTERS = ("impressions", "reach", "likes", "comments", "shares", "quotes", "clicks", "saves", "video_views")
_SUMMED = ("impressions", "likes", "comments", "shares")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_LOOK = timedelta(hours=1)


def upgrade() -> None:
    """Add what measuring needs, and follow what was published before."""
    op.add_column("workspace", sa.Column("pictures", sa.Text(), nullable=False, server_default=sa.text("'each_draft'")))
    op.add_column("drafts", sa.Column("picturing", sa.Text()))
    op.create_index("ix_drafts_planned_at", "drafts", ["planned_at"])
    painting = sa.text("picturing IS NOT NULL")
    op.create_index("ix_drafts_picturing", "drafts", ["id"], sqlite_where=painting, postgresql_where=painting)
    op.create_index("ix_deliveries_due_at", "deliveries", ["due_at"])
    _cards_of_no_draft()
    posts = _posts()
    _sums()
    _answers()
    _digests()
    published = _published()
    if published:
        op.bulk_insert(posts, published)


def _cards_of_no_draft() -> None:
    """A digest's card belongs to no draft; SQLite can't loosen a column in place."""
    op.drop_index("ix_cards_draft_id", "cards")
    op.drop_index("ix_cards_surface_created_at", "cards")
    op.rename_table("cards", "cards_before")
    op.create_table(
        "cards",
        sa.Column("card_id", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("draft_id", sa.BigInteger()),
        sa.Column("delivery_id", sa.Text()),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("card_id", "surface", "place", name="pk_cards"),
    )
    columns = "card_id, surface, place, kind, draft_id, delivery_id, created_at"
    op.execute(f"INSERT INTO cards ({columns}) SELECT {columns} FROM cards_before")  # noqa: S608 - our own words
    op.drop_table("cards_before")
    op.create_index("ix_cards_draft_id", "cards", ["draft_id"])
    op.create_index("ix_cards_surface_created_at", "cards", ["surface", "created_at"])


def _posts() -> sa.Table:
    posts = op.create_table(
        "posts",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("measured_at", sa.BigInteger()),
        *[sa.Column(name, sa.BigInteger()) for name in _COUNTERS],
        sa.Column("next_at", sa.BigInteger()),
        sa.Column("lease_owner", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("gap", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("delivery_id", sa.Text()),
        sa.Column("draft_id", sa.BigInteger()),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_posts"),
        sa.UniqueConstraint("id", name="uq_posts_id"),
    )
    waiting = sa.text("next_at IS NOT NULL")
    op.create_index("ix_posts_published_at", "posts", ["published_at"])
    op.create_index("ix_posts_next_at", "posts", ["next_at"], sqlite_where=waiting, postgresql_where=waiting)
    return posts


def _sums() -> None:
    op.create_table(
        "snapshots",
        sa.Column("post", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *[sa.Column(name, sa.BigInteger()) for name in _COUNTERS],
        sa.PrimaryKeyConstraint("post", "at", name="pk_snapshots"),
        sa.ForeignKeyConstraint(["post"], ["posts.seq"], name="fk_snapshots_post"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "hours",
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("samples", sa.Integer(), nullable=False),
        *[sa.Column(name, sa.BigInteger()) for name in _SUMMED],
        sa.PrimaryKeyConstraint("hour", "account_id", name="pk_hours"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "standings",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("followers", sa.BigInteger()),
        sa.Column("posts", sa.BigInteger()),
        sa.PrimaryKeyConstraint("account_id", "at", name="pk_standings"),
        sqlite_with_rowid=False,
    )


def _answers() -> None:
    op.create_table(
        "comments",
        sa.Column("account_id", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("post_id", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("parent_id", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("extra", sa.Text(), nullable=False),
        sa.Column("mood", sa.Float()),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account_id", "remote_id", name="pk_comments"),
    )
    op.create_index("ix_comments_post_id_at", "comments", ["post_id", "at"])
    op.create_index("ix_comments_at_platform_mood", "comments", ["at", "platform", "mood"])


def _digests() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("at", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("surface", "place", name="pk_subscriptions"),
    )
    op.create_table(
        "digests",
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("report", sa.Text()),
        sa.Column("sent_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("surface", "place", "day", name="pk_digests"),
    )
    op.create_index("ix_digests_sent_at_day_surface_place", "digests", ["sent_at", "day", "surface", "place"])


def _published() -> list[dict[str, object]]:
    """What the outbox knows to be live, each network post once; the first look comes as soon as the desk runs."""
    found = op.get_bind().exec_driver_sql(
        "SELECT id, draft_id, account_id, platform, variant, receipts FROM deliveries WHERE state = 'PUBLISHED'"
    )
    rows: dict[str, dict[str, object]] = {}
    for delivery_id, draft_id, account_id, platform, variant, receipts in found:
        row = _post(json.loads(variant), json.loads(receipts))
        if row is not None:
            known = {"account_id": account_id, "platform": platform, "delivery_id": delivery_id, "draft_id": draft_id}
            id_ = f"{account_id}|{row['remote_id']}"
            rows.setdefault(id_, {**row, **known, "id": id_})
    return list(rows.values())


def _post(variant: dict[str, Any], receipts: list[dict[str, Any]]) -> dict[str, object] | None:
    if not receipts:
        return None
    at = datetime.fromisoformat(receipts[0]["at"])
    return {
        "published_at": (at - _EPOCH) // timedelta(microseconds=1),
        "next_at": (at + _FIRST_LOOK - _EPOCH) // timedelta(microseconds=1),
        "lease_owner": "",
        "taken": 0,
        "attempts": 0,
        "gap": "",
        "remote_id": receipts[0]["remote_id"],
        "url": receipts[0]["url"],
        "text": "\n---\n".join(variant["parts"]),
        "pictures": len(variant.get("pictures", ())),
        "parts": len(variant["parts"]),
        "origin": "desk",
        "extra": json.dumps(receipts[0].get("extra", {}), ensure_ascii=False, separators=(",", ":")),
    }
