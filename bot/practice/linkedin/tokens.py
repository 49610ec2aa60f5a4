"""Tokens of a page's manager and of a member whose app may only write, and those that people grant by signing in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.practice import oauth

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from bot.practice.book import Book
    from bot.practice.kinds import Json

PAGE = "w_organization_social r_organization_social rw_organization_admin"
MEMBER = "openid profile w_member_social"
NAME = "linkedin token"
LIFE, RENEWALS_LIFE = timedelta(days=60), timedelta(days=365)
ACCESS, RENEWALS = "linkedin access", "linkedin refresh"


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


def grant(book: Book, scopes: Iterable[str], now: datetime) -> Json:
    """Give out a token for sixty days; LinkedIn writes commas between its rights."""
    given = tuple(scopes)
    token = _granted(book, " ".join(given))
    _live(book, token, ACCESS, now + LIFE)
    return {"access_token": token, "expires_in": int(LIFE.total_seconds()), "scope": ",".join(given)}


def grant_renewals(book: Book, client_id: str, scopes: Iterable[str], now: datetime) -> Json:
    """Give out what a partner's app renews its token with, for a year from now; renewing does not make it longer."""
    token = secrets.token_urlsafe(48)
    oauth.note(book, token, client_id, scopes, now)
    _live(book, token, RENEWALS, now + RENEWALS_LIFE)
    return {"refresh_token": token, "refresh_token_expires_in": int(RENEWALS_LIFE.total_seconds())}


def renewals_left(book: Book, token: str, now: datetime) -> int:
    """For how many seconds a refresh token is still good."""
    row = book.row("SELECT expires_at FROM sessions WHERE id = ? AND kind = ?", token, RENEWALS)
    return 0 if row is None else int(row["expires_at"] - now.timestamp())


def over(book: Book, token: str, now: datetime) -> bool:
    """Tell whether a token has ended; one that an operator was given never does."""
    return book.row("SELECT 1 FROM sessions WHERE id = ? AND expires_at <= ?", token, now.timestamp()) is not None


def forget(book: Book, token: str) -> None:
    """Take a token back, of either kind."""
    with book.together():
        book.change("DELETE FROM grants WHERE token = ?", token)
        book.change("DELETE FROM sessions WHERE id = ? AND kind IN (?, ?)", token, ACCESS, RENEWALS)


def _live(book: Book, token: str, kind: str, ends: datetime) -> None:
    sql = "INSERT INTO sessions (id, kind, expires_at) VALUES (?, ?, ?)"
    book.change(sql, token, kind, ends.timestamp())
