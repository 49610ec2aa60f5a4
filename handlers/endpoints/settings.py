"""The desk's switches, a person's zone, and roles."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from handlers.views.settings import roles_card, settings_card, settings_form
from services.domain.actor import PictureMode, Role
from services.domain.errors import InvalidInput
from services.selection import nearest

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form
    from services.domain.actor import Workspace

_SWITCH: Final = {"on": True, "off": False}
_FOUR_EYES: Final = re.compile(r"four[ _-]?eyes\s*[=:]?\s*(\S+)", re.IGNORECASE)
_REVIEW: Final = re.compile(r"review\s*[=:]?\s*(\S+)", re.IGNORECASE)
_LATE: Final = re.compile(r"late\s*[=:]?\s*(\S+)", re.IGNORECASE)
_ZONE: Final = re.compile(r"zone\s*[=:]?\s*(\S+)", re.IGNORECASE)
_PICTURES: Final = re.compile(r"pictures?\s*[=:]?\s*(\S.*)", re.IGNORECASE)
_PICTURE_WORDS: Final = {
    **dict.fromkeys(("each_draft", "with each draft", "each draft", "each", "on"), PictureMode.EACH_DRAFT),
    **dict.fromkeys(("on_request", "only when asked", "when asked", "asked", "off"), PictureMode.ON_REQUEST),
}
_DIGITS: Final = 9
"""Of a number of minutes; the use case has the real bound."""
_ROLE: Final = re.compile(r"(.+?)\s*=\s*(\S+)")


async def settings(call: Call) -> Replies:
    """Show the switches, or set one: "four-eyes on", "review on", "late 60", "pictures off", "zone Europe/Berlin"."""
    if found := _ZONE.fullmatch(call.rest):
        return await _saved(call, found[1])
    workspace = await _switched(call) if call.rest else await call.services.store.read(lambda tx: tx.workspace())
    return call.whisper(settings_card(workspace, call.look()))


async def _switched(call: Call) -> Workspace:
    """One switch by its word."""
    people, actor = call.services.people, call.request.actor
    if found := _FOUR_EYES.fullmatch(call.rest):
        return await people.set_policy(actor, four_eyes=_on(found[1], "four_eyes"))
    if found := _REVIEW.fullmatch(call.rest):
        return await people.set_policy(actor, submit_required=_on(found[1], "submit_required"))
    if found := _LATE.fullmatch(call.rest):
        return await people.set_policy(actor, late_minutes=_minutes(found[1]))
    if found := _PICTURES.fullmatch(call.rest):
        return await people.set_policy(actor, pictures=_picture_mode(found[1]))
    raise InvalidInput(
        f"There is no setting “{call.rest[:60]}”.",
        next_step="Try: settings four-eyes on, settings review on, settings late 60, settings pictures off, "
        "or settings zone Europe/Berlin",
    )


async def save_settings(call: Call) -> Replies:
    """Take the form over; what was not given stays."""
    fields = call.request.fields or {}
    people, actor = call.services.people, call.request.actor
    if fields.keys() & {"four_eyes", "submit_required", "late_minutes", "pictures"}:
        await people.set_policy(
            actor,
            four_eyes=_on(call.text("four_eyes"), "four_eyes") if "four_eyes" in fields else None,
            submit_required=_on(call.text("submit_required"), "submit_required")
            if "submit_required" in fields
            else None,
            late_minutes=_minutes(call.text("late_minutes")) if "late_minutes" in fields else None,
            pictures=_picture_mode(call.text("pictures")) if "pictures" in fields else None,
        )
    return await _saved(call, call.text("zone") or actor.zone)


async def _saved(call: Call, zone: str) -> Replies:
    from dataclasses import replace

    person = await call.services.people.set_zone(call.request.actor, zone)
    workspace = await call.services.store.read(lambda tx: tx.workspace())
    look = replace(call.look(), actor=person, zone=person.zone)
    return call.whisper(settings_card(workspace, look))


async def ask_settings(call: Call) -> Form:
    """The switches this person may change."""
    workspace = await call.services.store.read(lambda tx: tx.workspace())
    return settings_form(workspace, call.request.actor)


async def roles(call: Call) -> Replies:
    """List everybody, or set a role: "bo=viewer"."""
    if call.rest:
        found = _ROLE.fullmatch(call.rest)
        if found is None:
            raise InvalidInput("I can't read that.", next_step="Write it like: roles bo=viewer")
        await call.services.people.set_role(call.request.actor, found[1].strip().removeprefix("@"), _role(found[2]))
    return call.whisper(roles_card(await call.services.store.read(lambda tx: tx.people.list())))


def _role(word: str) -> Role:
    if word.casefold() in set(Role):
        return Role(word.casefold())
    near = nearest(word, list(Role))
    hint = f"Did you mean {near}?" if near else f"It can be {', '.join(Role)}."
    raise InvalidInput(f"There is no role “{word}”.", next_step=hint)


def _on(word: str, field: str) -> bool:
    if word.casefold() not in _SWITCH:
        raise InvalidInput(f"“{word}” is neither on nor off.", next_step="Write on or off.", field=field)
    return _SWITCH[word.casefold()]


def _picture_mode(words: str) -> PictureMode:
    known = " ".join(words.casefold().split())
    if known not in _PICTURE_WORDS:
        msg = f"“{words[:40]}” does not say when pictures are made."
        raise InvalidInput(msg, next_step="Write with each draft, or only when asked.", field="pictures")
    return _PICTURE_WORDS[known]


def _minutes(word: str) -> int:
    if not word.strip().isdecimal() or len(word) > _DIGITS:
        msg = f"“{word[:40]}” is not a number of minutes."
        raise InvalidInput(msg, next_step="Write a number such as 360.", field="late_minutes")
    return int(word)
