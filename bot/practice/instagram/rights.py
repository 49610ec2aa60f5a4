"""The rights of both products: the same things are called otherwise with Instagram Login and with Facebook Login."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from bot.practice.meta import wire
from bot.practice.meta.wire import granted, token_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from bot.practice.book import Book

INSTAGRAM = {
    "basic": "instagram_business_basic",
    "publish": "instagram_business_content_publish",
    "comments": "instagram_business_manage_comments",
    "insights": "instagram_business_manage_insights",
}
FACEBOOK = {
    "basic": "instagram_basic",
    "publish": "instagram_content_publish",
    "comments": "instagram_manage_comments",
    "insights": "instagram_manage_insights",
}
SCOPES = " ".join(INSTAGRAM.values())


def of_facebook_login(book: Book) -> str:
    """A fresh token of Facebook Login, which begins in its own way and has no end."""
    token = "EAAG" + secrets.token_hex(48)
    book.change("INSERT INTO grants VALUES (?, ?)", token, " ".join(FACEBOOK.values()))
    return token


def product(request: Request) -> Mapping[str, str]:
    """The names of the rights of the product that a token belongs to."""
    return FACEBOOK if FACEBOOK["basic"] in granted(request, token_of(request)).scopes else INSTAGRAM


def demand(request: Request, *rights: str) -> None:
    """Insist on a token with these rights, under the names of its product; the first thing is always who one is."""
    names = product(request)
    wire.demand(request, *(names[right] for right in ("basic", *rights)))
