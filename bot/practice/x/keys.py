"""The practice account's keys of OAuth 1.0a and its app of OAuth 2: made once, the same after every restart."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from bot.practice import oauth

if TYPE_CHECKING:
    from datetime import datetime

    from bot.practice.book import Book

NAMES = ("consumer_key", "consumer_secret", "access_token", "access_token_secret", "client_id", "client_secret")
ACCESS_LIFE = timedelta(hours=2)
REFRESH_LIFE = timedelta(days=180)
ACCESS, REFRESH = "x access", "x refresh"
SCOPES = ("tweet.read", "tweet.write", "users.read", "media.write", "offline.access", "tweet.moderate.write")
OFFLINE = "offline.access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """What proves the desk's account on X."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)

    @property
    def first_kind(self) -> dict[str, str]:
        """What an operator pastes for OAuth 1.0a."""
        return {
            "consumer_key": self.consumer_key,
            "consumer_secret": self.consumer_secret,
            "access_token": self.access_token,
            "access_token_secret": self.access_token_secret,
        }


def load(book: Book) -> Keys:
    """Answer the keys of this practice.db, making them when there are none."""
    with book.together():
        for name in NAMES:
            if book.recall(f"x {name}") is None:
                book.remember(f"x {name}", secrets.token_urlsafe(24))
    known = {name: str(book.recall(f"x {name}")) for name in NAMES}
    return Keys(**known)


def grant(book: Book, now: datetime, scopes: tuple[str, ...] = SCOPES) -> dict[str, object]:
    """Give out a new access token, and a new refresh token where that was allowed too."""
    answer: dict[str, object] = {"token_type": "bearer", "expires_in": int(ACCESS_LIFE.total_seconds())}
    given = [("access_token", ACCESS, ACCESS_LIFE), ("refresh_token", REFRESH, REFRESH_LIFE)]
    client_id = load(book).client_id
    for name, kind, life in given if OFFLINE in scopes else given[:1]:
        token = secrets.token_urlsafe(48)
        sql = "INSERT INTO sessions (id, kind, expires_at) VALUES (?, ?, ?)"
        book.change(sql, token, kind, (now + life).timestamp())
        oauth.note(book, token, client_id, scopes, now)
        answer[name] = token
    return {**answer, "scope": " ".join(scopes)}


def scopes(book: Book, token: str) -> frozenset[str]:
    """What a token may do; one from before tokens were kept with their rights may do everything."""
    known = oauth.noted(book, token)
    return frozenset(SCOPES if known is None else known.scopes)


def second_kind(book: Book, now: datetime) -> dict[str, object]:
    """What an operator pastes for OAuth 2, freshly granted."""
    own, granted = load(book), grant(book, now)
    pasted = {name: granted[name] for name in ("access_token", "refresh_token")}
    return {**pasted, "client_id": own.client_id, "client_secret": own.client_secret}


def good(book: Book, token: str, kind: str, now: datetime) -> bool:
    """Tell whether a token was given out and has not ended."""
    sql = "SELECT 1 FROM sessions WHERE id = ? AND kind = ? AND expired = 0 AND expires_at > ?"
    return book.row(sql, token, kind, now.timestamp()) is not None


def spend(book: Book, token: str) -> None:
    """End one token; X gives each refresh token a single use."""
    book.change("UPDATE sessions SET expired = 1 WHERE id = ?", token)
