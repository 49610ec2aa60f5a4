"""The desk's switches, a person's zone, and the accounts that are theirs."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from handlers.endpoints import people as people_endpoint
from handlers.views.settings import settings_card, settings_form
from services.domain.actor import PictureMode
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from handlers.desk import Call
    from handlers.request import Replies
    from handlers.views.form import Form
    from services.domain.actor import Person, Workspace

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
_LINK: Final = re.compile(r"link(?:\s+(?P<code>\S.*))?", re.IGNORECASE)
_UNLINK: Final = re.compile(r"unlink", re.IGNORECASE)


async def settings(call: Call) -> Replies:
    """Show the switches, or set one: "four-eyes on", "review on", "late 60", "pictures off", "zone Europe/Berlin".

    "link" gives a code for another account, "link CODE" joins this one to the code's person, "unlink" undoes it.
    """
    if found := _ZONE.fullmatch(call.rest):
        return await _saved(call, found[1])
    if found := _LINK.fullmatch(call.rest):
        return await people_endpoint.link(call, found["code"] or "")
    if _UNLINK.fullmatch(call.rest):
        return await people_endpoint.unlink(call)
    workspace = await _switched(call) if call.rest else await call.services.store.read(lambda tx: tx.workspace())
    return await _shown(call, workspace)


async def _shown(call: Call, workspace: Workspace, person: Person | None = None) -> Replies:
    """The card for the asking person, as they are after what they asked for."""
    look, request = call.look(), call.request
    if person is not None:
        look = replace(look, actor=person, zone=person.zone)
    accounts, visitor = await call.services.identities.links(look.actor), request.visitor
    here = (visitor.surface, visitor.team, visitor.user) if visitor else None
    linked = any(a.linked and (a.surface, a.team, a.user) == here for a in accounts)
    page = call.desk.page(look.actor.id) if visitor and call.desk.page else ""
    return call.whisper(settings_card(workspace, look, accounts=accounts, linked=linked, page=page))


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
        "settings zone Europe/Berlin, or settings link",
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
    person = await call.services.people.set_zone(call.request.actor, zone)
    return await _shown(call, await call.services.store.read(lambda tx: tx.workspace()), person)


async def ask_settings(call: Call) -> Form:
    """The switches this person may change."""
    workspace = await call.services.store.read(lambda tx: tx.workspace())
    return settings_form(workspace, call.request.actor)


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
