"""Small functions that make valid values of chat: visitors, identities, installations."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypedDict

from services.domain.actor import Role
from services.domain.identity import ChatIdentity, GroupRole, Installation, LinkCode, Standing, Visitor
from services.domain.ids import PersonId, PlatformSlug
from services.domain.signin import Origin, Passage, Stage
from tests.builders import NOW

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Unpack


class VisitorFields(TypedDict, total=False):
    """What `a_visitor` lets a test choose."""

    surface: str
    team: str
    user: str
    name: str
    zone: str
    standing: Standing
    groups: frozenset[str]


def a_visitor(**fields: Unpack[VisitorFields]) -> Visitor:
    """Bo, an ordinary member of a Slack workspace."""
    return replace(Visitor(surface="slack", team="T1", user="U1", name="Bo", zone="Europe/Oslo"), **fields)


class IdentityFields(TypedDict, total=False):
    """What `an_identity` lets a test choose."""

    surface: str
    team: str
    user: str
    person_id: PersonId
    name: str
    linked: bool
    created_at: datetime


def an_identity(**fields: Unpack[IdentityFields]) -> ChatIdentity:
    """Ada's chat account."""
    ada = ChatIdentity(
        surface="slack", team="T1", user="U1", person_id=PersonId("ada"), name="Ada", linked=False, created_at=NOW
    )
    return replace(ada, **fields)


class GroupRoleFields(TypedDict, total=False):
    """What `a_group_role` lets a test choose."""

    surface: str
    team: str
    group: str
    name: str
    role: Role


def a_group_role(**fields: Unpack[GroupRoleFields]) -> GroupRole:
    """The editors may approve."""
    editors = GroupRole(surface="slack", team="T1", group="S1", name="editors", role=Role.APPROVER)
    return replace(editors, **fields)


class CodeFields(TypedDict, total=False):
    """What `a_link_code` lets a test choose."""

    digest: str
    person_id: PersonId
    expires_at: datetime


def a_link_code(**fields: Unpack[CodeFields]) -> LinkCode:
    """A code of Ada's that ends right away."""
    return replace(LinkCode(digest="d" * 64, person_id=PersonId("ada"), expires_at=NOW), **fields)


class InstallationFields(TypedDict, total=False):
    """What `an_installation` lets a test choose."""

    surface: str
    team: str
    name: str
    bot_user: str
    installed_by: str
    at: datetime


def an_installation(**fields: Unpack[InstallationFields]) -> Installation:
    """In a Slack workspace."""
    there = Installation(surface="slack", team="T1", name="Driftseas", bot_user="B1", installed_by="U1", at=NOW)
    return replace(there, **fields)


class PassageFields(TypedDict, total=False):
    """What `a_passage` lets a test choose."""

    digest: str
    stage: Stage
    origin: Origin | None


def a_passage(**fields: Unpack[PassageFields]) -> Passage:
    """Ada's link to sign in at X, good for ten minutes."""
    passage = Passage(
        digest="a",
        stage=Stage.TICKET,
        person_id=PersonId("ada"),
        platform=PlatformSlug("x"),
        detail="",
        expires_at=NOW + timedelta(minutes=10),
    )
    return replace(passage, **fields)
