"""Every post of the practice networks, with counts and replies that ripen as the audience's time passes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from bot.practice import audience, composing
from bot.practice.audience import Counts
from bot.practice.kinds import Json, Network, Origin

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from bot.practice.book import Book, Value
    from bot.practice.settings import PracticeSettings

INSERT = (
    "INSERT INTO posts (network, id, author, text, born_text, body, cid, parent, root, created_at, origin, key,"
    " pictures, final_likes, next_reply_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
DUE = "SELECT * FROM posts WHERE next_reply_at IS NOT NULL AND next_reply_at <= ? ORDER BY next_reply_at LIMIT ?"
# What one read lets appear, so that thousands of posts ripening together do not hold up the event loop.
AT_ONCE = 100
LIVE = "SELECT * FROM posts WHERE network = ? AND deleted_at IS NULL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """One post; `id` is an at:// name on Bluesky and a number elsewhere, and so are `parent` and `root`."""

    seq: int
    network: Network
    id: str
    author: str
    text: str
    born_text: str
    body: Json
    cid: str
    parent: str | None
    root: str | None
    created_at: datetime
    edited_at: datetime | None
    origin: Origin
    key: str | None
    pictures: int


def _post(row: sqlite3.Row) -> Post:
    edited = row["edited_at"]
    return Post(
        seq=row["seq"],
        network=Network(row["network"]),
        id=row["id"],
        author=row["author"],
        text=row["text"],
        born_text=row["born_text"],
        body=json.loads(row["body"]),
        cid=row["cid"],
        parent=row["parent"],
        root=row["root"],
        created_at=datetime.fromtimestamp(row["created_at"], tz=UTC),
        edited_at=None if edited is None else datetime.fromtimestamp(edited, tz=UTC),
        origin=Origin(row["origin"]),
        key=row["key"],
        pictures=row["pictures"],
    )


class Posts:
    """Reads and writes posts; every read first lets the replies that are due appear."""

    def __init__(self, book: Book, settings: PracticeSettings) -> None:
        """Work on one practice.db with one audience."""
        self._book = book
        self._seed = settings.seed
        self._pace = settings.pace
        self._now: Callable[[], datetime] = settings.now

    def _pace_of(self, origin: Origin) -> float:
        return self._pace if origin is Origin.DESK else 1.0

    def line(self, new: composing.NewPost, network: Network, author: str, origin: Origin) -> tuple[Value, ...]:
        """Write a new post as a row, with the time its first reply is due."""
        start, likes = new.created_at.timestamp(), 0
        first: float | None = None
        if origin is not Origin.AUDIENCE:  # nobody answers an answer, and its likes are nobody's to add up
            seen = audience.traits(
                new.text, picture=new.pictures > 0, part=new.parent is not None, at=new.created_at.astimezone(UTC)
            )
            likes = audience.final(self._seed, network, new.id, seen).likes
            plan = audience.replies(self._seed, network, new.id, seen)
            first = start + plan[0].after / self._pace_of(origin) if plan else None
        body = json.dumps(new.body, ensure_ascii=False)
        ends = (new.parent, new.root, start, origin.value, new.key, new.pictures, likes, first)
        return (network.value, new.id, author, new.text, new.text, body, new.cid, *ends)

    def add(self, new: composing.NewPost, *, network: Network, author: str, origin: Origin = Origin.DESK) -> Post:
        """Make a post live; a post that comes back under an old name starts without its old replies."""
        with self._book.together():
            self._book.change(
                "DELETE FROM posts WHERE network = ? AND parent = ? AND origin = ?",
                network.value,
                new.id,
                Origin.AUDIENCE.value,
            )
            self._book.change(INSERT, *self.line(new, network, author, origin))
        found = self.find(network, new.id)
        if found is None:
            message = f"The post {new.id} vanished while it was being written."
            raise LookupError(message)
        return found

    def add_many(self, lines: list[tuple[Value, ...]]) -> None:
        """Make many posts live at once."""
        self._book.change_many(INSERT, lines)

    def next_number(self) -> int:
        """Answer a number no post had yet, to tell ids of one moment apart."""
        found = self._book.row("SELECT seq FROM sqlite_sequence WHERE name = 'posts'")
        return 1 if found is None else int(found["seq"]) + 1

    def find(self, network: Network, post: str) -> Post | None:
        """Answer one live post."""
        self.ripen()
        row = self._book.row(LIVE + " AND id = ?", network.value, post)
        return None if row is None else _post(row)

    def of_author(self, network: Network, author: str) -> list[Post]:
        """Answer an author's live posts, newest first."""
        self.ripen()
        sql = LIVE + " AND author = ? ORDER BY created_at DESC, seq DESC"
        return [_post(row) for row in self._book.rows(sql, network.value, author)]

    def made_since(self, network: Network, author: str, since: datetime) -> list[Post]:
        """Answer what an author said since then, what was taken down included."""
        sql = "SELECT * FROM posts WHERE network = ? AND author = ? AND created_at > ?"
        return [_post(row) for row in self._book.rows(sql, network.value, author, since.timestamp())]

    def taken_down_since(self, network: Network, author: str, since: datetime) -> int:
        """Answer how many of an author's posts were taken down since then."""
        sql = "SELECT COUNT(*) AS n FROM posts WHERE network = ? AND author = ? AND deleted_at > ?"
        row = self._book.row(sql, network.value, author, since.timestamp())
        return 0 if row is None else int(row["n"])

    def tally(self, network: Network, author: str) -> tuple[int, datetime | None]:
        """Answer how many live posts an author has and when the newest was made."""
        sql = "SELECT COUNT(*) AS n, MAX(created_at) AS last FROM posts WHERE network = ? AND author = ?"
        row = self._book.row(sql + " AND deleted_at IS NULL", network.value, author)
        if row is None or row["last"] is None:
            return 0, None
        return int(row["n"]), datetime.fromtimestamp(row["last"], tz=UTC)

    def children(self, network: Network, post: str) -> list[Post]:
        """Answer the live direct replies to a post, oldest first."""
        self.ripen()
        sql = LIVE + " AND parent = ? ORDER BY created_at, seq"
        return [_post(row) for row in self._book.rows(sql, network.value, post)]

    def from_audience(self, network: Network) -> list[Post]:
        """Answer everything the audience has said so far, newest first."""
        self.ripen()
        sql = LIVE + " AND origin = ? ORDER BY created_at DESC, seq DESC"
        return [_post(row) for row in self._book.rows(sql, network.value, Origin.AUDIENCE.value)]

    def delete(self, post: Post) -> None:
        """Take a post down."""
        sql = "UPDATE posts SET deleted_at = ?, next_reply_at = NULL WHERE seq = ?"
        self._book.change(sql, self._now().timestamp(), post.seq)

    def hush(self, network: Network, root: str) -> None:
        """Let nobody of the audience answer a thread any more."""
        sql = "UPDATE posts SET next_reply_at = NULL WHERE network = ? AND (id = ? OR root = ?)"
        self._book.change(sql, network.value, root, root)

    def rewrite(self, post: Post, new: composing.NewPost) -> None:
        """Change what a post says; the audience keeps judging what it first saw."""
        self._book.change(
            "UPDATE posts SET text = ?, body = ?, cid = ?, parent = ?, root = ?, edited_at = ? WHERE seq = ?",
            new.text,
            json.dumps(new.body, ensure_ascii=False),
            new.cid,
            new.parent,
            new.root,
            self._now().timestamp(),
            post.seq,
        )

    def _traits(self, post: Post) -> audience.Traits:
        return audience.traits(
            post.born_text, picture=post.pictures > 0, part=post.parent is not None, at=post.created_at
        )

    def counts(self, post: Post) -> Counts:
        """Answer what the audience has done with a post until now."""
        if post.origin is Origin.AUDIENCE:
            return Counts(likes=int(audience.chance(self._seed, post.id) * 4), reposts=0, quotes=0, bookmarks=0)
        ends = audience.final(self._seed, post.network, post.id, self._traits(post))
        if post.origin is Origin.HISTORY:
            return ends
        age = (self._now() - post.created_at).total_seconds() * self._pace
        return audience.counts(ends, post.created_at, age)

    def note(self, post: Post, body: Json) -> None:
        """Change what a network keeps of a post beside its text."""
        self._book.change("UPDATE posts SET body = ? WHERE seq = ?", json.dumps(body, ensure_ascii=False), post.seq)

    def replies(self, post: Post) -> int:
        """Answer how many live direct replies a post has."""
        row = self._book.row(
            "SELECT COUNT(*) AS n FROM posts WHERE network = ? AND parent = ? AND deleted_at IS NULL",
            post.network.value,
            post.id,
        )
        return 0 if row is None else int(row["n"])

    def likes_earned(self, network: Network, author: str) -> int:
        """Answer the likes of all the desk posted an audience day ago or earlier, deleted posts included."""
        row = self._book.row(
            "SELECT SUM(final_likes) AS n FROM posts"
            " WHERE network = ? AND author = ? AND created_at <= ? AND origin = ?",
            network.value,
            author,
            self._now().timestamp() - audience.DAY / self._pace,
            Origin.DESK.value,
        )
        return 0 if row is None or row["n"] is None else int(row["n"])

    def ripen(self) -> bool:
        """Let some of the replies that are due appear; tell whether there were any."""
        now = self._now().timestamp()
        due = self._book.rows(DUE, now, AT_ONCE)
        if not due:
            return False
        with self._book.together():
            self.add_many([line for row in due for line in self._ripen_one(_post(row), now)])
        return True

    def _ripen_one(self, post: Post, now: float) -> list[tuple[Value, ...]]:
        plan = audience.replies(self._seed, post.network, post.id, self._traits(post))
        pace, start = self._pace_of(post.origin), post.created_at.timestamp()
        shown = self._book.row(
            "SELECT COUNT(*) AS n FROM posts WHERE network = ? AND parent = ? AND origin = ?",
            post.network.value,
            post.id,
            Origin.AUDIENCE.value,
        )
        lines: list[tuple[Value, ...]] = []
        following: float | None = None
        for turn, planned in enumerate(plan[int(shown["n"]) if shown is not None else 0 :]):
            at = start + planned.after / pace
            if at > now:
                following = at
                break
            said = composing.reply(post, planned, at=datetime.fromtimestamp(at, tz=UTC), turn=turn)
            lines.append(self.line(said.post, post.network, said.author, Origin.AUDIENCE))
        self._book.change("UPDATE posts SET next_reply_at = ? WHERE seq = ?", following, post.seq)
        return lines
