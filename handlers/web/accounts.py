"""Where the desk speaks: each account's health and limits, how to connect one, and the hold on everything."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from handlers.request import Request as DeskRequest
from handlers.request import Show, Update, Whisper
from handlers.views.standing import connecting, holding, standing
from handlers.web.auth import not_ours
from handlers.web.door import Said, door_of
from handlers.web.html import page
from handlers.web.within import back_with, plain, stranger, told
from services.access import Permission, may
from services.domain.errors import NotFound

if TYPE_CHECKING:
    from handlers.request import Outcome

router = APIRouter(include_in_schema=False)
_HOLDS = frozenset({"freeze", "thaw"})


@router.get("/accounts")
async def accounts(request: Request, said: str = "") -> Response:
    """Every account, and whether anything goes out at the moment."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    person = await door.person(request)
    look = door.call(person).look()
    roster, platforms = await door.services.piles.roster(), door.services.platforms
    return page(
        request,
        "accounts.html",
        here="accounts",
        accounts=[standing(s, look, platforms.get(s.account.platform)) for s in roster.standings],
        hold=holding(roster, look),
        ways=connecting(platforms.values()),
        may_hold=may(person, Permission.PUBLISH),
        may_connect=may(person, Permission.OPERATE),
        zone=look.zone,
        told=await told(request, said),
    )


@router.get("/accounts/{word}")
async def ask(request: Request, word: str) -> Response:
    """What freezing or thawing would do, before it is done."""
    if (gone := stranger(request)) is not None:
        return gone
    if word not in _HOLDS:
        raise NotFound("There is no such page.", next_step="Go back to the accounts.")
    door = door_of(request)
    call = door.call(await door.person(request))
    await call.need(Permission.PUBLISH)
    look = call.look()
    roster = await door.services.piles.roster()
    return page(request, "hold.html", here="accounts", word=word, hold=holding(roster, look))


@router.post("/accounts/{word}")
async def hold(request: Request, word: str) -> Response:
    """Hold everything back, or let it go."""
    door = door_of(request)
    async with request.form() as form:
        if not door.form_is_ours(request, plain(form, "csrf")):
            return not_ours(request)
    if word not in _HOLDS:
        raise NotFound("There is no such page.", next_step="Go back to the accounts.")
    outcome = await door.dispatcher.handle(DeskRequest(actor=await door.person(request), text=word))
    return RedirectResponse(back_with("/accounts", door.say(_said(outcome))), status_code=303)


def _said(outcome: Outcome) -> Said:
    return Said(cards=tuple(r.card for r in outcome.replies if isinstance(r, (Show, Update, Whisper))))
