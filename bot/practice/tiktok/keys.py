"""The practice account's tokens: an access token for a day, a refresh token that is spent by its use."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from bot.practice.book import Book

ACCESS_LIFE = timedelta(hours=24)
REFRESH_LIFE = timedelta(days=365)
ACCESS, REFRESH = "tiktok access", "tiktok refresh"
SCOPES = ("user.info.basic", "user.info.profile", "user.info.stats", "video.list", "video.publish", "video.upload")
GIVEN = "INSERT INTO sessions (id, kind, expires_at) VALUES (?, ?, ?)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """An access token, what renews it, and what both may do."""

    access_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    scopes: tuple[str, ...]


def load(book: Book, now: datetime) -> dict[str, str]:
    """Answer an operator's tokens: the same after every restart, until somebody spends the refresh token."""
    with book.together():
        access, refresh = book.recall(ACCESS), book.recall(REFRESH)
        if access is None or refresh is None or not good(book, refresh, REFRESH, now):
            fresh = grant(book, now, SCOPES)
            access, refresh = fresh.access_token, fresh.refresh_token
            book.remember(ACCESS, access)
            book.remember(REFRESH, refresh)
        sql = "UPDATE sessions SET expires_at = MAX(expires_at, ?) WHERE id = ?"
        book.change(sql, (now + ACCESS_LIFE).timestamp(), access)
    return {"access_token": access, "refresh_token": refresh}


def grant(book: Book, now: datetime, scopes: Sequence[str]) -> Tokens:
    """Give out a new pair."""
    made = Tokens(
        access_token=f"act.{secrets.token_urlsafe(40)}",
        refresh_token=f"rft.{secrets.token_urlsafe(40)}",
        scopes=tuple(scopes),
    )
    pairs = ((made.access_token, ACCESS, ACCESS_LIFE), (made.refresh_token, REFRESH, REFRESH_LIFE))
    for token, kind, life in pairs:
        book.change(GIVEN, token, kind, (now + life).timestamp())
        book.change("INSERT INTO grants VALUES (?, ?)", token, " ".join(scopes))
    return made


def good(book: Book, token: str, kind: str, now: datetime) -> bool:
    """Tell whether a token was given out and has not ended."""
    sql = "SELECT 1 FROM sessions WHERE id = ? AND kind = ? AND expired = 0 AND expires_at > ?"
    return book.row(sql, token, kind, now.timestamp()) is not None


def scopes_of(book: Book, token: str) -> tuple[str, ...]:
    """Answer what a token may do."""
    row = book.row("SELECT scopes FROM grants WHERE token = ?", token)
    return () if row is None else tuple(str(row["scopes"]).split())


def renew(book: Book, refresh_token: str, now: datetime) -> Tokens:
    """Spend a refresh token for a new pair with the same rights."""
    with book.together():
        scopes = scopes_of(book, refresh_token)
        end(book, refresh_token)
        return grant(book, now, scopes)


def end(book: Book, token: str) -> None:
    """End one token."""
    book.change("UPDATE sessions SET expired = 1 WHERE id = ?", token)


def end_all(book: Book, *kinds: str) -> None:
    """End every token of these kinds."""
    for kind in kinds:
        book.change("UPDATE sessions SET expired = 1 WHERE kind = ?", kind)
