"""Forms as pages: live counts while somebody types, times read back, and nothing typed ever lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from handlers.endpoints.schedule import asked_time
from handlers.request import Open
from handlers.request import Request as DeskRequest
from handlers.views.actions import parse_action
from handlers.views.counts import alt_count
from handlers.views.draft import topic
from handlers.views.form import refill
from handlers.views.forms import described
from handlers.web.auth import SIGNED_OUT, not_ours
from handlers.web.door import door_of, same_origin
from handlers.web.html import page
from handlers.web.rail import wants_piece
from handlers.web.within import plain, safe_back
from services.domain.errors import InvalidInput, NotFound
from services.domain.ids import AccountId
from services.domain.media import MAX_ALT
from services.domain.post import Variant, parts_of
from services.when import read_when

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import FormData

    from handlers.request import Outcome, Typed
    from handlers.views.card import Card
    from handlers.views.counts import Count
    from handlers.web.door import Door
    from services.ledger import Snapshot

router = APIRouter(include_in_schema=False)
_EDIT: Final = "edit"
_ARRANGE: Final = "arrange"
_SCHEDULE: Final = "schedule"
_RESTORE: Final = "restore"
"""Has a page of its own, where two versions can be compared."""
_OWN: Final = frozenset({"csrf", "id", "back"})
_AGAIN: Final = (
    "You signed in anew since this form was opened. Nothing is saved yet: your words are here, send them again."
)


async def filled(
    request: Request, outcome: Outcome, asked: Open, told: list[Card], *, typed: Typed | None = None, back: str = ""
) -> Response:
    """The form; when a field or the form itself carries the error, no notice says the same once more."""
    form, error = asked.form, outcome.error
    marked = any(f.error for f in form.fields) or bool(form.note)
    notices = [*([c for c in told if c.state == "kept"] if marked else told), *([asked.card] if asked.card else [])]
    how = f"{error.unchanged} {error.next_step}".strip() if isinstance(error, InvalidInput) else ""
    if form.name == _RESTORE and error is None:
        where = f"/drafts/{parse_action(form.action).draft_id}/versions"
        return RedirectResponse(where, status_code=303)
    template, about = "form.html", {}
    if form.name == _EDIT:
        template, about = "edit.html", await _edit_page(request, asked)
    elif form.name == _SCHEDULE:
        template, about = "schedule.html", await _times(request, typed or {})
    elif form.name == _ARRANGE:
        template, about = "arrange.html", await _shown(request, asked)
    back = safe_back(back)
    return page(request, template, status=outcome.status, form=form, notices=notices, how=how, back=back, about=about)


async def _edit_page(request: Request, asked: Open) -> dict[str, object]:
    """What surrounds the texts: the draft in a line, each field's count and each picture."""
    door = door_of(request)
    shot = await door.services.board.draft(parse_action(asked.form.action).draft_id)
    values = {f.name: f.value for f in asked.form.fields}
    return {
        "counts": _counts(door, shot, values),
        "shown": {d.name: d for d in described(shot.draft.revision)},
        "topic": topic(shot.draft),
        "draft_id": shot.draft.id,
        "version": shot.revisions,
    }


async def _shown(request: Request, asked: Open) -> dict[str, object]:
    """What the numbers of the order stand for."""
    shot = await door_of(request).services.board.draft(parse_action(asked.form.action).draft_id)
    return {"slides": described(shot.draft.revision)}


def _counts(door: Door, shot: Snapshot, values: Mapping[str, str]) -> dict[str, Count]:
    """Each field's count; a text for an account that is gone has none."""
    found: dict[str, Count] = {}
    known = {v.account_id: v for v in shot.draft.revision.variants} if shot.draft.revision else {}
    for name, text in values.items():
        account = shot.accounts.get(AccountId(name.removeprefix("text.")))
        if name.startswith("alt"):
            limits = [shot.accounts[i].limits.alt_text for i in shot.draft.account_ids if i in shot.accounts]
            found[name] = alt_count(text, min((x for x in limits if x is not None), default=MAX_ALT))
        elif account is not None:
            blank = Variant(account_id=account.id, platform=account.platform, parts=("",))
            typed = replace(known.get(account.id, blank), parts=parts_of(text) or ("",))
            found[name] = door.desk.proofreader.count(typed, account, shot.brand)
    return found


@router.post("/count")
async def count(request: Request) -> Response:
    """One field of the form for editing, counted as its network counts, while it is being typed."""
    door = door_of(request)
    async with request.form() as form:
        if not door.form_is_ours(request, plain(form, "csrf")):
            return not_ours(request)
        shot = await door.services.board.draft(parse_action(plain(form, "id")).draft_id)
        values = {n: plain(form, n) for n in form if n not in _OWN}
    found = await asyncio.to_thread(_counts, door, shot, values)
    if not found:
        raise NotFound("There is no such text.")
    return page(request, "count.html", count=next(iter(found.values())))


async def _times(request: Request, typed: Typed) -> dict[str, object]:
    look = door_of(request).call(await door_of(request).person(request)).look()
    day, clock = typed.get("date", ""), typed.get("time", "")
    now = look.stamp(look.now)
    return {"day": day, "clock": clock, "today": now[:10], "zone": look.zone, "offset": look.offset(look.now)}


@router.post("/when")
async def when(request: Request) -> Response:
    """The time that the form says so far, as the clock will show it."""
    door = door_of(request)
    async with request.form() as form:
        if not door.form_is_ours(request, plain(form, "csrf")):
            return not_ours(request)
        given = {n: plain(form, n) for n in ("when", "date", "time")}
    look = door.call(await door.person(request)).look()
    try:
        words = asked_time(lambda name: given.get(name, ""))
        read = await asyncio.to_thread(read_when, words, now=look.now, zone=look.zone) if words else None
    except InvalidInput as error:
        return page(request, "when.html", error=error, at="", stamp="")
    return page(
        request,
        "when.html",
        error=None,
        at=look.exact(read.at) if read else "",
        stamp=look.stamp(read.at) if read else "",
    )


async def keep(request: Request, form: FormData) -> Response:
    """The answer to a form whose session is gone or another one: what was typed comes back with it.

    A form from elsewhere gets nothing back, nor one of the open page, which keeps what is in it. Signed out, the words
    can be sent again from the same page after signing in; signed in anew, they come back on the form itself, and only
    sending that one does something.
    """
    typed = {n: v for n, v in form.items() if n not in _OWN and isinstance(v, str)}
    if wants_piece(request) or not same_origin(request) or not any(v.strip() for v in typed.values()):
        return not_ours(request)
    door, action = door_of(request), plain(form, "id")
    if door.sessions.find(request) is None:
        again = {"path": request.url.path, "action": action, "old": plain(form, "csrf"), "back": plain(form, "back")}
        return page(request, "kept.html", status=403, typed=typed, how=SIGNED_OUT, **again)
    if request.url.path == "/command":
        return page(request, "again.html", status=403, notices=[], typed=typed.get("text", ""))
    outcome = await door.dispatcher.open_form(DeskRequest(actor=await door.person(request), action=action or "-"))
    asked = next((r for r in outcome.replies if isinstance(r, Open)), None)
    if asked is None:
        return page(request, "kept.html", status=403, typed=typed, how="", path="", action="", old="", back="")
    kept = replace(refill(asked.form, typed, field=None, error=""), note=_AGAIN)
    return await filled(request, replace(outcome, status=403), Open(form=kept), [], typed=typed)
