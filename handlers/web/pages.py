"""The page: the channel with its cards, forms and answers; everything works without JavaScript."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from handlers.grammar import Word
from handlers.request import Outcome
from handlers.request import Request as DeskRequest
from handlers.views.actions import ACTS, Action, Verb, parse_action
from handlers.views.confirm import confirm_facts
from handlers.web.answering import answer, one_card, state_of
from handlers.web.channel import beside
from handlers.web.channel import front as read_front
from handlers.web.door import door_of
from handlers.web.html import page
from handlers.web.media import received
from handlers.web.rail import wants_piece
from handlers.web.within import plain, safe_back, stranger
from handlers.web.writing import filled, keep
from services.access import Permission, may
from services.domain.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.datastructures import UploadFile

    from handlers.request import FieldValue
    from handlers.views.card import Card
    from services.media.intake import MediaIntake

router = APIRouter(include_in_schema=False)
front = APIRouter(include_in_schema=False)
"""Pages that read what the rail says together with what they show."""
PATIENCE: Final = 2.0
"""Seconds a form waits for the writer; after that the card shows that it is being written, and changes by itself."""
EXAMPLES: Final = (
    "Our new release halves start-up time: 1.2 seconds instead of 2.4, measured on a cold laptop",
    "We answered 400 support questions this month; the most frequent one was how to undo",
    "Office hours on Thursday at 16:30: bring your worst log file and we read it together",
)
"""Briefs for somebody who has none yet."""
_STARTERS: Final = ("queue", "report", "help")
_PAGE: Final = 20
_MOST: Final = 100
_OWN: Final = frozenset({"csrf", "id", "back"})
_READ: Final = 100
"""Files of one form that are read, so that whoever chose too many is told in its form."""


def starters() -> list[str]:
    """Words that are worth a button beside the box, as far as the desk knows them."""
    return [word for word in _STARTERS if word in set(Word)]


@front.get("/")
async def desk(request: Request, before: str = "", said: str = "", n: int = _PAGE) -> Response:
    """The channel; `n` is how many cards, at most a hundred."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    seen, person = door.watchers.told, await door.person(request)
    size = min(max(n, 1), _MOST)
    cards, older, side = await read_front(door, person, before=before or None, limit=size)
    told = door.said(said)
    shown = next((c for c in cards if told and c.card_id == told.place), None)
    fetched = await one_card(request, told.place) if told and told.place and shown is None else None
    about = shown or fetched
    request.state.undecided = side.waiting
    return await asyncio.to_thread(  # A hundred cards take longer than anybody's click should wait for.
        page,
        request,
        "desk.html",
        here="desk",
        cards=cards,
        seen=seen,
        older=older,
        before=before,
        size=size,
        said=told,
        flash=_flash(about) if about else "",
        fetched=fetched,
        connected=bool(cards) or bool(await door.services.accounts.list()),
        side=side,
        starters=starters(),
        examples=EXAMPLES,
        brief=Action(verb=Verb.DRAFT).encode() if may(person, Permission.WRITE) else "",
        decides=may(person, Permission.APPROVE),
        writing=any(c.working for c in cards),
    )


@router.get("/cards/{card_id}")
async def card(request: Request, card_id: str) -> Response:
    """One card: a page of its own, or a piece for the live update."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    seen, found = door.watchers.told, await one_card(request, card_id)
    template = "one_card.html" if wants_piece(request) else "card.html"
    return page(request, template, here="desk", card=found, seen=seen)


@front.get("/side")
async def side(request: Request) -> Response:
    """What stands beside the channel as a piece of the page, with the count of the rail."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    person = await door.person(request)
    decides = may(person, Permission.APPROVE)
    return page(request, "side.html", side=await beside(door, person), decides=decides)


@router.post("/command")
async def command(request: Request) -> Response:
    """What was typed into the box, or the word of a button beside it."""
    door = door_of(request)
    async with request.form() as form:
        if not door.form_is_ours(request, plain(form, "csrf")):
            return await keep(request, form)
        text = plain(form, "run") or plain(form, "text")
    asked = DeskRequest(actor=await door.person(request), text=text, patience=PATIENCE)
    return await answer(request, await door.dispatcher.handle(asked), actor=asked.actor, typed=text)


@router.post("/action")
async def action(request: Request) -> Response:
    """A button, or a form that was filled in."""
    door = door_of(request)
    async with request.form(max_files=_READ, max_part_size=200_000) as form:
        if not door.form_is_ours(request, plain(form, "csrf")):
            return await keep(request, form)
        action_id, back = plain(form, "id") or "-", safe_back(plain(form, "back"))
        given = {name: form.getlist(name) for name in form if name not in _OWN}
        async with AsyncExitStack() as stack:
            fields = {n: await _value(v, stack, door.services.media) for n, v in given.items()}
            actor = await door.person(request)
            asked = DeskRequest(actor=actor, action=action_id, fields=fields or None, patience=PATIENCE)
            outcome = await door.dispatcher.handle(asked)
            return await answer(request, outcome, actor=actor, fields=fields, back=back)


async def _value(given: Sequence[str | UploadFile], stack: AsyncExitStack, media: MediaIntake) -> FieldValue:
    """A text, or where files lie for as long as the stack holds them; none where nothing was chosen."""
    if isinstance(last := given[-1], str):
        return last
    chosen = [one for one in given if not isinstance(one, str) and (one.filename or one.size)]
    return tuple([await stack.enter_async_context(received(one, media)) for one in chosen])


@router.get("/form")
async def form(request: Request, id: str = "", back: str = "") -> Response:  # noqa: A002 - the query's own name
    """The form behind a button; looking at it changes nothing."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    asked = DeskRequest(actor=await door.person(request), action=id or "-")
    return await answer(request, await door.dispatcher.open_form(asked), actor=asked.actor, back=safe_back(back))


@router.get("/asked")
async def asked(request: Request, key: str = "") -> Response:
    """The form that a command or a button on the open page answered with."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    told = door.said(key)
    if told is None or told.form is None:
        raise NotFound("This form is not kept any more.", next_step="Open it again from its card.")
    outcome = Outcome(status=200, replies=(), error=told.error)
    return await filled(request, outcome, told.form, list(told.cards))


@router.get("/confirm")
async def confirm(request: Request, id: str = "", back: str = "") -> Response:  # noqa: A002 - the query's own name
    """Ask once more before what can't be taken back."""
    if (gone := stranger(request)) is not None:
        return gone
    door = door_of(request)
    wanted = parse_action(id)
    act = ACTS.get(wanted.verb)
    if act is None or act.confirm is None:
        raise NotFound("There is nothing to confirm here.")
    call = door.call(await door.person(request))
    await call.need(act.permission)
    snapshot = await door.services.board.draft(wanted.draft_id)
    look = call.look(snapshot)
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


def _flash(card: Card) -> str:
    """What the card is now, also when the page is loaded again later."""
    return f"{card.title}: {state_of(card)}."
