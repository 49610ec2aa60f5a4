"""Posts on their way: containers that are made, become ready, are published once, and end after a day."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.practice import ids
from bot.practice.media import Item, digest_of
from bot.practice.meta.moving import judge
from bot.practice.meta.pulling import FetchError, fetch
from bot.practice.pictures import sniff

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping

    from bot.practice.kinds import Network
    from bot.practice.meta.moving import Takes
    from bot.practice.pictures import Picture
    from bot.practice.videos import Film
    from bot.practice.world import World

LIFE = timedelta(hours=24)
IN_PROGRESS, FINISHED, PUBLISHED, ERROR, EXPIRED = "IN_PROGRESS", "FINISHED", "PUBLISHED", "ERROR", "EXPIRED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container; `media` is the picture or video it shows, `post` what became of it."""

    id: str
    fields: Mapping[str, str]
    media: str | None
    state: str
    reason: str
    post: str | None

    @property
    def empty(self) -> bool:
        """Whether it still waits for its bytes."""
        return self.state == IN_PROGRESS and self.media is None and not self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepts:
    """Which pictures a network takes; the ratio is width by height."""

    kinds: frozenset[str]
    most_bytes: int
    ratio: tuple[float, float]
    unreachable: str
    """What it says about a picture that can't be fetched."""
    refused: str
    """What it says about one that it does not take; "{}" stands for why."""


class Containers:
    """The containers of one network's account."""

    def __init__(self, world: World, network: Network) -> None:
        """Work on one practice.db."""
        self._world = world
        self._network = network

    def make(
        self,
        fields: Mapping[str, str],
        *,
        media: str | None = None,
        reason: str = "",
        polls: int = 0,
        empty: bool = False,
    ) -> str:
        """Keep a new container; with a `reason` it has failed, an `empty` one waits for its bytes."""
        now, number = self._world.now(), self._next_number()
        name = ids.container_number(now, number)
        self._world.book.change(
            "INSERT INTO containers VALUES (?, ?, ?, ?, ?, ?, ?, NULL, ?)",
            self._network.value,
            name,
            json.dumps(dict(fields), ensure_ascii=False),
            media,
            IN_PROGRESS if empty else ERROR if reason else FINISHED,
            reason,
            polls,
            now.timestamp(),
        )
        return name

    def _next_number(self) -> int:
        row = self._world.book.row("SELECT COUNT(*) AS n FROM containers")
        return 1 if row is None else int(row["n"]) + 1

    def find(self, name: str) -> Container | None:
        """Answer a container as it is now; ours are always of the one account."""
        row = self._world.book.row("SELECT * FROM containers WHERE network = ? AND id = ?", self._network.value, name)
        return None if row is None else self._shown(row)

    def _shown(self, row: sqlite3.Row) -> Container:
        state = str(row["state"])
        old = self._world.now() - datetime.fromtimestamp(row["created_at"], tz=UTC) > LIFE
        if state in {FINISHED, ERROR} and row["polls"]:
            state = IN_PROGRESS
        if state in {FINISHED, IN_PROGRESS} and old:
            state = EXPIRED
        return Container(
            id=row["id"],
            fields=json.loads(row["fields"]),
            media=row["media"],
            state=state,
            reason=row["reason"],
            post=row["post"],
        )

    def looked_at(self, name: str) -> None:
        """Bring a slow container one answer closer to ready."""
        sql = "UPDATE containers SET polls = MAX(polls - 1, 0) WHERE network = ? AND id = ?"
        self._world.book.change(sql, self._network.value, name)

    def note(self, name: str, fields: Mapping[str, str]) -> None:
        """Change what is known of a container."""
        sql = "UPDATE containers SET fields = ? WHERE network = ? AND id = ?"
        self._world.book.change(sql, json.dumps(dict(fields), ensure_ascii=False), self._network.value, name)

    def fill(self, name: str, *, media: str | None, reason: str) -> None:
        """Give a container that waited for its bytes what they were, or why they won't do."""
        sql = "UPDATE containers SET state = ?, media = ?, reason = ? WHERE network = ? AND id = ?"
        self._world.book.change(sql, ERROR if reason else FINISHED, media, reason, self._network.value, name)

    def published(self, name: str, post: str) -> None:
        """Say what became of it."""
        sql = "UPDATE containers SET state = ?, post = ? WHERE network = ? AND id = ?"
        self._world.book.change(sql, PUBLISHED, post, self._network.value, name)

    def lapse(self) -> None:
        """End every container that was not published."""
        sql = "UPDATE containers SET state = ? WHERE network = ? AND state IN (?, ?)"
        self._world.book.change(sql, EXPIRED, self._network.value, FINISHED, IN_PROGRESS)

    async def pull(self, address: str, alt: str, accepts: Accepts) -> tuple[str | None, str]:
        """Fetch a picture and keep it; answers its id, or nothing and why the container has failed."""
        try:
            content, told = await fetch(address)
        except FetchError:
            return None, accepts.unreachable
        picture = sniff(content)
        wrong = _wrong(content, told, picture, accepts)
        if wrong or picture is None:
            return None, accepts.refused.format(wrong)
        return await self.keep(content, picture, alt), ""

    async def pull_video(self, address: str, alt: str, takes: Takes) -> tuple[str | None, str]:
        """Fetch a video and keep it; answers its id, or nothing and one word for what is wrong."""
        try:
            content, told = await fetch(address, most=2 * takes.most_bytes)
        except FetchError:
            return None, "fetch"
        return await self.take(content, alt, takes, told=told)

    async def take(
        self, content: bytes, alt: str, takes: Takes, *, told: str = "", name: str = ""
    ) -> tuple[str | None, str]:
        """Keep a video that came as bytes, under a `name` of its own or a new one; answers as `pull_video` does."""
        video, wrong = judge(content, takes, told)
        return (None, wrong) if video is None else (await self.keep(content, video, alt, name=name), "")

    async def keep(self, content: bytes, picture: Picture | Film, alt: str, *, name: str = "") -> str:
        """Put a picture or video on the shelf; answers its id."""
        now = self._world.now()
        item = Item(
            network=self._network,
            id=name or ids.container_number(now, self._world.shelf.next_number() + 50_000),
            digest=digest_of(content),
            mime=picture.mime,
            size=len(content),
            width=picture.width,
            height=picture.height,
            alt=alt,
            focus="",
            created_at=now,
        )
        await asyncio.to_thread(self._world.shelf.keep, item, content)
        return item.id


def _wrong(content: bytes, told: str, picture: Picture | None, accepts: Accepts) -> str:
    if picture is None or picture.mime not in accepts.kinds or told != picture.mime:
        return "format"
    if len(content) > accepts.most_bytes:
        return "size"
    least, most = accepts.ratio
    return "" if least <= picture.width / picture.height <= most else "ratio"
