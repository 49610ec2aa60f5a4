"""Keeps what people answer: quoted data, made safe to store and show, with the mood it was read in."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from services.domain.metrics import StoredComment
from services.engagement.mood import read_moods
from services.text import tidy_sentence

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from services.domain.metrics import Comment, MeasuredPost, Moods
    from services.ports.clock import Clock
    from services.ports.storage import Store
    from services.ports.workers import Workers

MOST: Final = 2_000
"""Characters of an answer that are kept."""
_NAME: Final = 200
_JOINS: Final = frozenset("\u200d\u200c")
"""Format characters that emoji and some scripts can't do without."""
_UNSEEN: Final = frozenset({"Cc", "Cf", "Co", "Cs"})


class Replies:
    """Answers to our posts."""

    def __init__(self, store: Store, workers: Workers, clock: Clock) -> None:
        """The moods are read in a worker, so that the word list never weighs on the desk."""
        self._store = store
        self._workers = workers
        self._clock = clock

    async def keep(self, post: MeasuredPost, comments: Sequence[Comment]) -> int:
        """Store those not kept yet, each with its mood; gives how many were new.

        Raises `Unavailable` when the worker fails: nothing is kept then, and the next sample brings them again.
        """
        moods = await self._workers.run(read_moods, [comment.text for comment in comments])
        now = self._clock.now()
        stored = [
            StoredComment(
                account_id=post.account_id,
                platform=post.platform,
                post_id=post.id,
                comment=clean(comment),
                mood=mood,
                seen_at=now,
            )
            for comment, mood in zip(comments, moods, strict=True)
        ]
        return await self._store.write(lambda tx: sum(tx.comments.add(one) for one in stored))

    async def moods(self, *, since: datetime, until: datetime, platform: str = "") -> Moods:
        """How the answers written in this time read."""
        return await self._store.read(lambda tx: tx.comments.moods(since=since, until=until, platform=platform))


def clean(comment: Comment) -> Comment:
    """What may be kept and shown of a stranger's words: no unseen characters, no more than fits, only web links."""
    plain = "".join(c for c in comment.text.replace("\r\n", "\n") if _kept(c)).strip()
    text = plain if len(plain) <= MOST else plain[: MOST - 1].rstrip() + "…"
    url = comment.url if comment.url.startswith(("https://", "http://")) else ""
    return replace(comment, text=text, author=tidy_sentence(comment.author, _NAME), url=url)


def _kept(character: str) -> bool:
    return character in "\n\t" or character in _JOINS or unicodedata.category(character) not in _UNSEEN
