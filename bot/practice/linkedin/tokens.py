"""Tokens of a page's manager and of a member whose app may only write."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.practice.book import Book

PAGE = "w_organization_social r_organization_social rw_organization_admin"
MEMBER = "openid profile w_member_social"
NAME = "linkedin token"


def load(book: Book) -> str:
    """Answer the page's token of this practice.db, making it when there is none."""
    with book.together():
        if book.recall(NAME) is None:
            book.remember(NAME, _granted(book, PAGE))
    return str(book.recall(NAME))


def of_member(book: Book) -> str:
    """Mint what a self-serve app gets."""
    return _granted(book, MEMBER)


def _granted(book: Book, scopes: str) -> str:
    token = secrets.token_urlsafe(48)
    book.change("INSERT INTO grants VALUES (?, ?)", token, scopes)
    return token
