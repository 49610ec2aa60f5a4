"""Somebody's way to connect an account: out of the desk with a link, to the network, and back with its answer."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.ids import PersonId, PlatformSlug


class Stage(StrEnum):
    """How far somebody is; each stage hands over a word of its own that is good once."""

    TICKET = "ticket"
    """They have a link to begin with."""
    AWAY = "away"
    """They are at the network, which sends them back with the word."""
    CHOICE = "choice"
    """The network showed several accounts, and some are to be picked."""
    BACK = "back"
    """Accounts are connected, and the chat where it was asked for is to hear of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The chat channel somebody began in."""

    surface: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One stage of one person's way."""

    digest: str
    """Of the word; the word itself is kept nowhere."""
    stage: Stage
    person_id: PersonId
    platform: PlatformSlug
    detail: str
    """What was said beside the network's name: a server, or which kind of account; mostly empty."""
    expires_at: datetime
    origin: Origin | None = None
    """None: it began on the page."""
