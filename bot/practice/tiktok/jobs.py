"""Posts on their way: taken, worked on for some looks, and then live or failed."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bot.practice import ids
from bot.practice.composing import NewPost
from bot.practice.kinds import Network, Origin
from bot.practice.media import Item, digest_of
from bot.practice.pipeline import GIVEN_UP

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.practice.kinds import Json
    from bot.practice.pictures import Picture
    from bot.practice.posts import Post
    from bot.practice.world import World

UPLOADING, DOWNLOADING, COMPLETE, FAILED = "PROCESSING_UPLOAD", "PROCESSING_DOWNLOAD", "PUBLISH_COMPLETE", "FAILED"
UPLOAD_LIFE = timedelta(hours=1)
A_DAY = 15
DAY = timedelta(days=1)
PUBLIC, FRIENDS, FOLLOWERS, ONESELF = (
    "PUBLIC_TO_EVERYONE",
    "MUTUAL_FOLLOW_FRIENDS",
    "FOLLOWER_OF_CREATOR",
    "SELF_ONLY",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One call to post; `polls` is how often it will still say that it is worked on."""

    id: str
    fields: Json
    state: str
    reason: str
    polls: int
    post: str | None
    created_at: datetime


class Jobs:
    """The posts on their way of the one account."""

    def __init__(self, world: World) -> None:
        """Work on one practice.db."""
        self._world = world

    def take(self, prefix: str, fields: Json, *, state: str, reason: str = "", polls: int = 0) -> Job:
        """Keep a new one."""
        book, now = self._world.book, self._world.now()
        row = book.row("SELECT COUNT(*) AS n FROM containers")
        name = f"{prefix}.{ids.video_number(now, 1 if row is None else int(row['n']) + 1)}"
        book.change(
            "INSERT INTO containers VALUES (?, ?, ?, NULL, ?, ?, ?, NULL, ?)",
            Network.TIKTOK.value,
            name,
            json.dumps(fields, ensure_ascii=False),
            state,
            reason,
            polls,
            now.timestamp(),
        )
        return self.known(name)

    def find(self, name: str) -> Job | None:
        """Answer one as it is now."""
        row = self._world.book.row("SELECT * FROM containers WHERE network = ? AND id = ?", Network.TIKTOK.value, name)
        if row is None:
            return None
        return Job(
            id=row["id"],
            fields=json.loads(row["fields"]),
            state=row["state"],
            reason=row["reason"],
            polls=row["polls"],
            post=row["post"],
            created_at=datetime.fromtimestamp(row["created_at"], tz=UTC),
        )

    def known(self, name: str) -> Job:
        """Answer one that is there."""
        found = self.find(name)
        if found is None:
            message = f"{name} vanished."
            raise LookupError(message)
        return found

    def received(self, job: Job, size: int) -> None:
        """Note how much of a video is there."""
        self._note(job, {"received": size})

    def shows(self, job: Job, video: Json) -> None:
        """Note what the finished video is."""
        self._note(job, {"video": video})

    def _note(self, job: Job, more: Json) -> None:
        self._change("fields = ?", json.dumps({**job.fields, **more}, ensure_ascii=False), job)

    def fail(self, job: Job, reason: str) -> None:
        """Let it come to nothing."""
        self._world.book.change(
            "UPDATE containers SET state = ?, reason = ? WHERE network = ? AND id = ?",
            FAILED,
            reason,
            Network.TIKTOK.value,
            job.id,
        )

    def looked_at(self, job: Job) -> None:
        """Bring a slow one a step closer to being live."""
        self._change("polls = MAX(polls - ?, 0)", 1, job)

    def ready(self, job: Job, polls: int) -> None:
        """All of it is there: live at once, or after so many looks."""
        if polls:
            self._change("polls = ?", polls, job)
        else:
            self.publish(job)

    def publish(self, job: Job) -> Post:
        """Make it live."""
        world, now, fields = self._world, self._world.now(), job.fields
        pictures = [str(one) for one in as_list(fields.get("pictures"))]
        new = NewPost(
            id=ids.video_number(now, world.posts.next_number()),
            text=str(fields["text"]),
            body={
                "media_ids": pictures,
                "title": fields["title"],
                "video": fields.get("video"),
                **{name: fields[name] for name in ("privacy_level", "disable_comment", "disclosed")},
            },
            cid="",
            created_at=now,
            pictures=max(len(pictures), 1),
        )
        with world.book.together():
            post = world.posts.add(new, network=Network.TIKTOK, author=world.identity.mastodon_id)
            world.shelf.attach(Network.TIKTOK, pictures, post.id)
            sql = "UPDATE containers SET state = ?, post = ?, polls = 0 WHERE network = ? AND id = ?"
            world.book.change(sql, COMPLETE, post.id, Network.TIKTOK.value, job.id)
        return post

    def _change(self, what: str, value: str | int, job: Job) -> None:
        sql = f"UPDATE containers SET {what} WHERE network = ? AND id = ?"  # noqa: S608 - our own words
        self._world.book.change(sql, value, Network.TIKTOK.value, job.id)

    def lapse(self) -> None:
        """End every address to upload to."""
        sql = "UPDATE containers SET created_at = 0 WHERE network = ? AND state = ?"
        self._world.book.change(sql, Network.TIKTOK.value, UPLOADING)

    def today(self) -> int:
        """How many posts the account made in a day."""
        since = self._world.now() - DAY
        own = self._world.posts.of_author(Network.TIKTOK, self._world.identity.mastodon_id)
        return sum(one.origin is Origin.DESK and one.created_at > since for one in own)

    async def keep(self, content: bytes, picture: Picture) -> str:
        """Put a picture on the shelf; answers its id."""
        now = self._world.now()
        item = Item(
            network=Network.TIKTOK,
            id=ids.video_number(now, self._world.shelf.next_number() + 50_000),
            digest=digest_of(content),
            mime=picture.mime,
            size=len(content),
            width=picture.width,
            height=picture.height,
            alt="",
            focus="",
            created_at=now,
        )
        await asyncio.to_thread(self._world.shelf.keep, item, content)
        return item.id


def fault_of(request: Request) -> str:
    """Why what a call begins comes to nothing without its own fault; empty when it does not."""
    return "internal" if getattr(request.state, GIVEN_UP, False) else ""


def as_list(value: object) -> list[object]:
    """A list as it was kept; anything else is an empty one."""
    return value if isinstance(value, list) else []
