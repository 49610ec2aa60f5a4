"""A card as the page draws it, by the page's own templates and without a desk behind them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from handlers.web import html
from tests.scenarios.markup import Element, read

if TYPE_CHECKING:
    from jinja2 import Template

    from handlers.views.card import Card


@cache
def _template() -> Template:
    return html._templates().from_string('{% import "parts.html" as parts with context %}{{ parts.turn(card, "") }}')


def markup_of(card: Card) -> str:
    """The piece of the page, with who said it."""
    return _template().render(card=card)


def drawn(card: Card) -> Element:
    """The card alone, read."""
    article = read(markup_of(card)).one("article")
    assert article is not None
    return article
