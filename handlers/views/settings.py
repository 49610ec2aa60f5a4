"""The desk's switches, a person's zone and accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb, carry
from handlers.views.card import Button, Card, Field, Fields, Tone
from handlers.views.form import FieldType, Form, FormField, Option
from handlers.views.people import accounts_line
from services.access import Permission, may
from services.domain.actor import PictureMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.look import Look
    from services.domain.actor import Person, Workspace
    from services.domain.identity import ChatIdentity


_PICTURES: Final = {PictureMode.EACH_DRAFT: "with each draft", PictureMode.ON_REQUEST: "only when asked"}


def settings_card(
    workspace: Workspace,
    look: Look,
    *,
    accounts: Sequence[ChatIdentity] = (),
    linked: bool = False,
    page: str = "",
) -> Card:
    """Every switch with its value in words; `linked` says that a code joined the account that asks to `look.actor`.

    `page` opens the page as this person, once; empty where they are on it already.
    """
    frozen = workspace.frozen_by
    facts = [
        Field(name="Four eyes", text="on: the author may not approve" if workspace.four_eyes else "off"),
        Field(name="Review", text="asked for before approval" if workspace.submit_required else "not asked for"),
        Field(name="Late posts", text=f"held when more than {workspace.late_minutes} minutes late"),
        Field(name="Pictures", text=_PICTURES[workspace.pictures]),
        Field(name="Publishing", text=f"held back by {frozen}" if frozen else "runs"),
        Field(name="Your zone", text=look.zone),
        Field(name="Your role", text=look.actor.role.value),
        Field(name="Your chat accounts", text=accounts_line(accounts)),
    ]
    if page:
        facts.append(Field(name="The page", text="Open it as yourself; the link works once, for an hour", link=page))
    change = Button(id=Action(verb=Verb.SETTINGS).encode(), label="Change", form="settings")
    return Card(
        card_id="list-settings",
        state="settings",
        title="Settings",
        tone=Tone.WAITING if frozen else Tone.QUIET,
        blocks=(Fields(items=tuple(facts)),),
        buttons=(change, *_linking(linked=linked)),
    )


def _linking(*, linked: bool) -> tuple[Button, ...]:
    words = {"Link another account": "settings link"} | ({"Unlink this account": "settings unlink"} if linked else {})
    carrying = ((label, carry(Verb.RUN, text)) for label, text in words.items())
    return tuple(Button(id=action_id, label=label) for label, action_id in carrying if action_id)


def settings_form(workspace: Workspace, person: Person) -> Form:
    """What this person may change."""
    zone = FormField(name="zone", title="Your time zone", value=person.zone, help="An IANA name such as Europe/Berlin.")
    switch = FormField(
        name="four_eyes",
        title="Four eyes: the author may not approve",
        type=FieldType.CHOICE,
        options=(Option(value="off", text="off"), Option(value="on", text="on")),
        value="on" if workspace.four_eyes else "off",
    )
    review = FormField(
        name="submit_required",
        title="Approve only after somebody asked for review",
        type=FieldType.CHOICE,
        options=(Option(value="off", text="off"), Option(value="on", text="on")),
        value="on" if workspace.submit_required else "off",
    )
    late = FormField(
        name="late_minutes",
        title="Hold posts that are late by more than this many minutes",
        value=str(workspace.late_minutes),
    )
    pictures = FormField(
        name="pictures",
        title="Pictures",
        type=FieldType.CHOICE,
        options=tuple(Option(value=mode.value, text=text) for mode, text in _PICTURES.items()),
        value=workspace.pictures.value,
    )
    fields = (zone, switch, review, late, pictures) if may(person, Permission.OPERATE) else (zone,)
    action = Action(verb=Verb.SETTINGS).encode()
    return Form(name="settings", title="Settings", submit="Save", action=action, fields=fields)
