"""The tables of people and permissions: who is who in chat, who let the desk in where, and what was handled."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, PrimaryKeyConstraint, Table, Text, text

from storage.tables import metadata
from storage.types import Instant

complete: Final = metadata
"""All tables: those of chat are in it as soon as this module is loaded."""

identities: Final = Table(
    "identities",
    metadata,
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("person_id", Text, ForeignKey("people.id"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("linked", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    PrimaryKeyConstraint("surface", "team", "user_id"),
    comment="Chat accounts and the person each speaks for.",
)

group_roles: Final = Table(
    "group_roles",
    metadata,
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("group_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("surface", "team", "group_id"),
)

link_codes: Final = Table(
    "link_codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("person_id", Text, nullable=False, index=True),
    Column("expires_at", Instant, nullable=False),
)

link_tries: Final = Table(
    "link_tries",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    Index(None, "surface", "team", "user_id", "at"),
    comment="When a chat account gave a code that was none, so that nobody can guess for long.",
)

installations: Final = Table(
    "installations",
    metadata,
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("bot_user", Text, nullable=False),
    Column("installed_by", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("surface", "team"),
)

oauth_states: Final = Table(
    "oauth_states",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("expires_at", Instant, nullable=False),
)

seen_events: Final = Table(
    "seen_events",
    metadata,
    Column("surface", Text, nullable=False),
    Column("event_id", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
    PrimaryKeyConstraint("surface", "event_id"),
    comment="What a surface handed over already, because it may do so again.",
)

review_channels: Final = Table(
    "review_channels",
    metadata,
    Column("surface", Text, nullable=False),
    Column("place", Text, nullable=False),
    Column("since", Instant, nullable=False),
    PrimaryKeyConstraint("surface", "place"),
)

uploads: Final = Table(
    "uploads",
    metadata,
    Column("surface", Text, nullable=False),
    Column("team", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("ref", Text, nullable=False),
    Column("at", Instant, nullable=False),
    PrimaryKeyConstraint("surface", "team", "digest"),
)

passages: Final = Table(
    "passages",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("person_id", Text, nullable=False),
    Column("platform", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("surface", Text, nullable=False, server_default=text("''")),
    Column("channel", Text, nullable=False, server_default=text("''")),
    comment="Who is on the way to connect an account, for ten minutes.",
)
