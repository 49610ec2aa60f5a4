"""Every table of the desk but those of chat, as one description that the migrations are checked against."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

from services.domain.metrics import COUNTERS
from storage.types import DraftNumber, Instant

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

facts: Final = Table(
    "facts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
    comment="What the database knows of itself, such as the version that last changed its shape.",
)

counters: Final = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
    comment="Numbers given out once and never again.",
)

workspace: Final = Table(
    "workspace",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("four_eyes", Boolean, nullable=False),
    Column("submit_required", Boolean, nullable=False),
    Column("late_minutes", Integer, nullable=False),
    Column("frozen_by", Text),
    Column("frozen_at", Instant),
    Column("pictures", Text, nullable=False, server_default=text("'each_draft'")),
    comment="The installation's switches: at most one row, with id 1.",
)

people: Final = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_folded", Text, nullable=False, index=True),
    Column("role", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("assigned", Boolean, nullable=False, server_default=false()),
    Column("zone_chosen", Boolean, nullable=False, server_default=false()),
    Column("aliases", Text, nullable=False, server_default=text("'[]'")),
)

brands: Final = Table(
    "brands",
    metadata,
    Column("id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("voice", Text, nullable=False),
)

accounts: Final = Table(
    "accounts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("platform", Text, nullable=False),
    Column("handle", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("base_url", Text, nullable=False),
    Column("dedupe", Text, nullable=False),
    Column("limits", Text, nullable=False),
    Column("limits_at", Instant, nullable=False),
    Column("health", Text, nullable=False),
    Column("health_note", Text, nullable=False),
    Column("practice", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ends_at", Instant),
    Column("options", Text, nullable=False, server_default=text("'{}'")),
    UniqueConstraint("platform", "remote_id", "base_url"),
)

media: Final = Table(
    "media",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("mime", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("facts", Text),
    Column("poster", Text),
    comment="Stored files by their digest; what only a video or a document has is in facts.",
)

drafts: Final = Table(
    "drafts",
    metadata,
    Column("id", DraftNumber, primary_key=True, autoincrement=False),
    Column("state", Text, nullable=False),
    Column("brief", Text, nullable=False),
    Column("brand_id", Text, nullable=False),
    Column("account_ids", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("author_name", Text, nullable=False),
    Column("revision", Integer),
    Column("approval", Text),
    Column("planned_at", Instant),
    Column("problem", Text, nullable=False),
    Column("state_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("picturing", Text),
    Index(None, "state", "id"),
    Index(None, "planned_at"),
)
Index(
    "ix_drafts_picturing",
    drafts.c.id,
    sqlite_where=text("picturing IS NOT NULL"),
    postgresql_where=text("picturing IS NOT NULL"),
)

revisions: Final = Table(
    "revisions",
    metadata,
    Column("draft_id", DraftNumber, ForeignKey("drafts.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("outline", Text, nullable=False),
    Column("variants", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("made_with", Text, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("slides", Text, nullable=False, server_default=text("'[]'")),
    PrimaryKeyConstraint("draft_id", "number"),
)

approvals: Final = Table(
    "approvals",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("draft_id", DraftNumber, ForeignKey("drafts.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("at", Instant, nullable=False),
)

audit: Final = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("draft_id", DraftNumber, ForeignKey("drafts.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("by_name", Text, nullable=False),
    Column("verb", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("note", Text, nullable=False),
)

SUMMED: Final = ("impressions", "likes", "comments", "shares")
"""The counters whose gains are summed by the hour."""
OPEN: Final = "state NOT IN ('PUBLISHED', 'FAILED', 'CANCELLED')"
"""Rows that may still want looking at; a query must repeat these very words to be served by the partial index."""

deliveries: Final = Table(
    "deliveries",
    metadata,
    Column("id", Text, primary_key=True),
    Column("draft_id", DraftNumber, ForeignKey("drafts.id"), nullable=False, index=True),
    Column("revision", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("variant", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("undo_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("lease_owner", Text, nullable=False),
    Column("lease_until", Instant),
    Column("first_claimed_at", Instant),
    Column("sending_at", Instant),
    Column("handles", Text, nullable=False),
    Column("receipts", Text, nullable=False),
    Column("problem", Text, nullable=False),
    Column("probes", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "state", "id"),
    Index(None, "due_at"),
)
Index(
    "uq_deliveries_draft_id_revision_account_id",
    deliveries.c.draft_id,
    deliveries.c.revision,
    deliveries.c.account_id,
    unique=True,
    sqlite_where=text("state <> 'CANCELLED'"),
    postgresql_where=text("state <> 'CANCELLED'"),
)
Index("ix_deliveries_next_at", deliveries.c.next_at, sqlite_where=text(OPEN), postgresql_where=text(OPEN))
Index(
    "ix_deliveries_lease_until",
    deliveries.c.lease_until,
    sqlite_where=text("lease_until IS NOT NULL"),
    postgresql_where=text("lease_until IS NOT NULL"),
)

delivery_log: Final = Table(
    "delivery_log",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("delivery_id", Text, ForeignKey("deliveries.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("from_state", Text),
    Column("to_state", Text, nullable=False),
    Column("note", Text, nullable=False),
)

cards: Final = Table(
    "cards",
    metadata,
    Column("card_id", Text, nullable=False),
    Column("surface", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("draft_id", DraftNumber, index=True),
    Column("delivery_id", Text),
    Column("created_at", Instant, nullable=False),
    Column("told", Integer, nullable=False, server_default=text("0")),
    Column("drawn", Text, nullable=False, server_default=text("''")),
    PrimaryKeyConstraint("card_id", "surface", "place"),
    Index(None, "surface", "created_at"),
)

budgets: Final = Table(
    "budgets",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("window", Text, nullable=False),
    Column("tat", Instant, nullable=False),
    PrimaryKeyConstraint("account_id", "window"),
    comment="When the next call would arrive if all came evenly spaced (GCRA), per account and window.",
)


def _counters() -> list[Column[int]]:
    """One column per counter of a post; NULL: the network does not provide it."""
    return [Column(name, BigInteger) for name in COUNTERS]


posts: Final = Table(
    "posts",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("id", Text, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("published_at", Instant, nullable=False),
    Column("measured_at", Instant),
    *_counters(),
    Column("next_at", Instant),
    Column("lease_owner", Text, nullable=False),
    Column("lease_until", Instant),
    Column("taken", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("gap", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("pictures", Integer, nullable=False),
    Column("parts", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    Column("delivery_id", Text),
    Column("draft_id", DraftNumber),
    Column("extra", Text, nullable=False),
    UniqueConstraint("id"),
    Index(None, "published_at"),
    comment="Live posts whose numbers are followed, with the counters of the last look and when the next is due.",
)
Index(
    "ix_posts_next_at",
    posts.c.next_at,
    sqlite_where=text("next_at IS NOT NULL"),
    postgresql_where=text("next_at IS NOT NULL"),
)

snapshots: Final = Table(
    "snapshots",
    metadata,
    Column("post", Integer, ForeignKey("posts.seq"), nullable=False),
    Column("at", Instant, nullable=False),
    *_counters(),
    PrimaryKeyConstraint("post", "at"),
    sqlite_with_rowid=False,
    comment="What was measured of a post at each look, append only.",
)

hours: Final = Table(
    "hours",
    metadata,
    Column("hour", Instant, nullable=False),
    Column("account_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("samples", Integer, nullable=False),
    *[Column(name, BigInteger) for name in SUMMED],
    PrimaryKeyConstraint("hour", "account_id"),
    sqlite_with_rowid=False,
    comment="What was gained on each account within each hour, kept with every snapshot.",
)

standings: Final = Table(
    "standings",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("followers", BigInteger),
    Column("posts", BigInteger),
    PrimaryKeyConstraint("account_id", "at"),
    sqlite_with_rowid=False,
)

comments: Final = Table(
    "comments",
    metadata,
    Column("account_id", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("post_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("parent_id", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("url", Text, nullable=False),
    Column("extra", Text, nullable=False),
    Column("mood", Float),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("account_id", "remote_id"),
    Index(None, "post_id", "at"),
    Index(None, "at", "platform", "mood"),
)

subscriptions: Final = Table(
    "subscriptions",
    metadata,
    Column("surface", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("zone", Text, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("surface", "place"),
)

digests: Final = Table(
    "digests",
    metadata,
    Column("surface", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("lease_until", Instant),
    Column("attempts", Integer, nullable=False),
    Column("report", Text),
    Column("sent_at", Instant),
    PrimaryKeyConstraint("surface", "place", "day"),
    Index(None, "sent_at", "day", "surface", "place"),
)
