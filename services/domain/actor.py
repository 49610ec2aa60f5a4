"""People and what their role lets them do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from services.domain.ids import PersonId


class Role(StrEnum):
    """From least to most: each may do all that the one before it may."""

    VIEWER = "viewer"
    AUTHOR = "author"
    APPROVER = "approver"
    ADMIN = "admin"

    @property
    def rank(self) -> int:
        """Position in the order of trust, 0 for a viewer."""
        return list(Role).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who uses the desk; `zone` is an IANA name in which their times are read and shown."""

    id: PersonId
    name: str
    role: Role
    zone: str
    created_at: datetime
    assigned: bool = False
    """The role was given by hand or by linking, and stays whatever a surface says."""
    zone_chosen: bool = False
    """The zone was set by hand, and stays whatever a surface says."""
    aliases: tuple[PersonId, ...] = ()
    """Ids under which they wrote before their accounts were linked."""

    def is_known_as(self, person_id: PersonId) -> bool:
        """Whether the id is or was theirs, so that linking makes nobody a stranger to their own words."""
        return person_id == self.id or person_id in self.aliases


class PictureMode(StrEnum):
    """Whether a new draft gets a picture without being asked for one."""

    EACH_DRAFT = "each_draft"
    ON_REQUEST = "on_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """The installation's switches, all of them explicit."""

    four_eyes: bool = False
    """The author of a revision may not approve it."""
    submit_required: bool = False
    """Approve only after somebody asked for review."""
    late_minutes: int = 360
    """A delivery later than this is held and asked about instead of published."""
    pictures: PictureMode = PictureMode.EACH_DRAFT
    """Whether drafts come with a picture."""
    frozen_by: str | None = None
    """Who holds all deliveries back at the moment; None means nobody."""
    frozen_at: datetime | None = None
