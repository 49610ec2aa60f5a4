"""What X charges for a call, as data with the day it was read, so that a card can say it before anybody approves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from services.domain.cost import Cost
from services.platforms.x.addresses import find_addresses
from services.text import nfc

if TYPE_CHECKING:
    from services.domain.post import Variant

READ_ON: Final = date(2026, 8, 22)
"""When X's price list was last read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """One line of the price list, in US dollars; a call that fails is not charged."""

    what: str
    dollars: Decimal
    since: date
    """When X began to charge it."""


_START: Final = date(2026, 2, 6)
POST: Final = Price(what="a post", dollars=Decimal("0.015"), since=_START)
LINKED: Final = Price(what="a post with a link", dollars=Decimal("0.20"), since=date(2026, 4, 20))
REPLY: Final = Price(what="an answer to somebody who mentioned us", dollars=Decimal("0.010"), since=_START)
DELETE: Final = Price(what="taking a post down", dollars=Decimal("0.010"), since=_START)
ALT_TEXT: Final = Price(what="the alt text of a picture", dollars=Decimal("0.005"), since=_START)
HIDE: Final = Price(what="hiding a reply, or showing it again", dollars=Decimal("0.005"), since=_START)
OWN_READ: Final = Price(what="reading a post of our own", dollars=Decimal("0.001"), since=_START)
READ: Final = Price(what="reading somebody's post", dollars=Decimal("0.005"), since=_START)
USER: Final = Price(what="reading an account", dollars=Decimal("0.010"), since=_START)
PRICES: Final = (POST, LINKED, REPLY, DELETE, ALT_TEXT, HIDE, OWN_READ, READ, USER)


def price_of(text: str) -> Price:
    """What publishing this text costs: any link makes it the dear kind."""
    return LINKED if find_addresses(nfc(text)) else POST


def cost_of(variant: Variant) -> Cost:
    """The posts of a variant and the alt texts of its pictures."""
    posts = sum((price_of(part).dollars for part in variant.parts), Decimal(0))
    described = sum(bool(picture.alt) for picture in variant.pictures)
    return Cost(dollars=posts + ALT_TEXT.dollars * described, read_on=READ_ON)
