"""The pictures and videos that were uploaded: their kind, size, description, and which post shows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.practice.kinds import Network

if TYPE_CHECKING:
    import sqlite3

    from bot.practice.book import Book


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One uploaded file; `polls` is how often it will still answer that it is being processed."""

    network: Network
    id: str
    digest: str
    mime: str
    size: int
    width: int
    height: int
    alt: str
    focus: str
    created_at: datetime
    polls: int = 0
    post: str | None = None


def digest_of(content: bytes) -> str:
    """Name bytes by their SHA-256."""
    return hashlib.sha256(content).hexdigest()


def _item(row: sqlite3.Row) -> Item:
    return Item(
        network=Network(row["network"]),
        id=row["id"],
        digest=row["digest"],
        mime=row["mime"],
        size=row["size"],
        width=row["width"],
        height=row["height"],
        alt=row["alt"],
        focus=row["focus"],
        created_at=datetime.fromtimestamp(row["created_at"], tz=UTC),
        polls=row["polls"],
        post=row["post"],
    )


class Shelf:
    """Keeps uploaded pictures and their bytes."""

    def __init__(self, book: Book) -> None:
        """Work on one practice.db."""
        self._book = book

    def keep(self, item: Item, content: bytes) -> None:
        """Store a picture; the same id again is fresh again and keeps its post."""
        with self._book.together():
            self._book.change("INSERT OR IGNORE INTO blobs VALUES (?, ?)", item.digest, content)
            self._book.change(
                "INSERT INTO media VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (network, id)"
                " DO UPDATE SET created_at = excluded.created_at",
                item.network.value,
                item.id,
                item.digest,
                item.mime,
                item.size,
                item.width,
                item.height,
                item.alt,
                item.focus,
                item.created_at.timestamp(),
                item.polls,
                item.post,
            )

    def find(self, network: Network, media: str) -> Item | None:
        """Answer one picture."""
        row = self._book.row("SELECT * FROM media WHERE network = ? AND id = ?", network.value, media)
        return None if row is None else _item(row)

    def content(self, digest: str) -> bytes | None:
        """Answer the bytes of a picture."""
        row = self._book.row("SELECT content FROM blobs WHERE digest = ?", digest)
        return None if row is None else bytes(row["content"])

    def kind(self, digest: str) -> str | None:
        """Answer what a picture's bytes are, as they were judged when they came in."""
        row = self._book.row("SELECT mime FROM media WHERE digest = ? LIMIT 1", digest)
        return None if row is None else str(row["mime"])

    def describe(self, item: Item, *, alt: str, focus: str) -> None:
        """Change a picture's description and focus."""
        sql = "UPDATE media SET alt = ?, focus = ? WHERE network = ? AND id = ?"
        self._book.change(sql, alt, focus, item.network.value, item.id)

    def poll(self, item: Item) -> None:
        """Bring a slow picture one answer closer to ready."""
        sql = "UPDATE media SET polls = MAX(polls - 1, 0) WHERE network = ? AND id = ?"
        self._book.change(sql, item.network.value, item.id)

    def fail(self, item: Item, reason: str) -> None:
        """Say that processing will come to nothing, and why."""
        sql = "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)"
        self._book.change(sql, item.network.value, item.id, reason)

    def failure(self, item: Item) -> str:
        """Answer why processing came to nothing; empty when it did not."""
        sql = "SELECT reason FROM failures WHERE network = ? AND id = ?"
        row = self._book.row(sql, item.network.value, item.id)
        return "" if row is None else str(row["reason"])

    def attach(self, network: Network, media: list[str], post: str | None) -> None:
        """Say which post shows these pictures, or that none does any more."""
        for one in media:
            self._book.change("UPDATE media SET post = ? WHERE network = ? AND id = ?", post, network.value, one)

    def next_number(self) -> int:
        """Answer how many pictures there are and one, to tell ids of one moment apart."""
        row = self._book.row("SELECT COUNT(*) AS n FROM media")
        return 1 if row is None else int(row["n"]) + 1
