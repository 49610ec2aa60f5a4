"""Who is who across surfaces: what chat says of somebody, whom they are here, and where the desk is installed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.actor import Role
    from services.domain.ids import PersonId


class Standing(StrEnum):
    """What the surface itself says about somebody."""

    ADMIN = "admin"
    MEMBER = "member"
    GUEST = "guest"
    """A guest, or somebody from another organisation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """Somebody as a chat surface sees them at this moment."""

    surface: str
    team: str
    """The surface's own id of the place they belong to: a Slack workspace, a Discord server."""
    user: str
    name: str
    zone: str = ""
    """IANA; empty where the surface knows none."""
    standing: Standing = Standing.MEMBER
    groups: frozenset[str] = frozenset()
    """Ids of the user groups or roles they are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatIdentity:
    """A chat account and the person it speaks for."""

    surface: str
    team: str
    user: str
    person_id: PersonId
    name: str
    """As the surface shows it, cleaned."""
    linked: bool
    """A code joined it to somebody who was here already."""
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRole:
    """What being in a surface's user group means here."""

    surface: str
    team: str
    group: str
    name: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkCode:
    """A one-time code on its way from the person who asked for it to their other account; only its digest is kept."""

    digest: str
    """Lower-case hex SHA-256 of the code."""
    person_id: PersonId
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A chat team that let the desk in; its token lies sealed beside this and never in it."""

    surface: str
    team: str
    name: str
    bot_user: str
    installed_by: str
    at: datetime
