"""Connecting an account in the browser: from the accounts' room or with a link from chat, and back from the network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from handlers.views.connecting import READY, connected_card
from handlers.web.auth import not_ours
from handlers.web.door import Said, door_of, same_origin
from handlers.web.html import page
from handlers.web.within import back_with, plain, stranger
from services.access import Permission
from services.connecting import CALLBACK, GO, PAGE, Choosing, Ready
from services.domain.errors import InvalidInput

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from handlers.web.door import Door
    from services.connecting import Away, Connected, Way
    from services.domain.actor import Person

COOKIE: Final = "copydesk_connect"
"""Proves that a network's answer comes back to the browser that went there."""
_MINUTES: Final = 600
_CAME_BACK_AS: Final = ("state", "oauth_token", "denied")
"""Under what networks name the way that somebody went."""
router = APIRouter(include_in_schema=False)
"""Part of the accounts' room."""
door = APIRouter(include_in_schema=False)
"""Open to whoever has a link, or comes back from a network."""


@router.get(PAGE + "/{platform}")
async def ask(request: Request, platform: str) -> Response:
    """How an account of this network is connected: a button, a form to type into, or the steps that come before."""
    if (gone := stranger(request)) is not None:
        return gone
    here, person = door_of(request), await door_of(request).person(request)
    await here.call(person).need(Permission.OPERATE)
    return _asked(request, here.services.connecting.way(platform))


@router.post(PAGE + "/{platform}")
async def begin(request: Request, platform: str) -> Response:
    """Send the browser to the network, or connect what was typed."""
    here = door_of(request)
    async with request.form() as form:
        if not here.form_is_ours(request, plain(form, "csrf")):
            return not_ours(request)
        person, way = await here.person(request), here.services.connecting.way(platform)
        try:
            if way.ready is Ready.TYPED:
                return await _typed(request, way, person, form)
            return await _begun(request, way, person, plain(form, "detail"))
        except InvalidInput as error:
            typed = {f.name: plain(form, f.name) for f in way.spec.fields if not f.secret}
            return _asked(request, way, error=error, typed=typed | {"detail": plain(form, "detail")})


def _asked(
    request: Request, way: Way, *, error: InvalidInput | None = None, typed: dict[str, str] | None = None
) -> Response:
    return page(
        request,
        "connect.html",
        here="accounts",
        status=422 if error else 200,
        way=way,
        ready=READY[way.ready],
        redirect=door_of(request).services.connecting.redirect_uri,
        error=error,
        typed=typed or {},
    )


async def _typed(request: Request, way: Way, person: Person, form: FormData) -> Response:
    here = door_of(request)
    given = {f.name: plain(form, f.name) for f in way.spec.fields}
    account = await here.services.connecting.typed(person, way.spec.slug, given)
    key = here.say(Said(cards=(connected_card((account,), here.services.platforms),)))
    return RedirectResponse(back_with("/accounts", key), status_code=303)


async def _begun(request: Request, way: Way, person: Person, detail: str) -> Response:
    """Straight on; or first to the name under which the network will send people back, where the cookie must be."""
    connecting = door_of(request).services.connecting
    if request.headers.get("host") != urlsplit(connecting.desk_url).netloc:
        url = await connecting.ticket(person, way.spec.slug, detail)
        return page(request, "connect_away.html", here="accounts", url=url, label="the desk under its own name")
    return _away(request, await connecting.begin(person, way.spec.slug, detail))


def _away(request: Request, away: Away) -> Response:
    """A page that leads on by itself: a form's answer may not redirect to another site."""
    answer = page(request, "connect_away.html", here="accounts", url=away.url, label=away.label)
    answer.set_cookie(
        COOKIE,
        away.browser,
        max_age=_MINUTES,
        httponly=True,
        samesite="lax",
        secure=door_of(request).settings.secure,
        path="/connect",
    )
    return answer


@door.get(GO + "/{ticket}")
async def look(request: Request, ticket: str) -> Response:
    """Where a link from chat leads. Looking does not use it up: chats look at links by themselves."""
    connecting = door_of(request).services.connecting
    passage, person = await connecting.look(ticket)
    label = connecting.way(passage.platform).spec.label
    return page(request, "connect_go.html", label=label, detail=passage.detail, name=person.name, ticket=ticket)


@door.post(GO)
async def go(request: Request) -> Response:
    """Use the link up and go."""
    async with request.form() as form:
        ticket = plain(form, "ticket")
    if not same_origin(request):
        return not_ours(request)
    return _away(request, await door_of(request).services.connecting.go(ticket))


@door.get(CALLBACK)
async def back(request: Request) -> Response:
    """Somebody comes back from a network with its answer."""
    answer = dict(request.query_params)
    state = next((answer[name] for name in _CAME_BACK_AS if answer.get(name)), "")
    came = await door_of(request).services.connecting.finish(state, answer, request.cookies.get(COOKIE, ""))
    if isinstance(came, Choosing):
        return page(request, "connect_choose.html", word=came.word, label=came.label, options=came.options)
    return _done(request, came)


@door.post("/connect/choose")
async def choose(request: Request) -> Response:
    """Connect the accounts that were ticked."""
    async with request.form() as form:
        word = plain(form, "word")
        picked = [int(n) for n in form.getlist("picked") if isinstance(n, str) and n.isdecimal() and len(n) < 5]
    if not same_origin(request):
        return not_ours(request)
    connecting = door_of(request).services.connecting
    return _done(request, await connecting.choose(word, picked, request.cookies.get(COOKIE, "")))


def _done(request: Request, connected: Connected) -> Response:
    here: Door = door_of(request)
    card = connected_card(connected.accounts, here.services.platforms, failed=connected.failed)
    answer = page(request, "connected.html", card=card)
    answer.delete_cookie(COOKIE, path="/connect", httponly=True, samesite="lax", secure=here.settings.secure)
    return answer
