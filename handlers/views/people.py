"""Who may do what, and what is said about chat accounts that are one person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from handlers.views.card import Card, Field, Fields, Note, Tone
from handlers.views.notice import notice

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from services.domain.actor import Person
    from services.domain.identity import ChatIdentity, GroupRole


def roles_card(people: Sequence[Person], groups: Iterable[GroupRole] = ()) -> Card:
    """Everybody with their role, and the groups that give one."""
    lines = [Field(name=p.name, text=f"{p.role.value} · {p.zone}") for p in people]
    lines += [Field(name=f"@{g.name}", text=f"{g.role.value} · group on {surface_name(g.surface)}") for g in groups]
    hint = Note(
        text="An admin changes a role with: /desk roles name=author. In chat a group can give one: "
        "/desk roles @group=approver, and with @group=none no more."
    )
    blocks = (Fields(items=tuple(lines)), hint) if lines else (hint,)
    return Card(card_id="list-roles", state="list", title="Roles", blocks=blocks)


def code_notice(code: str) -> Card:
    """A one-time code, and what it does in whose hands."""
    return notice(
        "link_code",
        f"Your code is {code}",
        f"Type this in your other account within ten minutes: /desk settings link {code}",
        "It works once. Whoever types it acts as you from then on, so keep it to yourself.",
        tone=Tone.WAITING,
    )


def linked_notice(person: Person) -> Card:
    """Whom the account speaks for now."""
    return notice(
        "linked",
        f"Here you are {person.name} from now on",
        f"Your role is {person.role.value}, and no group changes it. To end this: /desk settings unlink",
        tone=Tone.GOOD,
    )


def unlinked_notice(person: Person) -> Card:
    """Whom the account speaks for again."""
    return notice("unlinked", f"Here you are {person.name} again", f"Your role is {person.role.value}.")


def accounts_line(accounts: Sequence[ChatIdentity]) -> str:
    """Somebody's chat accounts, one a line."""
    return "\n".join(f"{a.name} on {surface_name(a.surface)}" for a in accounts) or "none"


def surface_name(surface: str) -> str:
    """A surface as people write it."""
    return surface.capitalize()
