"""Access tokens of Meta's networks: long ones that renew themselves, and when they end."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.practice.book import Book
    from bot.practice.kinds import Network

LIFE = timedelta(days=60)
RIPE = timedelta(days=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a token may do and how long it lives; `ends` is None for one without end."""

    scopes: frozenset[str]
    ends: datetime | None


def load(book: Book, network: Network, prefix: str, scopes: str, now: datetime) -> str:
    """Answer the practice account's token, made once; it is a week old whenever the networks start."""
    with book.together():
        token = lasting(book, network, prefix, scopes)
        _live(book, network, token, now + LIFE - WEEK)
    return token


def lasting(book: Book, network: Network, prefix: str, scopes: str) -> str:
    """Answer the practice account's token, made once; by itself it never ends."""
    with book.together():
        token = known(book, network)
        if token is None:
            token = prefix + secrets.token_hex(48)
            book.remember(f"{network} token", token)
            book.change("INSERT INTO grants VALUES (?, ?)", token, scopes)
    return token


def known(book: Book, network: Network) -> str | None:
    """Answer the practice account's token, if it was made."""
    return book.recall(f"{network} token")


def _live(book: Book, network: Network, token: str, ends: datetime) -> None:
    book.change(
        "INSERT INTO sessions (id, kind, expires_at) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET expires_at = MAX(expires_at, excluded.expires_at)",
        token,
        network.value,
        ends.timestamp(),
    )


def find(book: Book, token: str) -> Granted | None:
    """Answer what a token may do, or nothing for one that was never given."""
    row = book.row("SELECT scopes FROM grants WHERE token = ?", token)
    if row is None:
        return None
    life = book.row("SELECT expires_at FROM sessions WHERE id = ?", token)
    ends = None if life is None else datetime.fromtimestamp(life["expires_at"], tz=UTC)
    return Granted(scopes=frozenset(str(row["scopes"]).split()), ends=ends)


def renew(book: Book, network: Network, token: str, now: datetime) -> str:
    """Answer a fresh token with the same rights; the old one lives on until its own end."""
    granted = find(book, token)
    fresh = token[:4] + secrets.token_hex(48)
    with book.together():
        scopes = "" if granted is None else " ".join(sorted(granted.scopes))
        book.change("INSERT INTO grants VALUES (?, ?)", fresh, scopes)
        _live(book, network, fresh, now + LIFE)
    return fresh
