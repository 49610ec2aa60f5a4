"""Access tokens of Meta's networks: short ones that become long, long ones that renew themselves, and their ends."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bot.practice.book import Book
    from bot.practice.kinds import Network

LIFE, SHORT_LIFE = timedelta(days=60), timedelta(hours=1)
RIPE = timedelta(days=1)
WEEK = timedelta(days=7)
SHORT = " short"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """What a token may do and how long it lives; `ends` is None for one without end."""

    scopes: frozenset[str]
    ends: datetime | None
    short: bool = False
    """Whether it came straight from a sign-in and lives for an hour."""


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


def short(book: Book, network: Network, prefix: str, scopes: Iterable[str], now: datetime) -> str:
    """Answer a fresh token as a sign-in gives it, for an hour."""
    fresh = prefix + secrets.token_hex(48)
    with book.together():
        give(book, network, fresh, scopes, ends=None)
        _live(book, network, fresh, now + SHORT_LIFE, kind=_short(network))
    return fresh


def give(book: Book, network: Network, token: str, scopes: Iterable[str], *, ends: datetime | None) -> None:
    """Make a token good for these rights, until then or without an end; one that is good already stays as it is."""
    with book.together():
        book.change("INSERT OR IGNORE INTO grants VALUES (?, ?)", token, " ".join(scopes))
        if ends is not None:
            _live(book, network, token, ends)


def _short(network: Network) -> str:
    return f"{network}{SHORT}"


def _live(book: Book, network: Network, token: str, ends: datetime, *, kind: str = "") -> None:
    book.change(
        "INSERT INTO sessions (id, kind, expires_at) VALUES (?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET expires_at = MAX(expires_at, excluded.expires_at)",
        token,
        kind or network.value,
        ends.timestamp(),
    )


def find(book: Book, token: str) -> Granted | None:
    """Answer what a token may do, or nothing for one that was never given."""
    row = book.row("SELECT scopes FROM grants WHERE token = ?", token)
    if row is None:
        return None
    scopes = frozenset(str(row["scopes"]).split())
    life = book.row("SELECT kind, expires_at FROM sessions WHERE id = ?", token)
    if life is None:
        return Granted(scopes=scopes, ends=None)
    ends = datetime.fromtimestamp(life["expires_at"], tz=UTC)
    return Granted(scopes=scopes, ends=ends, short=str(life["kind"]).endswith(SHORT))


def renew(book: Book, network: Network, token: str, now: datetime) -> str:
    """Answer a fresh token with the same rights; the old one lives on until its own end."""
    granted = find(book, token)
    fresh = token[:4] + secrets.token_hex(48)
    with book.together():
        scopes = "" if granted is None else " ".join(sorted(granted.scopes))
        book.change("INSERT INTO grants VALUES (?, ?)", fresh, scopes)
        _live(book, network, fresh, now + LIFE)
    return fresh
