"""The page: the channel with its cards, forms and answers; everything works without JavaScript."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import UploadFile

from handlers.notifications import PLACE, SURFACE
from handlers.request import Open, Show, Update, Whisper
from handlers.request import Request as DeskRequest
from handlers.views.actions import ACTS, parse_action
from handlers.views.confirm import confirm_facts
from handlers.views.digest import digest_card
from handlers.web.auth import SIGNED_OUT
from handlers.web.channel import channel
from handlers.web.door import Said, door_of
from handlers.web.html import page
from handlers.web.within import back_with, safe_back
from handlers.web.writing import filled, keep
from services.domain.errors import DeskError, NotFound
from services.domain.ids import DeliveryId, DraftId
from services.domain.insight import digest_day

if TYPE_CHECKING:
    from starlette.datastructures import FormData

    from handlers.request import FieldValue, Outcome, Typed
    from handlers.views.card import Card
    from handlers.web.door import Door

router = APIRouter(include_in_schema=False)
PATIENCE: Final = 2.0
"""Seconds a form waits for the writer; after that the card shows that it is being written, and changes by itself."""
_PAGE: Final = 20
_OWN: Final = frozenset({"csrf", "id", "back"})


def _signed_out(request: Request) -> Response:
    return page(request, "signedout.html", status=401, reason="", how=SIGNED_OUT)


@router.get("/")
async def desk(request: Request, before: str = "", said: str = "") -> Response:
    """The channel."""
    door = door_of(request)
    if door.sessions.find(request) is None:
        return _signed_out(request)
    owner = await door.owner()
    cards, older = await channel(door, owner, before=before or None, limit=_PAGE)
    accounts = await door.services.accounts.list()
    answer = door.said(said)
    shown = next((c for c in cards if answer and c.card_id == answer.place), None)
    fetched = await _one(door, answer.place) if answer and answer.place and shown is None else None
    about = shown or fetched
    return page(
        request,
        "desk.html",
        here="desk",
        cards=cards,
        older=older,
        before=before,
        said=answer,
        flash=_flash(about) if about else "",
        fetched=fetched,
        connected=len(accounts),
        zone=owner.zone,
        today=door.call(owner).look().moment(door.services.clock.now()),
        writing=any(c.working for c in cards),
    )


@router.get("/cards/{card_id}")
async def card(request: Request, card_id: str) -> Response:
    """One card as a piece of the page, for the live update."""
    door = door_of(request)
    if door.sessions.find(request) is None:
        return _signed_out(request)
    return page(request, "one_card.html", card=await _one(door, card_id))


async def _one(door: Door, card_id: str) -> Card:
    call = door.call(await door.owner())
    kind, _, ident = card_id.partition("-")
    if kind == "draft":
        return call.card(await door.services.board.draft(DraftId(ident)))
    if kind == "delivery":
        return call.delivery(await door.services.board.delivery(DeliveryId(ident)))
    if (day := digest_day(card_id)) is not None:
        return digest_card(await door.services.board.digest(SURFACE, PLACE, day), call.look())
    raise NotFound("There is no such card.")


@router.post("/command")
async def command(request: Request) -> Response:
    """What was typed into the box."""
    door = door_of(request)
    async with request.form() as form:
        if not door.form_is_ours(request, _plain(form, "csrf")):
            return await keep(request, form)
        text = _plain(form, "text")
    asked = DeskRequest(actor=await door.owner(), text=text, patience=PATIENCE)
    return await _answer(request, await door.dispatcher.handle(asked), typed=text)


@router.post("/action")
async def action(request: Request) -> Response:
    """A button, or a form that was filled in."""
    door = door_of(request)
    async with request.form(max_files=2, max_part_size=200_000) as form:
        if not door.form_is_ours(request, _plain(form, "csrf")):
            return await keep(request, form)
        action_id, back = _plain(form, "id") or "-", safe_back(_plain(form, "back"))
        fields = {name: await _value(value) for name, value in form.items() if name not in _OWN}
    asked = DeskRequest(actor=await door.owner(), action=action_id, fields=fields or None, patience=PATIENCE)
    return await _answer(request, await door.dispatcher.handle(asked), fields=fields, back=back)


def _plain(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


async def _value(value: str | UploadFile) -> FieldValue:
    return await value.read() if isinstance(value, UploadFile) else value


@router.get("/form")
async def form(request: Request, id: str = "", back: str = "") -> Response:  # noqa: A002 - the query's own name
    """The form behind a button; looking at it changes nothing."""
    door = door_of(request)
    if door.sessions.find(request) is None:
        return _signed_out(request)
    asked = DeskRequest(actor=await door.owner(), action=id or "-")
    return await _answer(request, await door.dispatcher.open_form(asked), back=safe_back(back))


@router.get("/confirm")
async def confirm(request: Request, id: str = "", back: str = "") -> Response:  # noqa: A002 - the query's own name
    """Ask once more before what can't be taken back."""
    door = door_of(request)
    if door.sessions.find(request) is None:
        return _signed_out(request)
    wanted = parse_action(id)
    act = ACTS.get(wanted.verb)
    if act is None or act.confirm is None:
        raise NotFound("There is nothing to confirm here.")
    snapshot = await door.services.board.draft(wanted.draft_id)
    look = door.call(await door.owner()).look(snapshot)
    facts = confirm_facts(wanted, snapshot, look, undo=door.settings.undo)
    return page(
        request,
        "confirm.html",
        act=act,
        confirm=act.confirm,
        facts=facts,
        action_id=id,
        draft_id=wanted.draft_id,
        back=safe_back(back),
    )


async def _answer(
    request: Request, outcome: Outcome, *, typed: str = "", fields: Typed | None = None, back: str = ""
) -> Response:
    """A form is shown at once; everything else is kept and shown on the channel after a redirect."""
    cards = [r.card for r in outcome.replies if isinstance(r, Whisper)]
    for reply in outcome.replies:
        if isinstance(reply, Open):
            return await filled(request, outcome, reply, cards, typed=fields, back=back)
    shown = [r.card for r in outcome.replies if isinstance(r, (Show, Update))]
    place = next((c.card_id for c in shown if c.draft_id), "")
    cards += [c for c in shown if c.draft_id is None]
    if outcome.error is not None and typed:
        return page(request, "again.html", status=outcome.status, notices=cards, typed=typed)
    key = door_of(request).say(Said(cards=tuple(cards), place=place))
    if back:
        return RedirectResponse(back_with(back, key), status_code=303)
    return RedirectResponse(f"/?said={key}#{'said' if cards or not place else place}", status_code=303)


def _flash(card: Card) -> str:
    """What the card is now, also when the page is loaded again later."""
    return f"{card.title}: {_state(card)}."


def _state(card: Card) -> str:
    from handlers.views.card import Fields

    facts = (f for b in card.blocks if isinstance(b, Fields) for f in b.items)
    return next((f.text for f in facts if f.name == "Status"), card.state)


def problem_page(request: Request, status: int, error: DeskError) -> Response:
    """An expected error where no form is at hand."""
    return page(request, "oops.html", status=status, reason=f"{error.message} {error.unchanged}", how=error.next_step)
