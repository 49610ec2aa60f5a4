"""The desk's switches, a person's zone, and the list of who may do what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from handlers.views.actions import Action, Verb
from handlers.views.card import Button, Card, Field, Fields, Note, Tone
from handlers.views.form import FieldType, Form, FormField, Option
from services.access import Permission, may
from services.domain.actor import PictureMode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from handlers.views.look import Look
    from services.domain.actor import Person, Workspace


_PICTURES: Final = {PictureMode.EACH_DRAFT: "with each draft", PictureMode.ON_REQUEST: "only when asked"}


def settings_card(workspace: Workspace, look: Look) -> Card:
    """Every switch with its value in words."""
    frozen = workspace.frozen_by
    facts = (
        Field(name="Four eyes", text="on: the author may not approve" if workspace.four_eyes else "off"),
        Field(name="Review", text="asked for before approval" if workspace.submit_required else "not asked for"),
        Field(name="Late posts", text=f"held when more than {workspace.late_minutes} minutes late"),
        Field(name="Pictures", text=_PICTURES[workspace.pictures]),
        Field(name="Publishing", text=f"held back by {frozen}" if frozen else "runs"),
        Field(name="Your zone", text=look.zone),
        Field(name="Your role", text=look.actor.role.value),
    )
    change = Button(id=Action(verb=Verb.SETTINGS).encode(), label="Change", form="settings")
    return Card(
        card_id="list-settings",
        state="settings",
        title="Settings",
        tone=Tone.WAITING if frozen else Tone.QUIET,
        blocks=(Fields(items=facts),),
        buttons=(change,),
    )


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


def roles_card(people: Sequence[Person]) -> Card:
    """Everybody with their role."""
    lines = tuple(Field(name=p.name, text=f"{p.role.value} · {p.zone}") for p in people)
    hint = Note(text="An admin changes a role with: roles name=author")
    blocks = (Fields(items=lines), hint) if lines else (hint,)
    return Card(card_id="list-roles", state="list", title="Roles", blocks=blocks)
