"""What every page behind the sign-in shares: who is turned away, where a form leads back to, what was answered."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from handlers.views.draft import status_word
from handlers.web.auth import signed_out
from handlers.web.door import door_of
from services.domain.errors import NotFound
from services.domain.ids import DraftId

if TYPE_CHECKING:
    from fastapi import Request
    from fastapi.responses import Response
    from starlette.datastructures import FormData

    from handlers.views.card import Card

_BACK: Final = re.compile(
    r"/(?:approvals|queue|accounts|brand|calendar|results|deliveries(?:/[0-9A-Za-z]{1,64})?|drafts/\d{1,12}(?:/versions)?)"
    r"(?:\?[\w.=&%+-]{0,200})?"
)
"""The pages a form may lead back to; anything else leads to the channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the desk answered to the form before."""

    cards: tuple[Card, ...]
    flash: str
    """What became of the draft it was about; empty when it was about none."""
    draft_id: str


def stranger(request: Request) -> Response | None:
    """The answer to somebody who is not signed in; None for everybody else."""
    if door_of(request).sessions.find(request) is not None:
        return None
    return signed_out(request)


def safe_back(text: str) -> str:
    """Where to go after a form was sent: one of our own pages, or empty for the channel."""
    return text if len(text) <= 300 and _BACK.fullmatch(text) else ""


def back_with(back: str, key: str) -> str:
    """The page with the key of what was said."""
    return f"{back}{'&' if '?' in back else '?'}said={key}#said"


async def told(request: Request, key: str) -> Told | None:
    """An answer kept for the next page."""
    door = door_of(request)
    said = door.said(key) if key else None
    if said is None:
        return None
    kind, _, ident = said.place.partition("-")
    if kind != "draft":
        return Told(cards=said.cards, flash="", draft_id="")
    try:
        snapshot = await door.services.board.draft(DraftId(ident))
    except NotFound:
        return Told(cards=said.cards, flash="", draft_id="")
    return Told(cards=said.cards, flash=f"Draft {ident}: {status_word(snapshot).lower()}.", draft_id=ident)


def plain(form: FormData, name: str) -> str:
    """A field as text; empty when it is missing or a file."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
