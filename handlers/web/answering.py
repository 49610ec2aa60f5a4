"""What the desk answers to a form: a page after a redirect, or pieces for the page that is open."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

from fastapi.responses import RedirectResponse, Response

from handlers.notifications import PLACE, SURFACE
from handlers.request import Open, Show, Update, Whisper
from handlers.showing import card_of
from handlers.views.card import Asked, Fields, short
from handlers.web.door import Said, door_of
from handlers.web.html import page
from handlers.web.rail import wants_piece
from handlers.web.within import back_with
from handlers.web.writing import filled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import Request

    from handlers.request import Outcome, Typed
    from handlers.views.card import Card
    from services.domain.actor import Person
    from services.domain.errors import DeskError


async def one_card(request: Request, card_id: str) -> Card:
    """A card by its id, as who is signed in sees it; raises `NotFound`."""
    door = door_of(request)
    return await card_of(door.call(await door.person(request)), card_id, surface=SURFACE, channel=PLACE)


async def answer(
    request: Request,
    outcome: Outcome,
    *,
    actor: Person,
    typed: str = "",
    fields: Typed | None = None,
    back: str = "",
) -> Response:
    """A form is shown at once; everything else is kept and shown on the channel, or on the page `back`."""
    told = [r.card for r in outcome.replies if isinstance(r, Whisper)]
    for reply in outcome.replies:
        if isinstance(reply, Open):
            return await _opened(request, outcome, reply, told, fields=fields, back=back)
    shown = [r.card for r in outcome.replies if isinstance(r, (Show, Update))]
    told += [c for c in shown if c.draft_id is None]
    shown = [c for c in shown if c.draft_id is not None]
    asked = _asked(request, actor, typed)
    if wants_piece(request):
        return _pieces(request, outcome, told, shown, asked)
    if outcome.error is not None and typed:
        return page(request, "again.html", status=outcome.status, notices=told, typed=typed)
    place = shown[0].card_id if shown else ""
    key = door_of(request).say(Said(cards=tuple(told), place=place, asked=asked if told else None))
    if back:
        return RedirectResponse(back_with(back, key), status_code=303)
    return RedirectResponse(f"/?said={key}#{'said' if told or not place else place}", status_code=303)


def _pieces(
    request: Request, outcome: Outcome, told: Sequence[Card], shown: Sequence[Card], asked: Asked | None
) -> Response:
    """Only what is different: the answer under the box, and the cards in their place."""
    there = parse_qs(urlsplit(request.headers.get("hx-current-url", "")).query)
    made = page(
        request,
        "answer.html",
        status=outcome.status,
        told=told,
        shown=shown,
        asked=asked if told else None,
        newest="before" not in there,
        flash=f"{shown[0].title}: {state_of(shown[0])}." if shown and not told else "",
        about=shown[0].card_id if shown else "",
    )
    if outcome.error is None:
        made.headers["hx-trigger"] = "desk-done"
    return made


def _asked(request: Request, actor: Person, typed: str) -> Asked | None:
    if not typed:
        return None
    look = door_of(request).call(actor).look()
    bare = typed.strip().removeprefix("/desk").strip()
    word, _, rest = bare.partition(" ")
    return Asked(by="You", at=look.clock(look.now), command=f"/desk {short(word, 40)}", text=short(rest, 300))


async def _opened(
    request: Request, outcome: Outcome, opened: Open, told: list[Card], *, fields: Typed | None, back: str
) -> Response:
    """The form's page; from the open page the script is sent there."""
    if not wants_piece(request):
        return await filled(request, outcome, opened, told, typed=fields, back=back)
    key = door_of(request).say(Said(cards=tuple(told), form=opened, error=outcome.error))
    return Response(status_code=200, headers={"hx-redirect": f"/asked?key={key}"})


def state_of(card: Card) -> str:
    """Its state in words."""
    if card.head is not None:
        return card.head.status
    facts = (f for b in card.blocks if isinstance(b, Fields) for f in b.items)
    return next((f.text for f in facts if f.name == "Status"), card.state)


def problem_page(request: Request, status: int, error: DeskError) -> Response:
    """An expected error where no form is at hand."""
    looking = request.method in {"GET", "HEAD"}
    reason = error.message if looking else f"{error.message} {error.unchanged}".strip()
    if wants_piece(request):
        return page(request, "trouble.html", status=status, reason=reason, how=error.next_step)
    return page(request, "oops.html", status=status, reason=reason, how=error.next_step, missing=status == 404)
